// Small parts that the views of «Показатели» share.
import { html } from "../../../vendor/preact-htm.js";
import { clockTime, day } from "../../format.js";
import { F } from "../texts-figures.js";
import { Button, Mark } from "../../widgets.js";
import { spanOf } from "./days.js";

const KINDS = { met: "good", missed: "bad", "no-data": "", "no-target": "" };
const TREND_KINDS = { better: "good", worse: "bad", changed: "", same: "muted" };

/** A verdict by word, shape and colour. */
export const Verdict = ({ of }) =>
  of === "no-target"
    ? html`<span class="muted small">${F.verdicts[of]}</span>`
    : html`<${Mark} kind=${KINDS[of]} icon=${F.icons[of]}>${F.verdicts[of]}</${Mark}>`;

/** The same among many rows: without a frame. */
export const RowVerdict = ({ of }) =>
  of === "no-target"
    ? null
    : html`<span class=${`small nowrap ${KINDS[of] || "muted"}`}
        ><span aria-hidden="true">${F.icons[of]} </span>${F.verdicts[of]}</span
      >`;

/** What has changed since the period before: arrow, how far, and a word. */
export function Change({ before }) {
  if (!before || before.trend === null) return html`<span class="muted">—</span>`;
  const { change, change_text: text, trend } = before;
  const arrow = trend === "same" ? "=" : change > 0 ? "↑" : "↓";
  return html`<span class=${`nowrap ${TREND_KINDS[trend]}`}
    ><span aria-hidden="true">${arrow} </span>${text}${F.trends[trend] && `, ${F.trends[trend]}`}</span
  >`;
}

/** "21 ноября", "1 – 30 ноября", "28 сентября – 4 октября". */
export function days({ from, to }) {
  if (from === to) return day(from);
  const sameMonth = from.slice(0, 7) === to.slice(0, 7);
  return `${sameMonth ? Number(from.slice(8)) : day(from)} – ${day(to)}`;
}

/** A target and where it stands. */
export const Target = ({ figure: { target_text: text, ground } }) =>
  text
    ? html`<span class="nowrap">${text}</span><span class="small muted fig-ground">${ground}</span>`
    : html`<span class="muted" aria-label=${F.noTarget}>—</span>`;

/** What went wrong, and how to go on: choose something else, or try again; of what time what is shown is. */
export function Stale({ answer: { fault, refused, told, at, again } }) {
  if (!fault) return null;
  const how = refused ? F.instead[refused.field] : told && `${F.stale} ${clockTime(new Date(at).toISOString())}.`;
  return html`<div class="box late" role="alert" data-fault>
    <div class="row apart">
      <span><strong>▲ ${fault}</strong> ${how}</span>
      ${!refused && html`<${Button} label=${F.again} onClick=${again} />`}
    </div>
  </div>`;
}

/** The head of a column by which rows can be put in order. */
export function SortHead({ id, label, sort, onSort, figure = false }) {
  const [by, down] = sort.startsWith("-") ? [sort.slice(1), true] : [sort, false];
  const mine = by === id;
  const next = mine ? (down ? "" : `-${id}`) : id;
  return html`<th
    class=${figure ? "figure" : ""}
    scope="col"
    aria-sort=${mine ? (down ? "descending" : "ascending") : undefined}
  >
    <button type="button" class="fig-sort" onClick=${() => onSort(next)}>
      ${label}<span aria-hidden="true">${mine ? (down ? " ▼" : " ▲") : ""}</span>
    </button>
  </th>`;
}

/** Rows in the order of a column: "calls" upwards, "-calls" downwards, "" as they come; nothing known comes last. */
export function inOrder(rows, sort, values) {
  const down = sort.startsWith("-");
  const value = values[down ? sort.slice(1) : sort];
  if (!value) return rows;
  const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b, "ru") : a - b);
  return [...rows].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === null || b === null) return (a === null) - (b === null);
    return down ? compare(b, a) : compare(a, b);
  });
}

/** Of which kind a period is, for its first breakdown: hours of a day, else days. */
export const usualBy = (period) => (spanOf(period) === "day" ? "hour" : "day");
