// It rings: who, why, and what the robot has learned; one key answers.
import { html, useEffect, useRef } from "../../vendor/preact-htm.js";
import { duration, telephone } from "../format.js";
import { card, useStore } from "../store.js";
import * as talk from "../talk.js";
import { T } from "../texts.js";
import { Button, Mark } from "../widgets.js";
import { Card, Level } from "./card.js";
import { CampaignAbout } from "./preview.js";

export function Ring() {
  const s = useStore();
  const known = card(s);
  const number = known ? telephone(known.caller.number) || T.card.withheld : telephone(s.ring.number);
  const ref = useRef(null);
  useEffect(() => ref.current?.querySelector(".answer button")?.focus({ preventScroll: true }), []);
  return html`<main
    class="incoming"
    data-view="ring"
    data-call=${s.ring.call_id}
    ref=${ref}
    aria-live="assertive"
  >
    <section class="stack loose">
      <p class="row">
        <${Mark} kind="accent" icon="☎">${known?.kind === "campaign" ? T.kinds.campaign : (T.roles[s.ring.role] ?? T.roles.queue)}</${Mark}>
        ${known?.line && html`<${Mark}>${known.line.title}</${Mark}>`}
        ${T.segments[known?.segment] && html`<${Mark}>${T.segments[known.segment]}</${Mark}>`}
        ${known && html`<${Level} level=${known.identification.level} />`}
      </p>
      <h1>${known ? known.caller.name || number : number || T.ring.loading}</h1>
      ${known?.caller.name && html`<p class="number strong">${number}</p>`}
      <${CampaignAbout} call=${s.ring.call_id} card=${known} />
      ${known ? html`<${Why} card=${known} />` : html`<p class="muted">${T.ring.loading}</p>`}
      ${
        s.phone.kind === "desk"
          ? html`<p class="strong">${T.ring.deskPhone}</p>`
          : html`<div class="answer">
              <${Button}
                label=${T.bar.answer}
                k="answer"
                takeKey=${false}
                kind="yes tall"
                onClick=${talk.answer}
              />
            </div>`
      }
      ${
        known?.greeting &&
        html`<div>
          <h3>${T.ring.greeting}</h3>
          <p class="box say words">${known.greeting}</p>
        </div>`
      }
    </section>
    <section class="box"><${Card} brief /></section>
  </main>`;
}

function Why({ card: { robot = {}, waited_seconds: waited, brought_by: by, note } }) {
  return html`<div class="stack">
    <h3>${T.ring.why}</h3>
    <p class="topic words">${robot.topic?.title ?? T.ring.nothing}</p>
    ${(robot.said ?? []).slice(0, 4).map((words, at) => html`<p class="words" key=${at}>«${words}»</p>`)}
    ${by && html`<p>${T.card.by}: <strong>${by}</strong></p>`}
    ${note && html`<p class="box note words">${note}</p>`}
    ${waited > 0 && html`<p class="muted">${T.ring.waited} ${duration(waited)}</p>`}
  </div>`;
}
