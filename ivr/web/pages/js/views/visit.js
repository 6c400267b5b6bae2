// An appointment in an office, or a visit at home: free times, then one of them.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { get } from "../api.js";
import { now } from "../clock.js";
import { clockTime, localInput, moment } from "../format.js";
import { Form } from "../form.js";
import { useStore } from "../store.js";
import { attempt } from "../tell.js";
import { T } from "../texts.js";
import { Choice } from "../widgets.js";

const plain = (number) => (number ?? "").replace(/[\s№]/g, "");
const segmentOf = (card) => card?.segment || "private";
const DAY_MS = 86_400_000;
const tomorrow = () => localInput(now() + DAY_MS).slice(0, 10);

export function Visits({ call, card }) {
  const [kind, setKind] = useState("office");
  return html`<div class="stack loose">
    <${Choice}
      name="visit-kind"
      label=${T.panes.visit}
      value=${kind}
      onChange=${setKind}
      options=${[
        { id: "office", title: T.visit.title },
        { id: "home", title: T.visit.home },
      ]}
    />
    ${kind === "office" ? html`<${Office} call=${call} card=${card} />` : html`<${Home} call=${call} card=${card} />`}
  </div>`;
}

/** Free times of a day, asked again whenever what they depend on changes. */
function useSlots(path, query) {
  const [slots, setSlots] = useState(null);
  const key = JSON.stringify(query);
  useEffect(() => {
    setSlots(null);
    if (!Object.values(query).every(Boolean)) return;
    attempt(async () => setSlots((await get(path, query)).slots));
  }, [path, key]);
  return slots;
}

const Slots = ({ slots, value, onChange }) => {
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
    account: card?.accounts?.[0]?.number ?? "",
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
  const [place, setPlace] = useState({ day: tomorrow() });
  const slots = useSlots("/visits/slots", place);
  const fields = [
    { name: "day", type: "date", label: T.visit.day, required: true },
    { name: "account", label: T.visit.account, inputmode: "numeric", required: true },
    { name: "person", label: T.visit.person, required: true },
    { name: "phone", type: "tel", label: T.visit.phone, required: true },
    { name: "address", label: T.visit.address, required: true, whole: true },
    { name: "reason", label: T.visit.reason, required: true, whole: true, hint: T.visit.reasonHint },
  ];
  const known = card?.identification?.level === "identified";
  const account = card?.accounts?.[0];
  const initial = {
    ...place,
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
    onChange=${({ day }) => setPlace({ day })}
  >
    ${(values, change) => html`<${Slots} slots=${slots} value=${values.starts_at} onChange=${(starts_at) => change({ starts_at })} />`}</${Form}
  >`;
}
