// A deferred answer: what was asked, who answers, when and how the client hears.
import { html } from "../../vendor/preact-htm.js";
import { instant, localInput, moment } from "../format.js";
import { now } from "../clock.js";
import { Form } from "../form.js";
import { useStore } from "../store.js";
import { T } from "../texts.js";

const HOUR_MS = 3_600_000;
const options = (titles) => Object.entries(titles).map(([id, title]) => ({ id, title }));

export function TaskForm({ call, card }) {
  const { words, session } = useStore();
  const me = session.user.login;
  const who = words.answerers ?? [{ id: me, title: T.task.me }, ...options(T.task.roles)];
  const fields = [
    { name: "asked", type: "area", label: T.task.asked, required: true },
    { name: "topic", type: "select", label: T.task.topic, options: words.topics ?? [] },
    { name: "responsible", type: "select", label: T.task.answers, options: who, required: true },
    { name: "channel", type: "choice", label: T.task.channel, options: options(T.task.channels), required: true },
    { name: "phone", type: "tel", label: T.task.phone, shown: ({ channel }) => channel !== "email" },
    { name: "due_at", type: "moment", label: T.task.due, required: true },
  ];
  const initial = {
    asked: "", topic: card?.robot?.topic?.id ?? "", responsible: me, channel: "phone", phone: card?.caller?.number ?? "",
    due_at: localInput(now() + HOUR_MS),
  };
  const request = ({ key: _, due_at: due, ...given }, key) => ({ method: "POST", path: "/tasks", body: { ...given, due_at: instant(due), call_id: call, account: card?.accounts?.[0]?.number ?? "", key } });
  const done = (answer) => html`<div class="box" role="status"><p class="good strong">✓ ${T.task.saved}</p><p>${T.card.due} ${moment(answer?.due_at)}</p></div>`;
  return html`<${Form} call=${call} form="task" fields=${fields} initial=${initial} request=${request} submit=${T.task.save} again=${T.task.another} done=${done} />`;
}
