// Call-backs, lost calls and tasks: rows with their deeds.
import { html, useEffect } from "../../vendor/preact-htm.js";
import { duration, moment, plural, telephone } from "../format.js";
import { now } from "../clock.js";
import { update, useStore } from "../store.js";
import { callRow } from "../talk.js";
import { T } from "../texts.js";
import { Button, Mark, rowKeys } from "../widgets.js";
import { readList, take } from "../work.js";

export const isLate = (row) => Boolean(row.due_at ?? row.due_to) && Date.parse(row.due_at ?? row.due_to) < now();

const KINDS = {
  callbacks: { about: "callback", empty: T.lists.emptyCallbacks, title: (row) => telephone(row.phone ?? row.number), said: (row) => [row.topic_title ?? row.topic, row.said && `«${row.said}»`] },
  lost: { about: "lost", empty: T.lists.emptyLost, title: (row) => telephone(row.number ?? row.phone), said: (row) => [row.count > 1 && plural(row.count, ...T.lists.calls), row.waited_seconds && `${T.lists.waited} ${duration(row.waited_seconds)}`, row.topic_title ?? row.topic] },
  tasks: { about: "task", empty: T.lists.emptyTasks, title: (row) => row.asked ?? row.title, said: (row) => [row.topic_title ?? row.topic, telephone(row.phone)] },
};

const when = (name, row) => {
  if (name === "lost") return moment(row.last_at ?? row.at ?? row.lost_at);
  if (name === "callbacks" && !row.due_at) return `${T.lists.from} ${moment(row.due_from)}`;
  return `${T.lists.due} ${moment(row.due_at)}`;
};

function Row({ name, row, able }) {
  const kind = KINDS[name];
  const late = isLate(row);
  const number = row.phone ?? row.number;
  const call = async () => {
    if (row.status === "open" && !(await take(name, row))) return undefined;
    return callRow(number, { kind: kind.about, id: row.id });
  };
  return html`<li class=${`item ${late ? "late" : ""}`} data-row data-id=${row.id}>
    <div><div class="strong words">${kind.title(row)}</div>
      <div class="small muted words">${late && html`<${Mark} kind="bad" icon="▲">${T.lists.late}</${Mark}> `}${when(name, row)}${kind.said(row).filter(Boolean).map((text) => html` · ${text}`)}
        ${row.attempts > 0 && html` · ${T.lists.attempts}: ${row.attempts}`}</div></div>
    <div class="doing">
      ${number && html`<${Button} label=${T.lists.call} icon="☎" disabled=${!able} onClick=${call} />`}
      ${name === "tasks" && html`<${Button} label=${T.lists.postpone} onClick=${() => update({ dialog: { kind: "postpone", name, row } })} />`}
      <${Button} label=${T.lists.done} onClick=${() => update({ dialog: { kind: "close", name, row } })} /></div></li>`;
}

const instantOf = (row) => Date.parse(row.due_at ?? row.due_from ?? row.last_at ?? row.at ?? 0);
const byUrgency = (a, b) => instantOf(a) - instantOf(b);

export function WorkList({ name }) {
  const s = useStore();
  useEffect(() => { readList(name); }, [name]);
  const rows = [...s[name]].sort(byUrgency);
  const able = s.phone.state === "registered" && ["ready", "paused"].includes(s.me?.state) && s.link.up;
  if (!rows.length) return html`<p class="nothing">${KINDS[name].empty}</p>`;
  return html`<ul class="list" onKeyDown=${rowKeys} aria-label=${T.lists[name]}>${rows.map((row) => html`<${Row} key=${row.id} name=${name} row=${row} able=${able} />`)}</ul>`;
}
