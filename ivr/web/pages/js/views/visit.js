// An appointment in an office, or a visit at home: free times, then one of them.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { accountOf, plain } from "../accounts.js";
import { get } from "../api.js";
import { clockTime, moment, tomorrow } from "../format.js";
import { Form } from "../form.js";
import { useStore } from "../store.js";
import { faultText } from "../tell.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { Choice, Fault } from "../widgets.js";
import { Days } from "./days.js";

const segmentOf = (card) => card?.segment || "private";
const TYPED_MS = 200;

const VIEWS = { office: Office, home: Home, days: Days };

export function Visits({ call, card }) {
  const [kind, setKind] = useState("office");
  const View = VIEWS[kind];
  return html`<div class="stack loose">
    <${Choice}
      name="visit-kind"
      label=${T.panes.visit}
      value=${kind}
      onChange=${setKind}
      options=${[
        { id: "office", title: T.visit.title },
        { id: "home", title: T.visit.home },
        { id: "days", title: O.visits.day },
      ]}
    />
    <${View} call=${call} card=${card} />
  </div>`;
}

/**
 * Free times of a day, asked again whenever what they depend on changes: [{starts_at, window}], null while nothing can
 * be asked, or why there can be none, as the server puts it. Args: `more`, what helps where it is known.
 */
export function useSlots(path, query, more = {}) {
  const [slots, setSlots] = useState(null);
  const key = JSON.stringify([query, more]);
  useEffect(() => {
    setSlots(null);
    if (!Object.values(query).every(Boolean)) return undefined;
    let latest = true;
    const read = async () => {
      try {
        return (await get(path, { ...query, ...more })).slots;
      } catch (error) {
        return faultText(error);
      }
    };
    const timer = setTimeout(async () => {
      const found = await read();
      if (latest) setSlots(found);
    }, TYPED_MS);
    return () => {
      latest = false;
      clearTimeout(timer);
    };
  }, [path, key]);
  return slots;
}

export const Slots = ({ slots, value, onChange }) => {
  if (typeof slots === "string") return html`<${Fault} text=${slots} className="whole" />`;
  if (slots === null) return html`<p class="muted whole">${T.visit.choose}</p>`;
  if (!slots.length) return html`<p class="warn strong whole">${T.visit.noSlots}</p>`;
  const options = slots.map(({ starts_at: at, window }) => ({ id: at, title: window || clockTime(at) }));
  return html`<${Choice}
    name="visit-slot"
    label=${T.visit.slot}
    options=${options}
    value=${value}
    onChange=${onChange}
  />`;
};

const booked = (answer) =>
  html`<div class="box" role="status">
    <p class="good strong">✓ ${T.visit.booked}</p>
    <h1>${moment(answer?.starts_at)}</h1>
    <p>
      ${[answer?.office_title, answer?.address, answer?.window, answer?.number && `№ ${answer.number}`].filter(Boolean).join(", ")}
    </p>
  </div>`;

function Office({ call, card }) {
  const { words } = useStore();
  const [place, setPlace] = useState({ office: "", day: tomorrow() });
  const slots = useSlots("/appointments/slots", { ...place, segment: segmentOf(card) });
  const fields = [
    { name: "office", type: "select", label: T.visit.office, options: words.offices ?? [], required: true },
    { name: "day", type: "date", label: T.visit.day, required: true },
    { name: "topic", type: "select", label: T.visit.topic, options: words.topics ?? [] },
    { name: "account", label: T.visit.account, inputmode: "numeric" },
  ];
  const initial = {
    ...place,
    topic: card?.robot?.topic?.id ?? "",
    account: accountOf(card)?.number ?? "",
    starts_at: "",
  };
  const request = ({ office, topic, account, starts_at }, key) => ({
    method: "POST",
    path: "/appointments",
    body: {
      office,
      segment: segmentOf(card),
      topic,
      account: plain(account),
      name: card?.caller?.name ?? "",
      phone: card?.caller?.number ?? "",
      starts_at,
      call_id: call,
      key,
    },
  });
  return html`<${Form}
    call=${call}
    form="appointment"
    fields=${fields}
    initial=${initial}
    request=${request}
    submit=${T.visit.book}
    again=${T.request.another}
    done=${booked}
    onChange=${({ office, day }) => setPlace({ office, day })}
  >
    ${(values, change) => html`<${Slots} slots=${slots} value=${values.starts_at} onChange=${(starts_at) => change({ starts_at })} />`}</${Form}
  >`;
}

function Home({ call, card }) {
  const known = card?.identification?.level === "identified";
  const account = accountOf(card);
  const whose = { account: plain(account?.number), address: known ? (account?.address ?? "") : "" };
  const [place, setPlace] = useState({ day: tomorrow(), ...whose });
  const { day, ...client } = place;
  const slots = useSlots("/visits/slots", { day }, client);
  const fields = [
    { name: "day", type: "date", label: T.visit.day, required: true },
    { name: "account", label: T.visit.account, inputmode: "numeric", required: true },
    { name: "person", label: T.visit.person, required: true },
    { name: "phone", type: "tel", label: T.visit.phone, required: true },
    { name: "address", label: T.visit.address, required: true, whole: true },
    { name: "reason", label: T.visit.reason, required: true, whole: true, hint: T.visit.reasonHint },
  ];
  const initial = {
    day,
    account: account?.number ?? "",
    person: known ? (card.caller?.name ?? "") : "",
    phone: card?.caller?.number ?? "",
    address: known ? (account?.address ?? "") : "",
    reason: "",
    starts_at: "",
  };
  const request = ({ account: number, person, phone, address, reason, starts_at }, key) => ({
    method: "POST",
    path: "/visits",
    body: { account: plain(number), person, phone, address, reason, starts_at, call_id: call, key },
  });
  return html`<${Form}
    call=${call}
    form="visit"
    fields=${fields}
    initial=${initial}
    request=${request}
    submit=${T.visit.book}
    again=${T.request.another}
    done=${booked}
    onChange=${(values) => setPlace({ day: values.day, account: plain(values.account), address: values.address })}
  >
    ${(values, change) => html`<${Slots} slots=${slots} value=${values.starts_at} onChange=${(starts_at) => change({ starts_at })} />`}</${Form}
  >`;
}
