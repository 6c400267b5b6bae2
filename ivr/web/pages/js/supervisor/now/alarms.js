// Alarms: what is wrong, since when, what one can do, and who has seen it.
import { html } from "../../../vendor/preact-htm.js";
import { atAxis } from "../figures/axis.js";
import { duration, figure, joined, moment } from "../../format.js";
import { Button, Mark, Timer, rowKeys } from "../../widgets.js";
import { linkTo } from "../places.js";
import { useStore } from "../store.js";
import { N } from "../texts-now.js";
import { see } from "./data.js";

const GIGABYTE = 1e9;
const LINKED = new Set(["target"]);

const kpiOf = ({ about }) => about.split("/").at(-1);

/** How a value of an alarm reads. */
function valued(alarm, value, figures) {
  if (value === null || value === undefined) return "";
  const { name } = alarm;
  if (name === "wait" || name === "recording") return duration(value);
  if (name === "disk") return `${figure(value / GIGABYTE)} ${N.alarms.gigabytes}`;
  if (name === "database") return `${figure(value)} ${N.alarms.seconds}`;
  if (name === "target") return atAxis(value, figures.find(({ id }) => id === kpiOf(alarm))?.unit);
  return figure(value);
}

/** Which queue, figure or trunk it is, as people call it. */
function aboutOf(alarm, { queues, words, now }) {
  const queue = [...queues.map((one) => ({ id: one.queue, title: one.title })), ...(words.queues ?? [])];
  if (alarm.name === "target") return now.figures?.find(({ id }) => id === kpiOf(alarm))?.title ?? alarm.about;
  return queue.find(({ id }) => id === alarm.about)?.title ?? alarm.about;
}

export function Alarms() {
  const s = useStore();
  const alarms = [...(s.alarms ?? [])].sort((a, b) => Date.parse(b.raised_at) - Date.parse(a.raised_at));
  const open = alarms.filter(({ state }) => state !== "over");
  const over = alarms.filter(({ state }) => state === "over");
  return html`<section class="now-box now-alarms" aria-label=${N.alarms.title}>
    <h3 class="now-head">
      ${N.alarms.title}${open.length > 0 && html` <${Mark} kind="bad" icon="▲">${open.length}</${Mark}>`}
    </h3>
    <ul role="status" onKeyDown=${rowKeys}>
      ${open.map((alarm) => html`<${Alarm} key=${alarm.id} alarm=${alarm} s=${s} />`)}
    </ul>
    ${!open.length && html`<p class="good now-calm">${`✓ ${N.alarms.none}`}</p>`}
    ${over.length > 0 && html`<${Over} alarms=${over} s=${s} />`}
  </section>`;
}

function Alarm({ alarm, s }) {
  const [title, advice] = N.alarms.names[alarm.name];
  const figures = s.now.figures ?? [];
  const limit = valued(alarm, alarm.limit, figures);
  const facts = [joined([N.alarms.units[alarm.name], valued(alarm, alarm.value, figures)], " "), limit && `${N.alarms.limit} ${limit}`];
  const about = aboutOf(alarm, s);
  return html`<li class="now-alarm" data-row data-alarm=${alarm.id} data-state=${alarm.state} title=${advice}>
    <div class="row">
      <strong class="bad">${`▲ ${title}`}</strong>
      ${
        LINKED.has(alarm.name)
          ? html`<a href=${linkTo("figures", { kpi: kpiOf(alarm), from: s.now.moment.day, to: s.now.moment.day })}>${about}</a>`
          : html`<span class="strong words">${about}</span>`
      }
      <span>${joined(facts, ", ")}</span><${Timer} since=${alarm.raised_at} className="muted" />
    </div>
    <div class="now-seen">
      ${
        alarm.seen_at
          ? html`<span class="small muted nowrap" title=${moment(alarm.seen_at)}>${`✓ ${N.alarms.seenBy} ${nameOf(alarm.seen_by, s)}`}</span>`
          : html`<${Button} label=${N.alarms.seen} kind="low" onClick=${() => see(alarm)} aria-label=${`${N.alarms.seen}: ${title}`} />`
      }
    </div>
    ${!alarm.seen_at && html`<p class="small now-advice">${advice}</p>`}
  </li>`;
}

const nameOf = (login, { session, floor }) =>
  [session.user, ...(floor ?? [])].find((one) => one.login === login)?.name ?? login;

const Over = ({ alarms, s }) =>
  html`<details class="small">
    <summary>${`${N.alarms.over}: ${alarms.length}`}</summary>
    <ul>
      ${alarms.map((alarm) => html`<li key=${alarm.id}>${`${moment(alarm.raised_at)} – ${moment(alarm.over_at)} · ${N.alarms.names[alarm.name][0]} · ${aboutOf(alarm, s)}`}</li>`)}
    </ul>
  </details>`;
