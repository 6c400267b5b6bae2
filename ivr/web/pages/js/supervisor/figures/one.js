// One figure in full: what it is, how it went, what it is made of, and the calls themselves.
import { html, useEffect, useRef } from "../../../vendor/preact-htm.js";
import { figure as number } from "../../format.js";
import { linkTo } from "../places.js";
import { F } from "../texts-figures.js";
import { Choice, rowKeys } from "../../widgets.js";
import { useAnswer, useLast } from "./answers.js";
import { Calls } from "./calls.js";
import { Chart } from "./chart.js";
import { elsewhere, questionOf } from "./place.js";
import { Change, RowVerdict, SortHead, Stale, Target, Verdict, days, inOrder, usualBy } from "./parts.js";

const OF_TIME = ["day", "hour", "half-hour", "weekday"];
const BREAKDOWNS = Object.entries(F.by).map(([id, title]) => ({ id, title }));
const BY_DAYS = BREAKDOWNS.filter(({ id }) => id === "day");
const NARROWS = ["line", "topic", "agent", "segment", "queue"];
const VALUES = { value: ({ value }) => value, calls: ({ calls }) => calls, title: ({ title }) => title };

export function One({ place, set }) {
  const by = F.by[place.by] ? place.by : usualBy(place);
  const answer = useAnswer(`/kpi/figures/${encodeURIComponent(place.kpi)}`, { ...questionOf(place), by });
  const told = useLast(answer.told);
  const head = useRef(null);
  useEffect(() => head.current?.focus(), [Boolean(told)]);
  return html`<section class="fig-one" aria-label=${told?.figure.title ?? F.title} aria-busy=${answer.busy}>
    <a class="fig-back" href=${linkTo("figures", elsewhere(place, { kpi: "", by: "" }))}>${`← ${F.back}`}</a>
    <${Stale} answer=${answer} />
    ${told && !answer.refused && html`<${Told} told=${told} place=${place} set=${set} by=${by} head=${head} />`}
    ${!told && !answer.fault && html`<p class="nothing" role="status">${F.loading}</p>`}
  </section>`;
}

function Told({ told, place, set, by, head }) {
  const { figure, points } = told;
  return html`<header class="fig-head">
      <h2 tabindex="-1" ref=${head}>${figure.title}</h2>
      <p class="row">
        <strong class="fig-value">${figure.value_text}</strong><${Verdict} of=${figure.verdict} />
        <span><${Target} figure=${figure} /></span>
      </p>
      <p class="row small">
        <span>${days(told.period)}</span><span class="muted">·</span><span>${number(figure.calls)} ${F.counts[figure.counts]}</span>
        <span class="muted">·</span><${Was} told=${told} />
      </p>
      <p class="small muted">${figure.explanation}</p>
    </header>
    <div class=${figure.has_calls ? "fig-sides" : ""}>
      <div class="fig-side">
        <${Choice}
          label=${F.by_}
          name="figures-by"
          options=${figure.counts === "cases" ? BY_DAYS : BREAKDOWNS}
          value=${by}
          onChange=${(chosen) => set({ by: chosen === usualBy(place) ? "" : chosen })}
        />
        ${points.length > 0 && OF_TIME.includes(told.by) && html`<${Chart} told=${told} />`}
        <${Breakdown} told=${told} place=${place} set=${set} />
      </div>
      ${figure.has_calls && html`<${Calls} place=${place} figure=${figure} />`}
    </div>`;
}

const Was = ({ told: { before, figure } }) =>
  figure.before?.value === null || !figure.before
    ? html`<span class="muted">${F.noBefore}</span>`
    : html`<span>${`${F.was} ${figure.before.value_text} (${days(before)})`}</span> <${Change} before=${figure.before} />`;

function Breakdown({ told, place, set }) {
  if (!told.points.length) return html`<p class="nothing">${told.figure.counts === "cases" ? F.whole : F.noPoints}</p>`;
  const head = { sort: place.sort, onSort: (sort) => set({ sort }) };
  const highest = Math.max(...told.points.map(({ value }) => value ?? 0), 0);
  return html`<table class="fig-points" onKeyDown=${rowKeys}>
    <thead>
      <tr>
        <${SortHead} id="title" label=${told.key_title} ...${head} />
        <${SortHead} id="value" label=${F.columns.value} figure ...${head} />
        <th class="fig-bar" aria-hidden="true"></th>
        <th scope="col">${F.columns.verdict}</th>
        <${SortHead} id="calls" label=${F.columns.calls} figure ...${head} />
      </tr>
    </thead>
    <tbody>
      ${inOrder(told.points, place.sort, VALUES).map(
        (point) => html`<${Point} key=${point.key} point=${point} told=${told} place=${place} highest=${highest} />`,
      )}
    </tbody>
  </table>`;
}

/** Where a row leads: to the same figure of this day, line, topic or operator alone. */
function narrowed(by, { key, days: part }) {
  if (part) return { ...part, by: "" };
  return NARROWS.includes(by) && key ? { [by]: key, by: "" } : null;
}

function Point({ point, told, place, highest }) {
  const { key, title, text, value, verdict, calls } = point;
  const to = narrowed(told.by, point);
  return html`<tr data-row data-key=${key}>
    <td>
      ${
        to && calls
          ? html`<a href=${linkTo("figures", elsewhere(place, to))} title=${F.narrow}>${title}</a>`
          : title
      }
    </td>
    <td class="figure strong">${text}</td>
    <td class="fig-bar" aria-hidden="true"><meter min="0" max=${highest || 1} value=${value ?? 0}></meter></td>
    <td><${RowVerdict} of=${verdict} /></td>
    <td class="figure">${number(calls)}</td>
  </tr>`;
}
