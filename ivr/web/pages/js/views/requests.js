// The list of requests: filters, which the address keeps, and what is overdue in red with a word.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { fromAddress, toAddress } from "../address.js";
import { get } from "../api.js";
import { usePeople } from "../floor.js";
import { day, joined, listed } from "../format.js";
import { update, useStore } from "../store.js";
import { attempt } from "../tell.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { Button, Choice, Field, Mark, Options, Suggested, control, rowKeys } from "../widgets.js";

const TYPED_MS = 250;
const MOST = 200;
const PART = 50;
const SHOW = [
  { id: "open", title: T.lists.open },
  { id: "overdue", title: T.lists.overdue },
  { id: "mine", title: T.lists.mine },
  { id: "all", title: T.lists.all },
];
const FILTER = { show: "open", status: "", kind: "", topic: "", who: "", text: "", since: "", until: "" };

/** Open a request in full. */
export const openRequest = (number, back = null) => update({ dialog: { kind: "request", number, back } });

function queryOf({ show, status, kind, topic, who, text, since, until }, login, limit) {
  const owed = !status && (show === "open" || show === "mine");
  return {
    text: text.trim(),
    status,
    kind,
    topic,
    since,
    until,
    limit,
    open: owed ? "true" : "",
    overdue: show === "overdue" ? "true" : "",
    responsible: show === "mine" ? login : who.trim(),
  };
}

function useRequests(filter, limit) {
  const { session, steps } = useStore();
  const [told, setTold] = useState(null);
  useEffect(() => {
    let latest = true;
    const read = async () => {
      const answer = await get("/requests", queryOf(filter, session.user.login, limit));
      if (latest) setTold(answer);
    };
    const timer = setTimeout(() => attempt(read), filter.text || filter.who ? TYPED_MS : 0);
    return () => {
      latest = false;
      clearTimeout(timer);
    };
  }, [JSON.stringify(filter), limit, steps]);
  return told;
}

export function Requests() {
  const [filter, setFilter] = useState(() => fromAddress(FILTER));
  const [limit, setLimit] = useState(PART);
  const told = useRequests(filter, limit);
  const set = (patch) => {
    setLimit(PART);
    setFilter({ ...filter, ...patch });
    toAddress(patch);
  };
  useEffect(() => {
    const { request } = fromAddress({ request: "" });
    if (request) openRequest(request);
  }, []);
  return html`<div class="stack">
    <${Filters} filter=${filter} set=${set} />
    <${Rows} rows=${told?.requests} />
    ${told?.total > told?.requests.length && html`<${More} told=${told} limit=${limit} onMore=${() => setLimit(MOST)} />`}
  </div>`;
}

function Filters({ filter, set }) {
  const { words } = useStore();
  const people = usePeople();
  const pick = (name, label, options) =>
    html`<${Field} name=${`requests-${name}`} label=${label}
      ><select ...${control(`requests-${name}`)} onChange=${({ target }) => set({ [name]: target.value })}>
        <${Options} options=${options} value=${filter[name]} none=${T.lists.all} /></select
    ></${Field}>`;
  const typed = (name, label, type) =>
    html`<${Field} name=${`requests-${name}`} label=${label}
      ><input
        ...${control(`requests-${name}`)}
        type=${type}
        value=${filter[name]}
        maxlength="100"
        onInput=${({ target }) => set({ [name]: target.value })}
    /></${Field}>`;
  return html`<div class="filters" role="search" aria-label=${O.list.filters}>
    <div class="row apart whole">
      <${Choice}
        name="requests-show"
        label=${O.list.show}
        options=${SHOW}
        value=${filter.show}
        onChange=${(show) => set({ show })}
      />
      <${Button} label=${O.list.clear} kind="low" onClick=${() => set(FILTER)} />
    </div>
    ${typed("text", O.list.text, "search")}
    ${pick("status", T.lists.state, listed(T.requestStatus))}
    ${pick("kind", T.lists.kind, listed(T.request.kinds))}
    ${pick("topic", T.lists.topic, words.topics ?? [])}
    <${Suggested}
      name="requests-who"
      label=${T.lists.who}
      options=${people}
      value=${filter.who}
      onChange=${(who) => set({ who })}
    />
    ${typed("since", O.list.since, "date")} ${typed("until", O.list.until, "date")}
  </div>`;
}

function Rows({ rows }) {
  const { words } = useStore();
  if (!rows?.length) return html`<p class="nothing">${rows ? T.lists.empty.requests : "…"}</p>`;
  const titles = Object.fromEntries((words.topics ?? []).map(({ id, title }) => [id, title]));
  return html`<ul class="list" onKeyDown=${rowKeys} aria-label=${T.lists.requests}>
    ${rows.map((row) => html`<${Row} key=${row.number} row=${row} topic=${titles[row.topic] ?? row.topic} />`)}
  </ul>`;
}

const Row = ({ row, topic }) =>
  html`<li class=${`item ${row.overdue ? "late" : ""}`} data-row data-number=${row.number}>
    <div>
      <div class="row">
        <strong class="nowrap">${row.number}</strong><${Mark}>${row.kind_title}</${Mark}>
        ${row.overdue && html`<${Mark} kind="bad" icon="▲">${T.lists.late}</${Mark}>`}
      </div>
      <div class="words">${joined([topic, row.client, row.account && `№ ${row.account}`])}</div>
      <div class="small muted">
        ${joined([row.status_title, row.due_at && `${T.lists.due} ${day(row.due_at)}`, row.responsible_name])}
      </div>
    </div>
    <div class="doing"><${Button} label=${O.request.open} onClick=${() => openRequest(row.number)} /></div>
  </li>`;

const More = ({ told: { requests, total }, limit, onMore }) =>
  html`<p class="row apart muted">
    <span>${`${O.list.shown} ${requests.length} ${O.list.of} ${total}`}</span>
    ${limit < MOST ? html`<${Button} label=${O.list.more} onClick=${onMore} />` : html`<span>${O.list.narrow}</span>`}
  </p>`;
