// What was found: a table by keyboard and mouse, sorted among what is shown.
import { html, useState } from "../../../vendor/preact-htm.js";
import { duration, joined, moment, plural, telephone } from "../../format.js";
import { Button } from "../../widgets.js";
import { R } from "../texts-talks.js";
import { partName } from "./parts.js";
import { keep, viewed } from "./place.js";

const COLUMNS = {
  at: (row) => Date.parse(row.started_at),
  seconds: (row) => row.seconds,
  number: (row) => row.number ?? "",
  agent: (row, words) => words.agents[row.agent] ?? row.agent ?? "",
  topic: (row, words) => words.topics[row.topic] ?? row.topic ?? "",
};
const NEWEST = "-at";

function compare(one, other) {
  return typeof one === "number" ? one - other : one.localeCompare(other, "ru");
}

/** Rows in the order of a column; "-" before its name turns it round. */
export function sorted(rows, sort, words) {
  const of = COLUMNS[sort.replace("-", "")] ?? COLUMNS.at;
  const way = sort.startsWith("-") ? -1 : 1;
  return [...rows].sort((one, other) => way * compare(of(one, words), of(other, words)));
}

/** How the list is sorted, kept in the address. */
export function useSort() {
  const [sort, setSort] = useState(viewed().sort || NEWEST);
  return [
    sort,
    (column) => {
      const next = sort === column ? `-${column}` : column;
      keep({ sort: next === NEWEST ? "" : next });
      setSort(next);
    },
  ];
}

function Head({ name, sort, onSort, className = "" }) {
  const by = sort.replace("-", "") === name;
  const way = sort.startsWith("-") ? "descending" : "ascending";
  const arrow = way === "descending" ? "▼" : "▲";
  return html`<th class=${className} aria-sort=${by ? way : undefined}>
    <button type="button" class="sorter" onClick=${() => onSort(name)}>
      ${R.list[name]}<span aria-hidden="true">${by ? arrow : "↕"}</span>
    </button>
  </th>`;
}

/** Arrows go from call to call; Enter opens the one where they stop. */
function arrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = event.target.closest("tr[data-row]");
  if (!step || !row) return;
  event.preventDefault();
  const rows = [...row.parentElement.children];
  rows[rows.indexOf(row) + step]?.querySelector(".link").focus();
}

export function List({ search, words, picked, onPick, chosen, onChoose, sort, onSort }) {
  const { rows, next } = search.found;
  if (rows === null) return html`<p class="nothing">${search.fault ? "" : "…"}</p>`;
  if (!rows.length) return html`<p class="nothing">${R.list.none}</p>`;
  const shown = sorted(rows, sort, words);
  const all = rows.every(({ id }) => picked.has(id));
  const pickAll = () => onPick(all ? new Set() : new Set(rows.map(({ id }) => id)));
  const pick = (id) => {
    const now = new Set(picked);
    if (!now.delete(id)) now.add(id);
    onPick(now);
  };
  return html`<table class="talks-table" aria-label=${R.list.label} onKeyDown=${arrows}>
      <thead>
        <tr>
          <th class="pick">
            <input type="checkbox" checked=${all} onChange=${pickAll} aria-label=${R.list.pickAll} />
          </th>
          <${Head} name="at" sort=${sort} onSort=${onSort} />
          <${Head} name="seconds" sort=${sort} onSort=${onSort} className="figure" />
          <${Head} name="number" sort=${sort} onSort=${onSort} />
          <${Head} name="agent" sort=${sort} onSort=${onSort} />
          <${Head} name="topic" sort=${sort} onSort=${onSort} />
        </tr>
      </thead>
      <tbody>
        ${shown.map(
          (row) =>
            html`<${Row}
              key=${row.id}
              row=${row}
              words=${words}
              picked=${picked.has(row.id)}
              onPick=${pick}
              chosen=${row.call_id === chosen}
              onChoose=${onChoose}
            />`,
        )}
      </tbody>
    </table>
    <div class="row talks-more">
      ${
        next &&
        html`<${Button} label=${R.list.more} onClick=${search.more} />
          <span class="muted small">${R.list.rest} ${sort !== NEWEST && R.list.sorted}</span>`
      }
    </div>`;
}

function Row({ row, words, picked, onPick, chosen, onChoose }) {
  const open = () => onChoose(row.call_id, row.id);
  const onClick = ({ target }) => {
    if (!target.closest("input, button")) open();
  };
  const who = words.agents[row.agent] ?? row.agent;
  return html`<tr
    data-row
    data-recording=${row.id}
    class=${chosen ? "chosen" : ""}
    aria-current=${chosen || undefined}
    onClick=${onClick}
  >
    <td class="pick">
      <input
        type="checkbox"
        checked=${picked}
        onChange=${() => onPick(row.id)}
        aria-label=${`${R.list.pick}: ${moment(row.started_at)}`}
      />
    </td>
    <td class="nowrap"><button type="button" class="link" onClick=${open}>${moment(row.started_at)}</button></td>
    <td class="figure">${duration(row.seconds)}</td>
    <td class="nowrap">
      ${(row.came_at && telephone(row.number)) || html`<span class="muted">${row.came_at ? R.list.withheld : R.list.unknown}</span>`}
    </td>
    <td class="cut">${who ?? html`<span class="muted">${R.list.robot}</span>`}</td>
    <td class="about"><${About} row=${row} topic=${words.topics[row.topic] ?? row.topic} /></td>
  </tr>`;
}

const Held = () =>
  html`<strong class="held" title=${R.list.held}
    ><span aria-hidden="true">⚑ </span><span class="only-heard">${R.list.held} </span></strong
  >`;

function About({ row, topic }) {
  const name = row.part && partName(row);
  return html`<span title=${joined([topic, name])}
    >${row.legal_hold && html`<${Held} />`}${joined([topic, name])}</span
  >`;
}

export const counted = (rows) => plural(rows.length, ...R.list.shown);
