// Calling out for campaigns: whom to call next is read first; the person is rung, and then the operator's telephone.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { now } from "../clock.js";
import { day, duration, figure, moment, money, telephone } from "../format.js";
import { callHim, leaveHim, readAbout, readPreviews, skipHim, takeNext } from "../previews.js";
import { update, useStore } from "../store.js";
import { P } from "../texts-previews.js";
import { Button, Choice, Dialog, Timer, rowKeys, useSeconds } from "../widgets.js";
import { shut } from "./back.js";

const ASK_AGAIN_MS = { chosen: 1_000, calling: 1_000 };
const IDLE_MS = 10_000;
const WRITTEN = { amount: money, date: day, moment, phone: telephone, number: figure };
const written = ({ kind, value }) => (WRITTEN[kind] ?? String)(value);

/** The card above the lists; it is there only while campaigns are that the operator calls for. */
export function Previews() {
  const { previews } = useStore();
  const { campaigns, mine } = previews;
  useEffect(() => {
    readPreviews();
    const timer = setInterval(readPreviews, ASK_AGAIN_MS[mine?.stage] ?? IDLE_MS);
    return () => clearInterval(timer);
  }, [mine?.stage]);
  if (!campaigns.length && !mine) return html`<div></div>`;
  const Stage = { reading: Reading, chosen: Calling, calling: Calling }[mine?.stage] ?? Free;
  return html`<section class="box previews" aria-label=${P.title} data-preview=${mine?.stage ?? "none"}>
    <${Stage} campaigns=${campaigns} mine=${mine} />
  </section>`;
}

function Free({ campaigns, mine }) {
  const [chosen, choose] = useState(null);
  const at = campaigns.find(({ id }) => id === (chosen ?? mine?.campaign_id)) ?? campaigns[0];
  return html`<div class="row apart">
      <h2>${P.title}</h2>
      ${at && html`<${Button} label=${P.take} k="nextTarget" kind="main" onClick=${() => takeNext(at.id)} />`}
    </div>
    ${
      campaigns.length > 1
        ? html`<${Choice} name="campaign" label=${P.choose} options=${campaigns} value=${at.id} onChange=${choose} />`
        : html`<p class="words">${at?.title}</p>`
    }
    <p role="status" class=${mine ? "" : "muted"}>${mine ? result(mine) : P.none}</p>`;
}

const result = ({ numbers: [number], called, how }) =>
  `${telephone(number)}. ${called ? `${P.over}: ${how}.` : P.returned}`;

function Reading({ mine }) {
  const { phone, me, link } = useStore();
  const able = phone.state === "registered" && ["ready", "paused"].includes(me?.state) && link.up;
  return html`<div class="row apart">
      <h2>${P.title}: ${mine.campaign}</h2>
      <span>${P.left} <${Left} until=${mine.until} /></span>
    </div>
    <${Facts} about=${mine} />
    <div class="row">
      <${Button} label=${P.call} k="callTarget" kind="yes" icon="☎" disabled=${!able} onClick=${callHim} />
      <${Button} label=${P.skip} k="skipTarget" onClick=${() => update({ dialog: { kind: "skip" } })} />
      <${Button} label=${P.leave} kind="low" onClick=${leaveHim} />
      ${!able && html`<span class="warn">${P.notReady}</span>`}
    </div>`;
}

function Left({ until }) {
  useSeconds(null);
  return html`<strong role="timer">${duration((Date.parse(until) - now()) / 1000)}</strong>`;
}

function Calling({ mine }) {
  const [since] = useState(() => new Date(now()).toISOString());
  return html`<div class="row apart">
      <h2 role="status">☎ ${P[mine.stage]}: ${telephone(mine.numbers[0])}</h2>
      <strong><${Timer} since=${since} /></strong>
    </div>
    <p>${P.answers}</p>
    <${Facts} about=${mine} />`;
}

function Facts({ about: { kind, account, numbers, facts, tries } }) {
  const rows = [
    [P.what, kind],
    ...facts.map((fact) => [fact.title, written(fact)]),
    [P.numbers, numbers.map(telephone).join(", ")],
    [P.account, account],
    [P.tries, tries || ""],
  ].filter(([, value]) => value);
  return html`<dl class="facts">
    ${rows.map(([title, value]) => [html`<dt key=${title}>${title}</dt>`, html`<dd class="strong words">${value}</dd>`])}
  </dl>`;
}

/** What a campaign's call is about, in the talk and at the ring. */
export function CampaignAbout({ call, card }) {
  const { abouts } = useStore();
  const ours = card?.kind === "campaign";
  useEffect(() => {
    if (ours) readAbout(call);
  }, [call, ours]);
  const about = ours && abouts[call];
  return about
    ? html`<section class="box" aria-label=${P.title} data-about=${call}>
        <h3>${P.title}: ${about.campaign}</h3>
        <${Facts} about=${about} />
      </section>`
    : null;
}

export const Skip = () =>
  html`<${Dialog} title=${P.skipTitle} onClose=${shut}
    ><ul class="list" onKeyDown=${rowKeys}>
      ${P.skips.map(
        ({ id, title }, at) =>
          html`<li class="item" key=${id} data-row>
            <span>${title}</span
            ><${Button}
              label=${P.skip}
              data-first=${at === 0 || undefined}
              onClick=${async () => {
                await skipHim(id);
                shut();
              }}
            />
          </li>`,
      )}
    </ul></${Dialog}
  >`;
