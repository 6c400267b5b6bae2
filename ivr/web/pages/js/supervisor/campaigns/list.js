// All campaigns, the latest first: state, how far, why one has stopped.
import { html } from "../../../vendor/preact-htm.js";
import { day, figure, joined } from "../../format.js";
import { Button, Mark, rowKeys } from "../../widgets.js";
import { C } from "../texts-campaigns.js";

export function List({ told, fault, place, go }) {
  return html`<section class="camp-list" aria-label=${C.list}>
    <div class="row camp-tools">
      <${Button} label=${C.make} kind="main" icon="+" onClick=${() => go({ make: "new" })} />
      <${Button} label=${C.refusals} kind=${place.make === "refusals" ? "on" : ""} onClick=${() => go({ make: "refusals" })} />
    </div>
    ${fault && html`<p class="box late" role="alert">▲ ${fault}</p>`}
    ${!told && !fault && html`<p class="nothing" role="status">${C.loading}</p>`}
    ${
      told &&
      (told.campaigns.length
        ? html`<ul class="list" onKeyDown=${rowKeys}>
            ${told.campaigns.map((one) => html`<${Item} key=${one.id} one=${one} chosen=${String(one.id) === place.campaign} open=${() => go({ campaign: String(one.id) })} />`)}
          </ul>`
        : html`<p class="nothing"><strong>${C.none}</strong></p>`)
    }
  </section>`;
}

export const State = ({ of }) => html`<${Mark} kind=${C.kinds[of]} icon=${C.icons[of]}>${C.states[of]}</${Mark}>`;

/** Why a campaign is in its state: in words, also where the engine has written a code. */
export const reason = (why) => C.whys[why] ?? why;

/** "21 ноября – 23 ноября", or one day. */
export const days = ({ first_day: first, last_day: last }) =>
  first === last ? day(first) : `${day(first)} – ${day(last)}`;

function Item({ one, chosen, open }) {
  return html`<li class=${`item camp-item ${chosen ? "chosen" : ""}`} data-row data-campaign=${one.id} onClick=${open}>
    <button type="button" class="link strong cut" aria-current=${chosen || undefined} title=${one.title}>${one.title}</button>
    <span class="small muted cut">${joined([one.kind_title, days(one)])}</span>
    <${State} of=${one.state} />
    <span class="small camp-far">${one.total ? `${figure(one.over)} ${C.of} ${figure(one.total)}` : C.empty}</span>
    ${one.why && html`<span class=${`small camp-why ${one.state === "done" ? "muted" : "warn"}`}>${reason(one.why)}</span>`}
  </li>`;
}
