// Reports that are made by themselves: what has arrived, and what has not.
import { html, useState } from "../../../vendor/preact-htm.js";
import { moment } from "../../format.js";
import { F } from "../texts-figures.js";
import { Button, Dialog, Mark } from "../../widgets.js";
import { useAnswer } from "./answers.js";
import { Stale, days } from "./parts.js";

const KINDS = { waiting: "", failing: "warn", done: "good", "given-up": "bad" };
const isLate = ({ state }) => state === "failing" || state === "given-up";

/** A button that tells how many have failed; it opens the list. */
export function Deliveries() {
  const [open, setOpen] = useState(false);
  const answer = useAnswer("/kpi/deliveries");
  const rows = answer.told?.deliveries ?? [];
  const late = rows.filter(isLate).length;
  return html`<${Button}
      label=${late ? `${F.deliveries}: ${F.sent.late} ${late}` : F.deliveries}
      icon=${late ? "▲" : undefined}
      kind=${late ? "low on" : "low"}
      onClick=${() => setOpen(true)}
    />${
      open &&
      html`<${Dialog} title=${F.sent.title} wide onClose=${() => setOpen(false)}
        ><${Stale} answer=${answer} />${
          rows.length ? html`<${Table} rows=${rows} />` : answer.told && html`<p class="nothing">${F.sent.none}</p>`
        }</${Dialog}
      >`
    }`;
}

const Table = ({ rows }) =>
  html`<table class="fig-sent">
    <thead>
      <tr>${F.sent.columns.map((title) => html`<th key=${title} scope="col">${title}</th>`)}</tr>
    </thead>
    <tbody>
      ${rows.map((row) => html`<${Row} key=${`${row.name}.${row.first}.${row.destination}`} row=${row} />`)}
    </tbody>
  </table>`;

function whither(destination) {
  const at = destination.indexOf(":");
  return `${F.sent[destination.slice(0, at)] ?? ""} ${destination.slice(at + 1)}`.trim();
}

const Row = ({ row }) =>
  html`<tr data-state=${row.state}>
    <td class="strong">${row.name}</td>
    <td class="nowrap">${days({ from: row.first, to: row.last })}</td>
    <td class="words">${whither(row.destination)}</td>
    <td>
      <${Mark} kind=${KINDS[row.state]} icon=${F.sent.icons[row.state]}>${F.sent.states[row.state]}</${Mark}>
      ${row.attempts > 1 && html`<div class="small muted">${`${F.sent.attempts}: ${row.attempts}`}</div>`}
      ${row.error && html`<div class="small words">${row.error}</div>`}
    </td>
    <td class="nowrap">${row.done_at ? moment(row.done_at) : row.due_at ? `${F.sent.next} ${moment(row.due_at)}` : ""}</td>
  </tr>`;
