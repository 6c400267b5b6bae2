// A request in full: what was asked, by when and why then, who answers, what was done, and the next step.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { toAddress } from "../address.js";
import { get, part } from "../api.js";
import { day, joined, moment, telephone } from "../format.js";
import { useStore } from "../store.js";
import { attempt } from "../tell.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { Button, Dialog, Mark } from "../widgets.js";
import { leave } from "./back.js";
import { Steps } from "./steps.js";
import { openStory } from "./story.js";

export function Case({ number, back }) {
  const [told, setTold] = useState(null);
  useEffect(() => {
    toAddress({ request: number });
    attempt(async () => setTold(await get(`/requests/${part(number)}`)));
    return () => toAddress({ request: "" });
  }, [number]);
  return html`<${Dialog} title=${`${O.request.title} ${number}`} onClose=${() => leave(back)} wide
    >${told ? html`<${Whole} told=${told} onDone=${setTold} back=${back} />` : html`<p class="nothing">…</p>`}</${Dialog}
  >`;
}

function Whole({ told, onDone, back }) {
  return html`<article class="stack loose" data-request=${told.number} data-status=${told.status}>
    <div class="row">
      <${Mark} kind="accent">${told.kind_title}</${Mark}><${Mark}>${told.status_title}</${Mark}>
      ${told.overdue && html`<${Mark} kind="bad" icon="▲">${T.lists.late}</${Mark}>`}
      ${told.registered_late && html`<${Mark} kind="warn">${O.request.registeredLate}</${Mark}>`}
    </div>
    ${told.masked && html`<p class="box note">${O.request.masked}</p>`}
    <${Facts} told=${told} back=${back} />
    ${told.text && html`<${Said} title=${T.request.text} text=${told.text} />`}
    ${told.answer && html`<${Said} title=${O.request.answer} text=${told.answer} />`}
    <${Steps} told=${told} onDone=${onDone} />
    <${History} rows=${told.history} />
  </article>`;
}

const Said = ({ title, text }) =>
  html`<section class="stack">
    <h3>${title}</h3>
    <p class="box words said">${text}</p>
  </section>`;

function Facts({ told, back }) {
  const { words } = useStore();
  const topic = words.topics?.find(({ id }) => id === told.topic)?.title ?? told.topic;
  const here = { kind: "request", number: told.number, back };
  const rows = [
    [T.lists.topic, topic],
    [T.lists.term, told.due_at && html`<${Term} told=${told} />`],
    [T.lists.registered, joined([moment(told.registered_at), told.history[0]?.by_name || told.registered_by], ", ")],
    [T.lists.who, told.responsible_name || O.request.nobody],
    [O.request.client, joined([told.name || told.client, telephone(told.phone)], ", ")],
    [T.request.account, told.account],
    [T.request.channel, joined([T.request.channels[told.channel], told.channel !== "phone" && told.answer_to], ": ")],
    [O.request.answeredAt, moment(told.answered_at)],
    [O.request.ground, told.ground],
    [O.request.control, told.control_due_at && `${T.lists.due} ${moment(told.control_due_at)}`],
    [O.request.call, told.call_id && html`<${Call} id=${told.call_id} back=${here} />`],
  ];
  return html`<dl class="facts">
    ${rows.filter(([, value]) => value).map(([name, value]) => [html`<dt>${name}</dt>`, html`<dd class="words">${value}</dd>`])}
  </dl>`;
}

/** By when, and what that comes from. */
const Term = ({ told: { due_at: due, overdue, bound, profile_title: standard, form, prolonged_at: prolonged } }) =>
  html`<strong class=${overdue ? "bad" : ""}>${`${overdue ? `▲ ${T.lists.late}: ` : ""}${day(due)}`}</strong>
    <span class="muted"
      >${` — ${joined([O.forms[form], O.bounds[bound], standard, prolonged && `${O.request.prolonged} ${day(prolonged)}`], ", ")}`}</span
    >`;

const Call = ({ id, back }) =>
  html`<span class="row"
    ><${Button} label=${O.story.title} kind="low" onClick=${() => openStory(id, back)} /><span
      class="small muted"
      data-recording=${id}
      >${`${O.request.recording} ${id}`}</span
    ></span
  >`;

const History = ({ rows }) =>
  html`<section class="stack">
    <h3>${O.request.history}</h3>
    <ol class="story">
      ${rows.map(
        ({ at, by_name: by, step, note }, n) =>
          html`<li key=${n}>
            <span class="muted nowrap">${moment(at)}</span>
            <span class="words"
              ><strong>${O.steps[step] ?? step}</strong>${by ? `, ${by}` : ""}${note && html`<br />${note}`}</span
            >
          </li>`,
      )}
    </ol>
  </section>`;
