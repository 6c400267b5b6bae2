// Bulletins: writing them, for whom and until when; who has read them; taking them down.
import { html, useEffect, useRef, useState } from "../../vendor/preact-htm.js";
import { del, get, part, post } from "../api.js";
import { now } from "../clock.js";
import { useFloor } from "../floor.js";
import { instant, joined, localInput, moment } from "../format.js";
import { useStore } from "../store.js";
import { attempt } from "../tell.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { Button, Mark, rowKeys } from "../widgets.js";
import { Quick } from "./quick.js";

const HOUR_MS = 3_600_000;
const EVERYBODY = "everybody";

const fieldsOf = (queues) => [
  { name: "text", type: "area", label: O.lead.text, required: true },
  { name: "since", type: "moment", label: O.lead.since, hint: O.lead.sinceHint },
  { name: "until", type: "moment", label: O.lead.until, required: true },
  {
    name: "queue",
    type: "select",
    label: O.lead.whom,
    options: [
      { id: EVERYBODY, title: O.lead.everybody },
      ...queues.map(({ queue, title }) => ({ id: queue, title: title ?? queue })),
    ],
    required: true,
  },
  { name: "urgent", type: "check", label: O.lead.urgent },
];
const fresh = () => ({
  text: "",
  since: "",
  until: localInput(now() + 8 * HOUR_MS),
  queue: EVERYBODY,
  urgent: false,
});

export function Bulletins() {
  const { queues } = useStore();
  const [rows, setRows] = useState(null);
  const key = useRef(crypto.randomUUID()); // the same until it is put up: pressed again, it is put up once
  const names = Object.fromEntries((useFloor() ?? []).map(({ login, name }) => [login, name]));
  const titles = Object.fromEntries(queues.map(({ queue, title }) => [queue, title]));
  const read = () => attempt(async () => setRows((await get("/bulletins/all")).bulletins));
  useEffect(() => {
    read();
  }, []);
  const write = async ({ text, since, until, queue, urgent }) => {
    const whom = queue === EVERYBODY ? "" : queue;
    const times = { since: instant(since), until: instant(until) };
    await post("/bulletins", { key: key.current, text, urgent, queue: whom, ...times });
    key.current = crypto.randomUUID();
    await read();
  };
  const down = async ({ id }) => {
    await attempt(() => del(`/bulletins/${part(id)}`));
    await read();
  };
  return html`<div class="stack loose">
    <section class="stack" aria-label=${O.lead.write}>
      <h3>${O.lead.write}</h3>
      <${Quick} name="bulletin" fields=${fieldsOf(queues)} initial=${fresh()} submit=${O.lead.put} go=${write} />
    </section>
    <ul class="list" onKeyDown=${rowKeys} aria-label=${O.lead.bulletins}>
      ${rows?.map((row) => html`<${Bulletin} key=${row.id} row=${row} names=${names} titles=${titles} down=${down} />`)}
    </ul>
  </div>`;
}

function Bulletin({ row, names, titles, down }) {
  const over = Date.parse(row.until) <= now();
  const readers = row.readers.map((login) => names[login] ?? login);
  const whom = row.queue ? `${O.lead.forQueue} ${titles[row.queue] ?? row.queue}` : O.lead.forAll;
  return html`<li class="item" data-row data-bulletin=${row.id} tabindex=${over ? 0 : undefined}>
    <div>
      <div class="words">${row.urgent && html`<${Mark} kind="bad" icon="▲">${T.home.urgent}</${Mark}> `}${row.text}</div>
      <div class="small muted words">
        ${joined([`${moment(row.since)} — ${moment(row.until)}`, over && O.lead.over, whom, names[row.written_by] ?? row.written_by])}
      </div>
      <div class="small words">
        ${readers.length ? `${O.lead.readers} ${readers.length}: ${readers.join(", ")}` : O.lead.unread}
      </div>
    </div>
    ${!over && html`<div class="doing"><${Button} label=${O.lead.down} onClick=${() => down(row)} /></div>`}
  </li>`;
}
