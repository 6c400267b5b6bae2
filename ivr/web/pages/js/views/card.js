// The client's card: who, which accounts, what was promised, what was before.
import { html } from "../../vendor/preact-htm.js";
import { now } from "../clock.js";
import { day, figure, joined, moment, money, telephone } from "../format.js";
import { callId, card, update, useStore } from "../store.js";
import { callRow } from "../talk.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { Button, Mark } from "../widgets.js";
import { openRequest } from "./requests.js";
import { openCalls, openStory } from "./story.js";

const LEVELS = { unknown: ["warn", "?"], recognised: ["accent", "☎"], identified: ["good", "✓"] };

export function Level({ level }) {
  const [kind, icon] = LEVELS[level] ?? LEVELS.unknown;
  return html`<${Mark} kind=${kind} icon=${icon}>${T.card[level] ?? T.card.unknown}</${Mark}>`;
}

function Caller({ card: { caller = {}, identification = {}, kind, queue_title: queue } }) {
  return html`<section class="stack caller" aria-label=${T.talk.client}>
    <div>
      <div class="name words">${caller.name || T.card.noName}</div>
      <div class="number">${telephone(caller.number) || T.card.withheld}</div>
    </div>
    <div class="row">
      <${Level} level=${identification.level} />
      ${kind && kind !== "inbound" && html`<${Mark}>${T.kinds[kind]}</${Mark}>`}
      ${queue && html`<${Mark}>${queue}</${Mark}>`}
      ${caller.accessible && html`<${Mark} kind="accent" icon="♿">${T.card.accessible}</${Mark}>`}
    </div>
  </section>`;
}

function Balance({ balance }) {
  if (balance === null || balance === undefined) return null;
  const owed = Number(balance) < 0;
  const words = `${owed ? T.card.debt : T.card.credit} ${money(Math.abs(balance))}`;
  return html`<span class=${`money ${owed ? "bad" : ""}`}>${words}</span>`;
}

const Zone = ({ zone: { name, last } }) =>
  html`<span class="nowrap">${` ${name} `}<strong>${figure(last)}</strong></span>`;

function Account({ account }) {
  const { number, address, holder, balance, balance_at: at, meters = [] } = account;
  return html`<li class="account">
    <div class="row apart">
      <strong>№ ${number}</strong>
      <${Balance} balance=${balance} />
    </div>
    <div class="words">${address}</div>
    <div class="row apart muted small">
      <span class="cut">${holder}</span>${at && html`<span>${T.card.asOf} ${day(at)}</span>`}
    </div>
    ${meters.map(
      (meter) =>
        html`<div class="small words" key=${meter.id}>
          <span class="nowrap">${`${T.card.meter} ${meter.serial}:`}</span>
          ${meter.zones.map((zone) => html`<${Zone} key=${zone.id} zone=${zone} />`)}
          <span class="muted nowrap">${meter.zones[0]?.last_at && ` (${day(meter.zones[0].last_at)})`}</span>
        </div>`,
    )}
  </li>`;
}

const identify = () => update({ dialog: { kind: "identify" } });

function Accounts({ accounts = [], level }) {
  const masked = level !== "identified";
  return html`<section class="part" aria-label=${T.card.accounts}>
    <div class="row apart">
      <h3>${T.card.accounts}</h3>
      ${
        masked &&
        html`<${Button} label=${T.card.open} k="identify" kind="low" takeKey=${false} onClick=${identify} />`
      }
    </div>
    ${
      accounts.length
        ? html`<ul class="stack">
            ${accounts.map((account) => html`<${Account} key=${account.number} account=${account} />`)}
          </ul>`
        : html`<p class="muted">${T.card.noAccounts}</p>`
    }
    ${masked && accounts.some((one) => one.masked) && html`<p class="muted small">${T.card.masked}</p>`}
  </section>`;
}

const late = (iso) => iso && Date.parse(iso) < now();

