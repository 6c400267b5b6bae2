// Numbers that are kept away: put on the list from the call in one step, or by hand; and let in again.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { del, get, part, post } from "../api.js";
import { now } from "../clock.js";
import { joined, moment, telephone } from "../format.js";
import { toast } from "../store.js";
import { attempt } from "../tell.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { Button, rowKeys } from "../widgets.js";
import { Quick } from "./quick.js";

const DAY_MS = 86_400_000;
const FIELDS = [
  { name: "reason", label: O.lead.reason, required: true, whole: true, max: 300 },
  {
    name: "days",
    type: "choice",
    label: O.lead.days,
    options: Object.entries(O.lead.dayNames).map(([id, title]) => ({ id, title })),
    required: true,
  },
];
const PHONE = { name: "phone", type: "tel", label: O.lead.phone, required: true };
const after = (days) => new Date(now() + Number(days) * DAY_MS).toISOString();

/** Of the caller of a call where `phone` is given. `onDone(blocked)`. */
export function BlockForm({ phone = "", call = "", onDone }) {
  const go = async ({ phone: typed, reason, days }) => {
    const blocked = await post("/blocked", { phone: typed, reason, until: after(days), call_id: call });
    toast(O.lead.blockedNow, "good");
    onDone?.(blocked);
  };
  return html`<${Quick}
    name="block"
    fields=${phone ? FIELDS : [PHONE, ...FIELDS]}
    initial=${{ phone, reason: "", days: "7" }}
    submit=${O.lead.block}
    kind="no"
    go=${go}
  />`;
}

export function Blocked() {
  const [rows, setRows] = useState(null);
  const read = () => attempt(async () => setRows((await get("/blocked")).blocked));
  const lift = ({ id }) =>
    attempt(async () => {
      await del(`/blocked/${part(id)}`);
      await read();
    });
  useEffect(() => {
    read();
  }, []);
  return html`<div class="stack loose">
    <${BlockForm} onDone=${read} />
    ${
      rows?.length
        ? html`<ul class="list" onKeyDown=${rowKeys} aria-label=${O.lead.blocked}>
            ${rows.map((row) => html`<${Row} key=${row.id} row=${row} lift=${lift} />`)}
          </ul>`
        : html`<p class="nothing">${rows ? O.lead.noBlocked : "…"}</p>`
    }
  </div>`;
}

const Row = ({ row, lift }) =>
  html`<li class="item" data-row data-blocked=${row.id}>
    <div>
      <div class="strong">${telephone(row.phone)}</div>
      <div class="small words">${row.reason}</div>
      <div class="small muted">
        ${joined([`${T.lists.due} ${moment(row.until)}`, `${O.lead.by} ${row.blocked_by}`, row.hits > 0 && `${O.lead.hits}: ${row.hits}`])}
      </div>
    </div>
    <div class="doing"><${Button} label=${O.lead.lift} onClick=${() => lift(row)} /></div>
  </li>`;
