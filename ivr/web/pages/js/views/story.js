// A call told in order of time, and the calls of a client.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { get, part } from "../api.js";
import { clockTime, duration, joined, moment } from "../format.js";
import { update, useStore } from "../store.js";
import { attempt } from "../tell.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { Button, Dialog, Mark, rowKeys } from "../widgets.js";
import { leave } from "./back.js";

export const openStory = (id, back = null) => update({ dialog: { kind: "story", id, back } });
export const openCalls = (client, call) => update({ dialog: { kind: "calls", client, call } });

/** What the path tells; a refusal is told in passing and leads back. */
function useTold(path, query, back) {
  const [told, setTold] = useState(null);
  useEffect(() => {
    attempt(() => get(path, query)).then((answer) => (answer ? setTold(answer) : leave(back)));
  }, [path]);
  return told;
}

export function Story({ id, back }) {
  const told = useTold(`/calls/${part(id)}`, undefined, back);
  return html`<${Dialog} title=${O.story.title} onClose=${() => leave(back)} wide
    >${told ? html`<${Whole} told=${told} />` : html`<p class="nothing">…</p>`}</${Dialog}
  >`;
}

function useTopic(id) {
  const { words } = useStore();
  return words.topics?.find((one) => one.id === id)?.title ?? id;
}

function useQueue(name) {
  const { queues } = useStore();
  return queues.find(({ queue }) => queue === name)?.title ?? name;
}

function Whole({ told }) {
  const [topic, queue] = [useTopic(told.topic), useQueue(told.queue)];
  const waits = told.waits.filter((one) => one !== null).map(duration);
  const talked = [duration(told.talk_seconds), told.hold_seconds > 0 && `${O.story.hold} ${duration(told.hold_seconds)}`];
  const rows = [
    [O.story.came, moment(told.came_at)],
    [O.story.line, joined([told.line, queue, T.segments[told.segment]])],
    [O.story.topic, topic],
    [O.story.operator, told.agent],
    [O.story.wait, waits.join(", ")],
    [O.story.talk, told.talk_seconds > 0 && joined(talked, ", ")],
    [O.story.outcome, O.dispositions[told.disposition]],
    [O.story.recording, told.call_id],
  ];
  return html`<article class="stack loose" data-story=${told.call_id}>
    <div class="row"><${Mark} kind="accent">${T.kinds[told.kind]}</${Mark}></div>
    <dl class="facts">
      ${rows.filter(([, value]) => value).map(([name, value]) => [html`<dt>${name}</dt>`, html`<dd class="words">${value}</dd>`])}
    </dl>
    <ol class="story">
      ${told.moments.map((one, n) => html`<${Moment} key=${n} moment=${one} />`)}
    </ol>
  </article>`;
}

function Moment({ moment: { at, what, who, told } }) {
  const { words } = useStore();
  const result = words.results?.find(({ id }) => id === told.result)?.title ?? told.result;
  const [topic, queue] = [useTopic(told.topic), useQueue(told.queue)];
  const more = [queue, topic, result, told.score, O.ends[told.end], who].filter(Boolean);
  return html`<li>
    <span class="muted">${clockTime(at)}</span>
    <span class="words"><strong>${O.moments[what] ?? what}</strong>${more.length > 0 && ` — ${more.join(", ")}`}</span>
  </li>`;
}

/** All calls of a client. */
export function Calls({ client, call }) {
  const here = { kind: "calls", client, call };
  const told = useTold(`/clients/${part(client)}/calls`, { call_id: call }, null);
  const rows = told?.calls.filter((one) => one.call_id !== call);
  return html`<${Dialog} title=${O.story.calls} onClose=${() => leave()} wide
    >${
      rows?.length
        ? html`<ul class="list" onKeyDown=${rowKeys}>
            ${rows.map((one) => html`<${Earlier} key=${one.call_id} told=${one} here=${here} />`)}
          </ul>`
        : html`<p class="nothing">${rows ? O.story.none : "…"}</p>`
    }</${Dialog}
  >`;
}

function Earlier({ told: { call_id: id, at, kind, topic, disposition, operator, result }, here }) {
  const about = useTopic(topic);
  return html`<li class="item" data-row>
    <div>
      <div class="strong">${joined([moment(at), T.kinds[kind]])}</div>
      <div class="small words">${joined([about, result ?? O.dispositions[disposition], operator])}</div>
    </div>
    <div class="doing"><${Button} label=${O.story.title} onClick=${() => openStory(id, here)} /></div>
  </li>`;
}
