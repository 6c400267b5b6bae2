// «Удовлетворённость»: what clients answer, when they are to be asked, control calls. What is chosen stands in the address.
import { html, useState } from "../../vendor/preact-htm.js";
import { fromAddress, toAddress } from "../address.js";
import { listed, today } from "../format.js";
import { Button, Choice, Field, Options, control } from "../widgets.js";
import { useAnswer, useLast } from "./figures/answers.js";
import { isDay } from "./figures/days.js";
import { Comments, Control } from "./satisfaction/control.js";
import { Groups, One } from "./satisfaction/groups.js";
import { around, kindOf } from "./satisfaction/period.js";
import { Waves } from "./satisfaction/waves.js";
import { useStore } from "./store.js";
import { U } from "./texts-satisfaction.js";

const BLANK = { from: "", to: "", segment: "", one: "" };
const SEGMENTS = ["private", "corporate"].map((id) => ({ id, title: U.segments[id] }));

function placeNow() {
  const said = fromAddress(BLANK);
  return isDay(said.from) && isDay(said.to) ? said : { ...said, ...around("half", today()) };
}

/** Times are the company's: nothing is drawn before its zone is known. */
export const Satisfaction = () => (useStore().read ? html`<${Part} />` : html`<p class="nothing">…</p>`);

function Part() {
  const [place, setPlace] = useState(placeNow);
  const set = (patch) => {
    toAddress({ from: place.from, to: place.to, ...patch });
    setPlace({ ...place, ...patch });
  };
  const backwards = place.from > place.to;
  const { from, to, segment } = place;
  const answer = useAnswer(backwards ? null : "/satisfaction/results", { from, to, segment });
  const planned = useAnswer("/satisfaction/waves");
  const told = useLast(answer.told);
  const changed = () => {
    planned.again();
    answer.again();
  };
  return html`<div class="sat" data-part="satisfaction">
    <${Choose} place=${place} set=${set} />
    <div class="sat-sides">
      <div class="sat-side">
        ${backwards && html`<p class="box late" role="alert">▲ ${U.badPeriod}</p>`}
        ${answer.fault && html`<p class="box late" role="alert">▲ ${answer.fault}</p>`}
        ${!told && answer.busy && html`<p class="nothing" role="status">${U.loading}</p>`}
        ${told && html`<${Groups} groups=${told.groups} chosen=${place.one} choose=${(one) => set({ one })} />`}
        ${place.one && !backwards && html`<${One} id=${place.one} query=${{ from, to }} />`}
        ${told && html`<${Comments} comments=${told.comments} />`}
      </div>
      <div class="sat-side">
        ${planned.told && html`<${Waves} planned=${planned.told.planned} changed=${changed} />`}
        ${told && html`<${Control} of=${told.control} calls=${told.control_calls} />`}
      </div>
    </div>
  </div>`;
}

function Choose({ place, set }) {
  const kind = kindOf(place);
  const step = (by) => set(around(kind || "half", place.from, by));
  return html`<div class="row sat-choose" role="search" aria-label=${U.choose}>
    <${Choice} label=${U.period} name="sat-span" options=${listed(U.spans)} value=${kind} onChange=${(span) => set(around(span, place.to < today() ? place.to : today()))} whole=${false} />
    <${Button} label=${U.earlier} kind="low" k="earlier" onClick=${() => step(-1)} />
    <${Button} label=${U.later} kind="low" k="later" onClick=${() => step(1)} />
    ${["from", "to"].map(
      (name) =>
        html`<${Field} key=${name} name=${`sat-${name}`} label=${U[name]}
          ><input ...${control(`sat-${name}`)} type="date" value=${place[name]} onInput=${({ target }) => target.value && set({ [name]: target.value })}
        /></${Field}>`,
    )}
    <${Field} name="sat-segment" label=${U.segment}
      ><select ...${control("sat-segment")} onChange=${({ target }) => set({ segment: target.value })}>
        <${Options} options=${SEGMENTS} value=${place.segment} none=${U.all} /></select
    ></${Field}>
  </div>`;
}