function Promises({ card: { callbacks = [], tasks = [] } }) {
  if (!callbacks.length && !tasks.length) return null;
  return html`<section class="part" aria-label=${T.card.promised}>
    <h3>${T.card.promised}</h3>
    ${callbacks.map(
      (one) =>
        html`<div class="row apart" key=${one.id}>
          <span>${T.card.callbacks}</span><span>${moment(one.due_from)}</span>
        </div>`,
    )}
    ${tasks.map(
      (one) =>
        html`<div class="row apart" key=${one.id}>
          <span class="words">${one.asked}</span>
          <span class=${late(one.due_at) ? "bad strong" : ""}
            >${late(one.due_at) ? `▲ ${T.lists.late}` : T.card.due} ${moment(one.due_at)}</span
          >
        </div>`,
    )}
  </section>`;
}

function Requests({ requests = [] }) {
  if (!requests.length) return null;
  return html`<section class="part" aria-label=${T.card.requests}>
    <h3>${T.card.requests}</h3>
    ${requests.map(
      (one) =>
        html`<div key=${one.number}>
          <div class="row apart">
            <${Button} label=${one.number} kind="low strong" onClick=${() => openRequest(one.number)} /><span class=${one.overdue ? "bad strong" : "muted"}
              >${one.overdue ? `▲ ${T.lists.late}` : (T.requestStatus[one.status] ?? one.status)}</span
            >
          </div>
          <div class="small words">
            ${one.topic_title ?? one.topic}${one.due_at ? `, ${T.card.due} ${day(one.due_at)}` : ""}
          </div>
        </div>`,
    )}
  </section>`;
}

const visitWhen = ({ starts_at: at, window }) => (window ? `${day(at)}, ${window}` : moment(at));

/** Appointments in offices and visits to the client's home that are still to come. */
function Visits({ visits = [] }) {
  if (!visits.length) return null;
  return html`<section class="part" aria-label=${T.card.visits}>
    <h3>${T.card.visits}</h3>
    ${visits.map(
      (one) =>
        html`<div key=${one.number}>
          <div class="row apart">
            <span>${visitWhen(one)}</span><span class="muted">№ ${one.number}</span>
          </div>
          <div class="small words">${joined([one.office ?? T.visit.home, one.topic])}</div>
        </div>`,
    )}
  </section>`;
}

function Previous({ calls = [], card: { caller, call_id: call } }) {
  return html`<section class="part" aria-label=${T.card.previous}>
    <div class="row apart">
      <h3>${T.card.previous}</h3>
      <div class="row">
        <${Button} label=${O.story.title} kind="low" onClick=${() => openStory(call)} />
        ${caller?.number && html`<${Button} label=${O.story.calls} kind="low" onClick=${() => openCalls(caller.number, call)} />`}
      </div>
    </div>
    ${calls.slice(0, 5).map(
      (one) =>
        html`<div key=${one.call_id} class="small">
          <${Button} label=${moment(one.at)} kind="low" onClick=${() => openStory(one.call_id)} />
          <span class="words">${` ${one.topic ?? ""}`}</span>
          <span class="muted words">${` ${joined([one.result, one.operator], ", ")}`}</span>
        </div>`,
    )}
  </section>`;
}

const Missing = ({ missing }) =>
  missing.length > 0 &&
  html`<p class="warn small" role="status">${`⚠ ${T.card.missing}: ${missing.join(", ")}`}</p>`;

function CallAgain({ card: { caller, call_id: id } }) {
  const call = () => callRow(caller.number, { kind: "card", id });
  return html`<section class="part"><${Button} label=${T.lists.call} icon="☎" onClick=${call} /></section>`;
}

/** The whole card, or without the caller where he is shown beside it; until it is known, a place that does not jump. */
export function Card({ brief = false }) {
  const s = useStore();
  const known = card(s);
  if (!known) return html`<p class="muted">${callId(s) ? T.card.loading : T.card.empty}</p>`;
  return html`<article data-card=${known.call_id}>
    ${!brief && html`<${Caller} card=${known} />`}
    <${Missing} missing=${known.missing ?? []} />
    <${Accounts} accounts=${known.accounts} level=${known.identification?.level} />
    <${Promises} card=${known} /><${Requests} requests=${known.requests} /><${Visits} visits=${known.visits} /><${Previous}
      calls=${known.previous}
      card=${known}
    />
    ${s.wrap && known.caller.number && html`<${CallAgain} card=${known} />`}
  </article>`;
}
