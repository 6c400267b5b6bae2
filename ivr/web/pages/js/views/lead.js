// For those who lead: who does what now, the plan of the day, bulletins and their readers, numbers that are kept away.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { fromAddress, toAddress } from "../address.js";
import { del, get, part, post } from "../api.js";
import { now } from "../clock.js";
import { useFloor } from "../floor.js";
import { clockTime, instant, joined, localInput, moment } from "../format.js";
import { may, useStore } from "../store.js";
import { attempt } from "../tell.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { Button, Choice, Field, Mark, Timer, control, rowKeys } from "../widgets.js";
import { Blocked } from "./block.js";
import { Quick } from "./quick.js";

const PARTS = [
  { id: "floor", title: O.lead.floor, right: "desk", view: Floor },
  { id: "shifts", title: O.lead.shifts, right: "desk", view: Shifts },
  { id: "bulletins", title: O.lead.bulletins, right: "desk", view: Bulletins },
  { id: "blocked", title: O.lead.blocked, right: "block", view: Blocked },
];
const allowed = () => PARTS.filter(({ right }) => may(right));

/** Whether the user leads anything. */
export const leads = () => allowed().length > 0;

export function Lead() {
  const parts = allowed();
  const [chosen, setChosen] = useState(fromAddress({ lead: parts[0].id }).lead);
  const { id, view: View } = parts.find((one) => one.id === chosen) ?? parts[0];
  const choose = (lead) => {
    setChosen(lead);
    toAddress({ lead });
  };
  return html`<div class="stack loose" data-lead=${id}>
    <${Choice} name="lead" label=${O.lead.tab} options=${parts} value=${id} onChange=${choose} />
    <${View} key=${id} />
  </div>`;
}

function Floor() {
  const agents = useFloor();
  if (!agents?.length) return html`<p class="nothing">${agents ? O.lead.nobody : "…"}</p>`;
  return html`<ul class="list" aria-label=${O.lead.floor}>
    ${agents.map((one) => html`<${Agent} key=${one.login} agent=${one} />`)}
  </ul>`;
}

function Agent({ agent }) {
  const { queues } = useStore();
  const titles = agent.skills.map((skill) => queues.find(({ queue }) => queue === skill)?.title ?? skill);
  return html`<li class="item" data-agent=${agent.login} data-state=${agent.state}>
    <div>
      <div class="row">
        <strong>${agent.name}</strong><span class="muted">${agent.extension}</span>
        ${!agent.reachable && agent.state !== "offline" && html`<${Mark} kind="bad" icon="▲">${O.lead.unreachable}</${Mark}>`}
        ${agent.missed > 0 && html`<${Mark} kind="warn">${`${O.lead.missed}: ${agent.missed}`}</${Mark}>`}
      </div>
      <div class="small muted words">${titles.join(", ")}</div>
    </div>
    <span class="row"
      ><span aria-hidden="true">${T.lamps[agent.state]}</span
      ><strong>${joined([T.states[agent.state], agent.state === "paused" && agent.reason_title], ": ")}</strong
      >${agent.since && html`<${Timer} since=${agent.since} />`}</span
    >
  </li>`;
}

function useShifts(day) {
  const [rows, setRows] = useState(null);
  useEffect(() => {
    if (!day) return;
    attempt(async () => setRows((await get("/shifts", { first: day, last: day, everybody: "true" })).shifts));
  }, [day]);
  return rows;
}

/** Who should be here when; whoever should be here now and is not is marked. */
function Shifts() {
  const [day, setDay] = useState(localInput(now()).slice(0, 10));
  const rows = useShifts(day);
  const agents = useFloor() ?? [];
  const known = Object.fromEntries(agents.map((agent) => [agent.login, agent]));
  return html`<div class="stack">
    <div class="filters">
      <${Field} name="shifts-day" label=${T.visit.day}
        ><input ...${control("shifts-day")} type="date" value=${day} onInput=${({ target }) => setDay(target.value)}
      /></${Field}>
    </div>
    ${
      rows?.length
        ? html`<ul class="list" aria-label=${O.lead.shifts}>
            ${rows.map((row) => html`<${Shift} key=${row.login} row=${row} agent=${known[row.login]} />`)}
          </ul>`
        : html`<p class="nothing">${rows ? O.lead.noShifts : "…"}</p>`
    }
  </div>`;
}

const span = (since, until) => `${clockTime(since)} – ${clockTime(until)}`;

function Shift({ row, agent }) {
  const due = Date.parse(row.begins_at) <= now() && now() < Date.parse(row.ends_at);
  const here = agent && agent.state !== "offline";
  const breaks = row.breaks.map((one) => span(one.since, one.until)).join(", ");
  return html`<li class="item" data-shift=${row.login}>
    <div>
      <div class="row">
        <strong>${agent?.name ?? row.login}</strong>
        ${due && !here && html`<${Mark} kind="bad" icon="▲">${O.lead.missing}</${Mark}>`}
      </div>
      <div class="small muted">${breaks && `${T.home.breaks}: ${breaks}`}</div>
    </div>
    <strong>${span(row.begins_at, row.ends_at)}</strong>
  </li>`;
}

const BULLETIN = [
  { name: "text", type: "area", label: O.lead.text, required: true },
  { name: "since", type: "moment", label: O.lead.since, hint: O.lead.sinceHint },
  { name: "until", type: "moment", label: O.lead.until, required: true },
  { name: "urgent", type: "check", label: O.lead.urgent },
];
const HOUR_MS = 3_600_000;

function Bulletins() {
  const [rows, setRows] = useState(null);
  const names = Object.fromEntries((useFloor() ?? []).map(({ login, name }) => [login, name]));
  const read = () => attempt(async () => setRows((await get("/bulletins/all")).bulletins));
  useEffect(() => {
    read();
  }, []);
  const write = async ({ text, since, until, urgent }) => {
    await post("/bulletins", { text, urgent, since: instant(since), until: instant(until) });
    await read();
  };
  const down = ({ id }) =>
    attempt(async () => {
      await del(`/bulletins/${part(id)}`);
      await read();
    });
  return html`<div class="stack loose">
    <section class="stack" aria-label=${O.lead.write}>
      <h3>${O.lead.write}</h3>
      <${Quick}
        name="bulletin"
        fields=${BULLETIN}
        initial=${{ text: "", since: "", until: localInput(now() + 8 * HOUR_MS), urgent: false }}
        submit=${O.lead.put}
        go=${write}
      />
    </section>
    <ul class="list" onKeyDown=${rowKeys} aria-label=${O.lead.bulletins}>
      ${rows?.map((row) => html`<${Bulletin} key=${row.id} row=${row} names=${names} down=${down} />`)}
    </ul>
  </div>`;
}

function Bulletin({ row, names, down }) {
  const over = Date.parse(row.until) <= now();
  const readers = row.readers.map((login) => names[login] ?? login);
  return html`<li class="item" data-row data-bulletin=${row.id} tabindex=${over ? 0 : undefined}>
    <div>
      <div class="words">${row.urgent && html`<${Mark} kind="bad" icon="▲">${T.home.urgent}</${Mark}> `}${row.text}</div>
      <div class="small muted words">
        ${joined([`${moment(row.since)} — ${moment(row.until)}`, over && O.lead.over, row.written_by])}
      </div>
      <div class="small words">
        ${readers.length ? `${O.lead.readers} ${readers.length}: ${readers.join(", ")}` : O.lead.unread}
      </div>
    </div>
    ${!over && html`<div class="doing"><${Button} label=${O.lead.down} onClick=${() => down(row)} /></div>`}
  </li>`;
}
