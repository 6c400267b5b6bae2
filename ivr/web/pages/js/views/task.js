// A deferred answer: what was asked, who answers, when and how the client hears.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { accountOf, plain } from "../accounts.js";
import { instant, listed, localInput, moment } from "../format.js";
import { get } from "../api.js";
import { Form } from "../form.js";
import { useStore } from "../store.js";
import { attempt } from "../tell.js";
import { T } from "../texts.js";

const ROLES = Object.keys(T.task.roles);

/** Channels and the latest moment that the standard of this call allows. */
function useTerms(call) {
  const [terms, setTerms] = useState(null);
  useEffect(() => {
    attempt(async () => setTerms(await get("/tasks/words", { call_id: call })));
  }, [call]);
  return terms;
}

export function TaskForm({ call, card }) {
  const terms = useTerms(call);
  if (!terms) return html`<p class="nothing">…</p>`;
  return html`<${Fields} call=${call} card=${card} terms=${terms} />`;
}

function Fields({ call, card, terms }) {
  const { words, session } = useStore();
  const me = session.user.login;
  const fields = [
    { name: "question", type: "area", label: T.task.asked, required: true },
    { name: "topic", type: "select", label: T.task.topic, options: words.topics ?? [] },
    {
      name: "answers",
      type: "select",
      label: T.task.answers,
      options: [{ id: me, title: T.task.me }, ...listed(T.task.roles)],
      required: true,
    },
    {
      name: "channel",
      type: "choice",
      label: T.task.channel,
      options: listed(terms.channels),
      required: true,
    },
    { name: "phone", type: "tel", label: T.task.phone },
    { name: "call_at", type: "moment", label: T.task.callAt, shown: ({ channel }) => channel === "phone" },
    {
      name: "due_at",
      type: "moment",
      label: T.task.due,
      required: true,
      hint: `${T.task.latest} ${moment(terms.due_at)}`,
    },
  ];
  const initial = {
    question: "",
    topic: card?.robot?.topic?.id ?? "",
    answers: me,
    channel: "phone",
    phone: card?.caller?.number ?? "",
    call_at: "",
    due_at: localInput(Date.parse(terms.due_at)),
  };
  const request = ({ answers, question, topic, channel, phone, call_at: at, due_at: due }, key) => ({
    method: "POST",
    path: "/tasks",
    body: {
      key,
      question,
      topic,
      channel,
      phone,
      call_id: call,
      due_at: instant(due),
      call_at: channel === "phone" ? instant(at) : null,
      ...(ROLES.includes(answers) ? { role: answers } : { assignee: answers }),
      ...known(card),
    },
  });
  const done = (answer) =>
    html`<div class="box" role="status">
      <p class="good strong">✓ ${T.task.saved}</p>
      <p>${T.card.due} ${moment(answer?.task?.due_at)}</p>
    </div>`;
  return html`<${Form}
    call=${call}
    form="task"
    fields=${fields}
    initial=${initial}
    request=${request}
    submit=${T.task.save}
    again=${T.task.another}
    done=${done}
  />`;
}

/** Whom it is about, where the card says so in full. */
const known = (card) => {
  const account = accountOf(card);
  return account
    ? { account_number: plain(account.number), client_name: card.caller?.name ?? "" }
    : {};
};
