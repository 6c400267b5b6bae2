// How the talks of each operator were judged, and what was marked in them.
import { html } from "../../../vendor/preact-htm.js";
import { figure, joined } from "../../format.js";
import { rowKeys } from "../../widgets.js";
import { Q } from "../texts-quality.js";
import { spanOf, useRead } from "./data.js";
import { percent } from "./form.js";

const O = Q.operators;

/** The criterion with the least share of its points: "Приветствие 0,5 из 2". */
export function weakest(criteria, means) {
  const judged = criteria
    .filter(({ id }) => id in means)
    .map(({ id, title, levels }) => ({ title, mean: means[id], most: levels.length - 1 }));
  const worst = judged.sort((one, other) => one.mean / one.most - other.mean / other.most)[0];
  return worst && worst.mean < worst.most ? joined([worst.title, `${figure(worst.mean)} ${O.of} ${worst.most}`], ", ") : "";
}

export function Operators({ place, go, words }) {
  const [told] = useRead("/quality/operators", spanOf(place.month));
  if (!told || !words) return html`<p class="nothing">…</p>`;
  const rows = told.operators.filter(({ agent }) => !place.agent || agent === place.agent);
  if (!rows.length) return html`<p class="nothing">${O.none}</p>`;
  const look = (agent, view, more = {}) => go({ view, agent, mark: "", talk: "", ...more });
  return html`<div class="quality-table">
    <table aria-label=${O.label} onKeyDown=${rowKeys}>
      <thead>
        <tr>
          <th>${O.name}</th><th class="figure">${O.score}</th><th class="figure">${O.count}</th><th>${O.weak}</th>
          <th class="figure">${O.open}</th><th class="figure">${O.confirmed}</th><th class="figure">${O.false}</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr data-row data-operator=${row.agent} key=${row.agent}>
              <td><button type="button" class="link" onClick=${() => look(row.agent, "evaluations")}>${row.name}</button></td>
              <td class="figure">${row.score === null ? html`<span class="muted">${O.noScore}</span>` : percent(row.score)}</td>
              <td class="figure">${figure(row.evaluations)}</td>
              <td>${weakest(words.criteria, row.criteria)}</td>
              ${["open", "confirmed", "false"].map((verdict) => html`<td class="figure" key=${verdict}><button type="button" class="link" aria-label=${`${row.name}: ${Q.marks.verdicts[verdict]} ${row.marks[verdict]}`} onClick=${() => look(row.agent, "marks", { verdict })}>${figure(row.marks[verdict])}</button></td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
