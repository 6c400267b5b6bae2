// Registering a request (обращение) from the call.
import { html } from "../../vendor/preact-htm.js";
import { plain } from "../accounts.js";
import { day, listed } from "../format.js";
import { Form } from "../form.js";
import { useStore } from "../store.js";
import { T } from "../texts.js";

const notPhone = ({ channel }) => Boolean(channel) && channel !== "phone" && channel !== "cabinet";

const FIELDS = (words, accounts) => [
  { name: "kind", type: "choice", label: T.request.kind, options: listed(T.request.kinds), required: true },
  { name: "topic", type: "select", label: T.request.topic, options: words.topics ?? [], required: true },
  accounts.length
    ? {
        name: "account",
        type: "select",
        label: T.request.account,
        options: accounts.map(({ number, address }) => ({ id: number, title: `№ ${number}, ${address}` })),
      }
    : { name: "account", label: T.request.account, inputmode: "numeric" },
  { name: "name", label: T.request.name },
  { name: "phone", type: "tel", label: T.request.phone },
  { name: "text", type: "area", label: T.request.text, required: true },
  {
    name: "channel",
    type: "choice",
    label: T.request.channel,
    options: listed(T.request.channels),
    required: true,
  },
  { name: "answer_to", label: T.request.answerTo, shown: notPhone, whole: true },
];

export function RequestForm({ call, card }) {
  const { words } = useStore();
  const caller = card?.caller ?? {};
  const accounts = (card?.accounts ?? []).filter(({ masked }) => !masked);
  const initial = {
    kind: "",
    topic: card?.robot?.topic?.id ?? "",
    account: accounts.length === 1 ? accounts[0].number : "",
    name: card?.identification?.level === "identified" ? (caller.name ?? "") : "",
    phone: caller.number ?? "",
    text: "",
    channel: "phone",
    answer_to: "",
  };
  const request = (values, key) => {
    const { key: _, ...given } = values;
    const account = plain(given.account);
    return {
      method: "POST",
      path: "/requests",
      body: { ...given, account, segment: card?.segment ?? "", call_id: call, key },
    };
  };
  return html`<${Form}
    key=${accounts.map(({ number }) => number).join()}
    call=${call}
    form="request"
    fields=${FIELDS(words, accounts)}
    initial=${initial}
    request=${request}
    submit=${T.request.save}
    again=${T.request.another}
    done=${Registered}
  />`;
}

const Registered = (answer) =>
  html`<div class="box" role="status">
    <p class="good strong">✓ ${T.request.saved}</p>
    <h1>${answer?.number}</h1>
    ${answer?.due_at && html`<p>${T.request.due} ${day(answer.due_at)}</p>`}
  </div>`;
