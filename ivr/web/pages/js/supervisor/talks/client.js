// Whose call it was: the card, on request only, for each view of it is put down; and the requests made in it.
import { html, useEffect, useState } from "../../../vendor/preact-htm.js";
import { get, part } from "../../api.js";
import { day, joined, telephone } from "../../format.js";
import { attempt } from "../../tell.js";
import { T } from "../../texts.js";
import { Button } from "../../widgets.js";
import { R } from "../texts-talks.js";

export function Card({ callId }) {
  const [card, setCard] = useState(null);
  useEffect(() => setCard(null), [callId]);
  const open = async () => setCard((await attempt(() => get(`/cards/${part(callId)}`))) ?? null);
  if (!card) return html`<div class="row"><${Button} label=${R.call.card} kind="low" onClick=${open} /></div>`;
  const accounts = (card.accounts ?? []).map(({ number, address }) => joined([number, address]));
  return html`<dl class="facts talk-card" data-card=${callId}>
    <dt>${R.call.name}</dt>
    <dd class="words">${joined([card.caller?.name || T.card.noName, telephone(card.caller?.number)])}</dd>
    <dt>${R.call.accounts}</dt>
    <dd class="words">
      ${accounts.length ? accounts.map((one) => html`<div key=${one}>${one}</div>`) : R.call.noAccounts}
    </dd>
  </dl>`;
}

export function Requests({ numbers, words }) {
  const [read, setRead] = useState({});
  const open = async (number) => {
    const told = await attempt(() => get(`/requests/${part(number)}`));
    if (told) setRead((had) => ({ ...had, [number]: told }));
  };
  if (!numbers.length) return null;
  return html`<section class="stack" aria-label=${R.call.requests}>
    <h3>${R.call.requests}</h3>
    <ul class="stack">
      ${numbers.map((number) =>
        read[number]
          ? html`<li key=${number} class="words">${requestLine(read[number], words)}</li>`
          : html`<li key=${number}><${Button} label=${`№ ${number}`} kind="low" onClick=${() => open(number)} /></li>`,
      )}
    </ul>
  </section>`;
}

function requestLine(told, words) {
  const about = told.topic_title ?? words.topics[told.topic] ?? told.topic;
  return joined([
    `№ ${told.number}`,
    about,
    told.status_title,
    told.due_at && `${R.call.due} ${day(told.due_at)}`,
    told.text,
  ]);
}
