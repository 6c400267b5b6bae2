// For those who lead: who does what now, the plan of the week, bulletins and their readers, numbers that are kept away.
import { html, useState } from "../../vendor/preact-htm.js";
import { fromAddress, toAddress } from "../address.js";
import { may } from "../store.js";
import { O } from "../texts-office.js";
import { Choice } from "../widgets.js";
import { Blocked } from "./block.js";
import { Bulletins } from "./bulletins.js";
import { Plan } from "./plan.js";
import { Team } from "./team.js";

const PARTS = [
  { id: "floor", title: O.lead.floor, right: "desk", view: Team },
  { id: "shifts", title: O.lead.shifts, right: "desk", view: Plan },
  { id: "bulletins", title: O.lead.bulletins, right: "desk", view: Bulletins },
  { id: "blocked", title: O.lead.blocked, right: "block", view: Blocked },
];
const allowed = () => PARTS.filter(({ right }) => may(right));

/** Whether the user leads anything. */
export const leads = () => allowed().length > 0;

export function Lead() {
  const parts = allowed();
  const [chosen, setChosen] = useState(fromAddress({ lead: parts[0].id }).lead);
  const { id, view: View } = parts.find((one) => one.id === chosen) ?? parts[0];
  const choose = (lead) => {
    setChosen(lead);
    toAddress({ lead });
  };
  return html`<div class="stack loose" data-lead=${id}>
    <${Choice} name="lead" label=${O.lead.tab} options=${parts} value=${id} onChange=${choose} />
    <${View} key=${id} />
  </div>`;
}
