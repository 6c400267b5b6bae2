// An outage for a street: the next caller from there is told of it.
import { html, useEffect, useState } from "../../../vendor/preact-htm.js";
import { del, get, part, post } from "../../api.js";
import { instant, joined, moment } from "../../format.js";
import { attempt, faultText } from "../../tell.js";
import { Button, Dialog, Fault, Field, FormBody, control } from "../../widgets.js";
import { onEvent } from "../events.js";
import { toast, update, useStore } from "../store.js";
import { F } from "../texts-floor.js";
import { When } from "./announce.js";

const O = F.outage;
const BLANK = { street: "", houses: "", reason: "", end: "" };

const read = () => attempt(async () => update({ outages: await get("/outages") }));

export function EnterOutage() {
  const { outages } = useStore();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open) return undefined;
    read();
    return onEvent("outages", read);
  }, [open]);
  return html`<${Button} label=${O.tool} k="outage" onClick=${() => setOpen(true)} />${
    open && outages && html`<${Outages} told=${outages} shut=${() => setOpen(false)} />`
  }`;
}

const Outages = ({ told, shut }) =>
  html`<${Dialog} title=${O.title} onClose=${shut} wide
    ><${Draft} told=${told} />
    <h3 class="small muted">${O.listed}</h3>
    <ul class="list announced">
      ${told.outages.map((one) => html`<${Row} key=${one.id} one=${one} />`)}
      ${!told.outages.length && html`<li class="item muted">${O.none}</li>`}
    </ul></${Dialog}
  >`;

function Draft({ told }) {
  const blank = { ...BLANK, settlement: told.home_settlement };
  const [values, setValues] = useState(blank);
  const [wrong, setWrong] = useState({});
  const set = (patch) => {
    setValues({ ...values, ...patch });
    setWrong({});
  };
  const go = async () => {
    const { end, ...typed } = values;
    try {
      await post("/outages", { ...typed, expected_end: end ? instant(end) : null });
    } catch (error) {
      return setWrong({ [error.field ?? "*"]: faultText(error) });
    }
    setValues(blank);
    toast(O.made, "good");
    return read();
  };
  const text = (name, label, hint, first) =>
    html`<${Field} label=${label} name=${`outage-${name}`} hint=${hint} error=${wrong[name]}>
      <input
        ...${control(`outage-${name}`, wrong[name])}
        data-first=${first}
        value=${values[name]}
        autocomplete="off"
        maxlength="300"
        onInput=${({ target }) => set({ [name]: target.value })}
      /></${Field}
    >`;
  return html`<${FormBody} go=${go} className="announce-form">
    ${text("street", O.street, O.streetHint, true)} ${text("houses", O.houses, O.housesHint)}
    ${text("reason", O.reason, O.reasonHint)} ${text("settlement", O.settlement)}
    <${When} label=${O.end} name="outage-end" hint=${O.endHint} value=${values.end} error=${wrong.expected_end} onChange=${(end) => set({ end })} />
    <div class="row whole">
      <${Button} label=${O.go} kind="main" type="submit" /><${Fault} text=${wrong["*"] ?? wrong.text} />
    </div></${FormBody}
  >`;
}

const placeOf = ({ settlement, street, houses }) =>
  street ? `${settlement}, ${street}, ${houses || O.all}` : `${settlement}, ${O.everywhere}`;

function Row({ one }) {
  const close = () =>
    attempt(async () => {
      await del(`/outages/${part(one.id)}`);
      toast(O.closed, "good");
      await read();
    });
  const until = one.expected_end ? moment(one.expected_end) : O.unknown;
  return html`<li class="item" data-outage=${one.id}>
    <div>
      <div class="row">
        <strong>${one.places.map(placeOf).join("; ")}</strong
        ><span class="muted small">${`${moment(one.begins_at)} – ${until}`}</span>
      </div>
      <div class="small muted">${joined([one.kind === "planned" && O.planned, one.reason, `${O.by}: ${one.entered_by}`])}</div>
    </div>
    <${Button} label=${O.close} onClick=${close} />
  </li>`;
}
