// Between calls: the shift and bulletins on the left, work to be done on the right.
import { html } from "../../vendor/preact-htm.js";
import { toAddress } from "../address.js";
import { day, moment, span } from "../format.js";
import { update, useStore } from "../store.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { Button, Tabs } from "../widgets.js";
import { readBulletin } from "../work.js";
import { Days } from "./days.js";
import { Knowledge } from "./kb.js";
import { Lead, leads } from "./lead.js";
import { WorkList, isLate } from "./lists.js";
import { Previews } from "./preview.js";
import { Requests } from "./requests.js";

const LISTS = ["callbacks", "lost", "tasks", "requests", "kb", "visits"];

const choose = (list) => {
  update({ list });
  toAddress({ list });
};

export function Home() {
  const s = useStore();
  const lists = leads() ? [...LISTS, "lead"] : LISTS;
  const tabs = lists.map((id, at) => ({
    id,
    title: T.lists[id] ?? T.panes[id] ?? O[id].tab,
    k: `pane${at + 1}`,
    count: s[id]?.length,
    late: (s[id] ?? []).some?.(isLate),
  }));
  const list = lists.includes(s.list) ? s.list : LISTS[0];
  const view = { requests: Requests, kb: Knowledge, visits: Days, lead: Lead }[list] ?? WorkList;
  return html`<main class="sides between" data-view="home">
    <aside class="side left"><${Shift} shift=${s.shift} /><${Bulletins} bulletins=${s.bulletins} /></aside>
    <section class="side right above">
      <${Previews} />
      <${Tabs} label=${T.home.work} tabs=${tabs} value=${list} onChange=${choose} />
      <div class="pane" role="tabpanel" key=${list}><${view} name=${list} /></div>
    </section>
  </main>`;
}

function Shift({ shift }) {
  return html`<section class="stack" aria-label=${T.home.shift}>
    <h2>${T.home.shift}</h2>
    ${
      shift
        ? html`<dl class="facts">
            <dt>${day(shift.begins_at)}</dt>
            <dd class="strong">${span(shift.begins_at, shift.ends_at)}</dd>
            ${
              shift.breaks.length > 0 &&
              html`<dt>${T.home.breaks}</dt>
                <dd>
                  ${shift.breaks.map((one) => html`<div key=${one.since}>${span(one.since, one.until)}</div>`)}
                </dd>`
            }
          </dl>`
        : html`<p class="muted">${T.home.noShift}</p>`
    }
  </section>`;
}

function Bulletins({ bulletins }) {
  return html`<section class="part stack" aria-label=${T.home.bulletins} aria-live="polite">
    <h2>${T.home.bulletins}</h2>
    ${
      bulletins.length
        ? bulletins
            .filter((one) => !one.read_at)
            .map(
              (one) =>
                html`<article class=${`box ${one.urgent ? "late" : "note"}`} key=${one.id}>
                  ${one.urgent && html`<strong class="bad">▲ ${T.home.urgent}</strong>`}
                  <p class="words">${one.text}</p>
                  <div class="row apart">
                    <span class="muted small">${T.home.till} ${moment(one.until)}</span
                    ><${Button} label=${T.home.read} kind="low" onClick=${() => readBulletin(one)} />
                  </div>
                </article>`,
            )
        : html`<p class="muted">${T.home.noBulletins}</p>`
    }
  </section>`;
}
