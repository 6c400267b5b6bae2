// «Кампании»: calls out are made, checked, started and watched. What is chosen stands in the address.
import { html, useState } from "../../vendor/preact-htm.js";
import { fromAddress, toAddress } from "../address.js";
import { Form } from "./campaigns/form.js";
import { List } from "./campaigns/list.js";
import { One } from "./campaigns/one.js";
import { Refusals } from "./campaigns/refusals.js";
import { usePolled } from "./campaigns/polled.js";
import { useAnswer } from "./figures/answers.js";
import { useStore } from "./store.js";
import { C } from "./texts-campaigns.js";

const BLANK = { campaign: "", view: "", make: "", person: "" };

/** Times are the company's: nothing is drawn before its zone is known. */
export const Campaigns = () => (useStore().read ? html`<${Part} />` : html`<p class="nothing">…</p>`);

function Part() {
  const [place, setPlace] = useState(() => fromAddress(BLANK));
  const go = (values) => {
    const next = { ...BLANK, ...values };
    toAddress(next);
    setPlace(next);
  };
  const words = useAnswer("/campaigns/words");
  const all = usePolled(useAnswer("/campaigns"), (told) => told.campaigns.some(({ state }) => state === "running"));
  const fault = words.fault || all.fault;
  return html`<div class="camp" data-part="campaigns">
    <${List} told=${all.told} fault=${fault} place=${place} go=${go} />
    <section class="camp-one">
      ${words.told && html`<${Right} place=${place} go=${go} words=${words.told} all=${all} />`}
    </section>
  </div>`;
}

function Right({ place, go, words, all }) {
  if (place.make === "refusals") return html`<${Refusals} />`;
  if (place.make && (all.told || place.make === "new")) {
    const of = all.told?.campaigns.find(({ id }) => String(id) === place.campaign);
    const made = ({ id }) => {
      all.again();
      go({ campaign: String(id), view: place.make === "edit" ? "about" : "people" });
    };
    return html`<${Form} key=${place.make + place.campaign} of=${of} edit=${place.make === "edit"} words=${words} made=${made} back=${() => go({ campaign: place.campaign })} />`;
  }
  if (!place.campaign) return html`<p class="nothing">${all.told?.campaigns.length === 0 ? C.noneHow : C.choose}</p>`;
  return html`<${One} key=${place.campaign} place=${place} go=${go} words=${words} changed=${all.again} />`;
}
