// The list of requests: filters, and what is overdue in red with a word.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { get, part, post } from "../api.js";
import { day, joined } from "../format.js";
import { useStore } from "../store.js";
import { attempt } from "../tell.js";
import { T } from "../texts.js";
import { Button, Choice, Field, Mark, control, rowKeys } from "../widgets.js";

const TYPED_MS = 250;
const SHOW = [
  { id: "open", title: T.lists.open },
  { id: "overdue", title: T.lists.overdue },
  { id: "mine", title: T.lists.mine },
  { id: "all", title: T.lists.all },
];
const OPEN = ["registered", "in_progress", "prolonged"];

function queryOf({ show, text, kind }, login) {
  return {
    text: text.trim(),
    kind,
    limit: 100,
    open: show === "open" || show === "mine" ? "true" : "",
    overdue: show === "overdue" ? "true" : "",
    responsible: show === "mine" ? login : "",
  };
}

function useRequests(filter) {
  const { session } = useStore();
  const [rows, setRows] = useState(null);
  const read = () =>
    attempt(async () => {
      const answer = await get("/requests", queryOf(filter, session.user.login));
      setRows(answer.requests);
    });
  useEffect(() => {
    const timer = setTimeout(read, filter.text ? TYPED_MS : 0);
    return () => clearTimeout(timer);
  }, [filter.show, filter.text, filter.kind]);
  return [rows, read];
}

export function Requests() {
  const [filter, setFilter] = useState({ show: "open", text: "", kind: "" });
  const [rows, read] = useRequests(filter);
  const set = (patch) => setFilter({ ...filter, ...patch });
  return html`<div class="stack">
    <div class="row apart">
      <${Choice}
        name="requests-show"
        label=${T.lists.status}
        options=${SHOW}
        value=${filter.show}
        onChange=${(show) => set({ show })}
      />
      <div class="row">
        <${Field} name="requests-kind" label=${T.lists.kind}
          ><select ...${control("requests-kind")} onChange=${({ target }) => set({ kind: target.value })}>
            <option value="">${T.lists.all}</option>
            ${Object.entries(T.request.kinds).map(([id, title]) => html`<option key=${id} value=${id}>${title}</option>`)}
          </select></${Field}
        >
        <${Field} name="requests-text" label=${T.lists.filter}
          ><input
            ...${control("requests-text")}
            type="search"
            value=${filter.text}
            onInput=${({ target }) => set({ text: target.value })}
        /></${Field}>
      </div>
    </div>
    <${Rows} rows=${rows} read=${read} />
  </div>`;
}

function Rows({ rows, read }) {
  const { words } = useStore();
  if (!rows?.length) return html`<p class="nothing">${rows ? T.lists.empty.requests : "…"}</p>`;
  const titles = Object.fromEntries((words.topics ?? []).map(({ id, title }) => [id, title]));
  return html`<ul class="list" onKeyDown=${rowKeys} aria-label=${T.lists.requests}>
    ${rows.map((row) => html`<${Row} key=${row.number} row=${row} topic=${titles[row.topic] ?? row.topic} read=${read} />`)}
  </ul>`;
}

function Row({ row, topic, read }) {
  const open = OPEN.includes(row.status);
  const answered = () =>
    attempt(async () => {
      await post(`/requests/${part(row.number)}/answer`, { channel: "phone", satisfied: true });
      await read();
    });
  return html`<li class=${`item ${row.overdue ? "late" : ""}`} data-row tabindex=${open ? undefined : 0}>
    <div>
      <div class="row">
        <strong class="nowrap">${row.number}</strong><${Mark}>${row.kind_title}</${Mark}>
        ${row.overdue && html`<${Mark} kind="bad" icon="▲">${T.lists.late}</${Mark}>`}
      </div>
      <div class="words">${topic}</div>
      <div class="small muted">
        ${joined([row.status_title, row.due_at && `${T.lists.due} ${day(row.due_at)}`, row.responsible_name])}
      </div>
    </div>
    <div class="doing">${open && html`<${Button} label=${T.lists.answered} onClick=${answered} />`}</div>
  </li>`;
}
