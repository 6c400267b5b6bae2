// Call-backs, lost calls and tasks: rows with their deeds.
import { html, useEffect } from "../../vendor/preact-htm.js";
import { duration, moment, plural, telephone } from "../format.js";
import { now } from "../clock.js";
import { update, useStore } from "../store.js";
import { callPromised, callRow } from "../talk.js";
import { T } from "../texts.js";
import { Button, Mark, rowKeys } from "../widgets.js";
import { readList } from "../work.js";

export const isLate = (row) => row.overdue ?? (Boolean(row.due_at) && Date.parse(row.due_at) < now());

const lostText = ({ calls, waited_seconds: waited, stage }) => [
  calls > 1 && plural(calls, ...T.lists.calls),
  waited > 0 && `${T.lists.waited} ${duration(waited)}`,
  T.lists.lostBy[stage],
];

const KINDS = {
  callbacks: {
    title: (row) => telephone(row.phone),
    when: (row) => `${T.lists.from} ${moment(row.next_at ?? row.due_from)}`,
    said: (row, topic) => [
      topic,
      row.said && `«${row.said}»`,
      row.failures > 0 && `${T.lists.attempts}: ${row.failures}`,
    ],
    call: (row) => callPromised("callbacks", row),
    at: (row) => row.next_at ?? row.due_from,
  },
  lost: {
    title: (row) => telephone(row.phone),
    when: (row) => moment(row.last_at),
    said: lostText,
    call: (row) => callPromised("lost", row),
    at: (row) => row.last_at,
  },
  tasks: {
    title: (row) => row.question,
    when: (row) => `${T.lists.due} ${moment(row.due_at)}`,
    said: (row, topic) => [
      row.kind === "control-call" && T.lists.control,
      row.kind === "survey" && T.lists.survey,
      topic,
      telephone(row.phone),
      row.call_at && `${T.lists.agreed} ${moment(row.call_at)}`,
    ],
    call: (row) => callRow("", { kind: "task", id: row.id }, row.phone),
    at: (row) => row.due_at,
  },
};

function Row({ name, row, able }) {
  const { words, session } = useStore();
  const kind = KINDS[name];
  const late = isLate(row);
  const topic = words.topics?.find(({ id }) => id === row.topic)?.title;
  const others = row.taken_by && row.taken_by !== session.user.login;
  const facts = [
    kind.when(row),
    ...kind.said(row, topic),
    others && `${T.lists.taken} ${row.taken_by}`,
  ].filter(Boolean);
  const ask = (dialog) => () => update({ dialog: { kind: dialog, name, row } });
  return html`<li class=${`item ${late ? "late" : ""}`} data-row data-id=${row.id}>
    <div>
      <div class="strong words">${kind.title(row)}</div>
      <div class="small muted words">
        ${late && html`<${Mark} kind="bad" icon="▲">${T.lists.late}</${Mark}> `}${facts.join(" · ")}
      </div>
    </div>
    <div class="doing">
      ${row.phone && html`<${Button} label=${T.lists.call} icon="☎" disabled=${!able || others} onClick=${() => kind.call(row)} />`}
      ${name !== "lost" && html`<${Button} label=${T.lists.postpone} disabled=${others} onClick=${ask("postpone")} />`}
      <${Button} label=${T.lists.done} disabled=${others} onClick=${ask("close")} />
    </div>
  </li>`;
}

export function WorkList({ name }) {
  const s = useStore();
  useEffect(() => {
    readList(name);
  }, [name]);
  const order = (a, b) => Date.parse(KINDS[name].at(a)) - Date.parse(KINDS[name].at(b));
  const rows = [...s[name]].sort(name === "lost" ? (a, b) => order(b, a) : order);
  const able = s.phone.state === "registered" && ["ready", "paused"].includes(s.me?.state) && s.link.up;
  if (!rows.length) return html`<p class="nothing">${T.lists.empty[name]}</p>`;
  return html`<ul class="list" onKeyDown=${rowKeys} aria-label=${T.lists[name]}>
    ${rows.map((row) => html`<${Row} key=${row.id} name=${name} row=${row} able=${able} />`)}
  </ul>`;
}
