// Figures of answers with their units, intervals, and a word where there are few.
import { html } from "../../../vendor/preact-htm.js";
import { U } from "../texts-satisfaction.js";

const SHARE = new Intl.NumberFormat("ru", { maximumFractionDigits: 0 });
const SCORE = new Intl.NumberFormat("ru", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const shown = {
  share: (value) => `${SHARE.format(value * 100)} %`,
  nps: (value) => `${value > 0 ? "+" : ""}${SHARE.format(value * 100)}`.replace("-", "−"),
  score: (value) => SCORE.format(value),
};

const bounds = {
  share: ({ low, high }) => `${SHARE.format(low * 100)}–${SHARE.format(high * 100)} %`,
  nps: ({ low, high }) => `${shown.nps(low)}…${shown.nps(high)}`,
  score: ({ low, high }) => `${SCORE.format(low)}–${SCORE.format(high)}`,
};

/** A word where there are few answers. */
export const Few = ({ of }) => (of.few ? html`<span class="small sat-few" title=${U.fewHow}>${U.few}</span>` : null);

/** A figure with its interval. */
export function Told({ of, as = "share" }) {
  if (of.value === null) return html`<span class="muted">—</span>`;
  return html`<span class="sat-told"
    ><strong>${shown[as](of.value)}</strong>${
      of.low !== null && html`<span class="small muted sat-bounds" title=${`${U.interval} ${bounds[as](of)}`}>${bounds[as](of)}</span>`
    }</span
  >`;
}

/** As text, for labels. */
export const text = (of, as = "share") => (of.value === null ? "—" : shown[as](of.value));
