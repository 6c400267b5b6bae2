// What is chosen: standard, period, whose calls; and the forms in which a report is taken away.
import { html } from "../../../vendor/preact-htm.js";
import { today } from "../../format.js";
import { F } from "../texts-figures.js";
import { Button, control } from "../../widgets.js";
import { around, plusDays, shifted, spanOf } from "./days.js";
import { NARROWER, questionOf } from "./place.js";

const SPANS = ["today", "yesterday", "week", "month", "quarter"];
const [EARLIEST, LATEST] = ["2000-01-01", "2100-01-01"]; // a year that is being typed passes through all others
const FORMS = ["xlsx", "csv", "html"];

function periodOf(span, place) {
  if (span === "today") return around("day", today());
  if (span === "yesterday") return around("day", plusDays(today(), -1));
  return around(span, place.to < today() ? place.to : today());
}

const isChosen = (span, { from, to }) => {
  const days = { today: today(), yesterday: plusDays(today(), -1) }[span];
  return days ? from === days && to === days : spanOf({ from, to }) === span;
};

export const Choose = ({ place, set, choices }) =>
  html`<div class="fig-choose" role="search" aria-label=${F.choose}>
    <${Period} place=${place} set=${set} />
    <${Forms} place=${place} />
    <div class="fig-narrow">
      <${Pick}
        name="standard"
        label=${F.standard}
        value=${place.standard || choices?.standard}
        options=${(choices?.standards ?? []).map((one) => marked(one, choices.standard))}
        onChange=${(standard) => set({ standard: standard === choices?.standard ? "" : standard })}
      />
      ${NARROWER.map(
        (name) =>
          html`<${Pick}
            key=${name}
            name=${name}
            label=${F[name]}
            none=${F.all}
            value=${place[name]}
            options=${choices?.[`${name}s`] ?? []}
            onChange=${(value) => set({ [name]: value })}
          />`,
      )}
      <${Button}
        label=${F.clear}
        kind="low"
        disabled=${NARROWER.every((name) => !place[name])}
        onClick=${() => set(Object.fromEntries(NARROWER.map((name) => [name, ""])))}
      />
    </div>
  </div>`;

const marked = ({ id, title }, own) => ({ id, title: id === own ? `${title} (${F.own})` : title });

/** A list to choose from; what is chosen stays in it, also when nobody knows it. */
function Pick({ name, label, value, options, none, onChange }) {
  const strange = value && !options.some(({ id }) => id === value);
  return html`<label class="fig-pick ${name}"
    ><span class="label">${label}</span
    ><select ...${control(`figures-${name}`)} onChange=${({ target }) => onChange(target.value)}>
      ${none && html`<option value="" selected=${!value}>${none}</option>`}
      ${strange && html`<option value=${value} selected>${options.length ? `${value} (${F.unknown})` : value}</option>`}
      ${options.map(({ id, title }) => html`<option key=${id} value=${id} selected=${id === value}>${title}</option>`)}
    </select></label
  >`;
}

const isTold = (day) => day >= EARLIEST && day <= LATEST;

function Period({ place, set }) {
  const go = (step) => set(shifted(place, step));
  const typed = (name) => ({ target }) => isTold(target.value) && set({ [name]: target.value });
  const latest = place.to >= today();
  return html`<div class="fig-period" role="group" aria-label=${F.period}>
    <${Button} label="◀" aria-label=${F.earlier} title=${F.earlier} k="earlier" onClick=${() => go(-1)} />
    <${Button} label="▶" aria-label=${F.later} title=${F.later} k="later" disabled=${latest} onClick=${() => go(1)} />
    <div class="choices">
      ${SPANS.map(
        (span) =>
          html`<button
            type="button"
            key=${span}
            class="choice"
            aria-pressed=${isChosen(span, place)}
            onClick=${() => set(periodOf(span, place))}
          >
            ${F.spans[span]}
          </button>`,
      )}
    </div>
    ${["from", "to"].map(
      (name) =>
        html`<label class="fig-day" key=${name}
          ><span class="label">${F[name]}</span
          ><input ...${control(`figures-${name}`)} type="date" value=${place[name]} required onChange=${typed(name)}
        /></label>`,
    )}
  </div>`;
}

/** A file of the same choice: kept by the browser, or shown for printing. */
export function Forms({ place, more = {} }) {
  const question = Object.entries({ ...questionOf(place), ...more }).filter(([, value]) => value);
  return html`<div class="fig-forms" role="group" aria-label=${F.export}>
    ${FORMS.map(
      (form) =>
        html`<a
          key=${form}
          class="button"
          href=${`/api/kpi/report.${form}?${new URLSearchParams(question)}`}
          title=${F.formsHint[form]}
          target=${form === "html" ? "_blank" : undefined}
          rel="noopener"
          download=${form === "html" ? undefined : ""}
          >${F.forms[form]}</a
        >`,
    )}
  </div>`;
}
