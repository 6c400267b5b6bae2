// In a call: the client on the left, work on the right.
import { html } from "../../vendor/preact-htm.js";
import { moment } from "../format.js";
import { callId, card, update, useStore } from "../store.js";
import { T } from "../texts.js";
import { Mark, Tabs } from "../widgets.js";
import { Card } from "./card.js";
import { Knowledge } from "./kb.js";
import { CampaignAbout } from "./preview.js";
import { Readings } from "./readings.js";
import { RequestForm } from "./request.js";
import { TaskForm } from "./task.js";
import { Visits } from "./visit.js";
import { WrapUp } from "./wrapup.js";

const PANES = ["talk", "kb", "readings", "request", "visit", "task", "wrap"];
const VIEWS = {
  talk: Conversation,
  kb: Knowledge,
  readings: Readings,
  request: RequestForm,
  visit: Visits,
  task: TaskForm,
  wrap: WrapUp,
};

export function Talk() {
  const s = useStore();
  const Pane = VIEWS[s.pane];
  const tabs = PANES.map((id, at) => ({ id, title: T.panes[id], k: `pane${at + 1}` }));
  return html`<main class="sides" data-view=${s.talk ? "talk" : "wrap"} data-call=${callId(s)}>
    <aside class="side left"><${Card} /></aside>
    <section class="side right">
      <${Tabs} label=${T.home.work} tabs=${tabs} value=${s.pane} onChange=${(pane) => update({ pane })} />
      <div class="pane" role="tabpanel" key=${`${callId(s)}.${s.pane}`}>
        <${Pane} call=${callId(s)} card=${card(s)} />
      </div>
    </section>
  </main>`;
}

/** How to begin, what the robot learned, and what was said. */
function Conversation({ card: known }) {
  if (!known) return html`<p class="muted">${T.card.loading}</p>`;
  const { robot = {} } = known;
  return html`<div class="stack loose">
    ${known.greeting && html`<p class="box say words" aria-label=${T.talk.greeting}>${known.greeting}</p>`}
    <${CampaignAbout} call=${known.call_id} card=${known} />
    <${Brought} card=${known} />
    <div class="row">
      ${robot.topic && html`<${Mark} kind="accent">${T.talk.topic}: ${robot.topic.title}</${Mark}>`}
      ${robot.silent && html`<${Mark} kind="warn">${T.talk.silent}</${Mark}>`}
      ${robot.outcome && html`<span class="muted">${T.talk.outcome}: ${robot.outcome}</span>`}
    </div>
    <${Transcript} turns=${robot.transcript ?? []} said=${robot.said ?? []} />
  </div>`;
}

/** Who handed the client over, and what he noted. */
function Brought({ card: { brought_by: by, note } }) {
  if (!note) return by && html`<p>${T.card.by}: <strong>${by}</strong></p>`;
  return html`<div class="box note">
    <h3>${T.talk.note}${by ? `: ${by}` : ""}</h3>
    <p class="words">${note}</p>
  </div>`;
}

function Transcript({ turns, said }) {
  const rows = turns.length ? turns : said.map((text) => ({ who: "caller", text }));
  return html`<section class="stack">
    <h3>${T.talk.said}</h3>
    ${
      rows.length
        ? html`<ol class="speech">
            ${rows.map(
              ({ who, text, at }, n) =>
                html`<li key=${n} class=${who === "caller" ? "caller" : "robot"}>
                  <span class="from"
                    >${who === "caller" ? T.talk.client : T.talk.robot}${at ? `, ${moment(at).split(" ").at(-1)}` : ""}</span
                  >${text}
                </li>`,
            )}
          </ol>`
        : html`<p class="muted">${T.talk.quiet}</p>`
    }
  </section>`;
}
