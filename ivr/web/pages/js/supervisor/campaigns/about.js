// The terms of a campaign, and who did what with it.
import { html } from "../../../vendor/preact-htm.js";
import { figure, moment } from "../../format.js";
import { C } from "../texts-campaigns.js";
import { State, days } from "./list.js";

export function About({ told: { campaign: of, history }, words }) {
  const kind = words.kinds.find(({ id }) => id === of.kind);
  const title = (list, id) => list.find((one) => one.id === id)?.title ?? id;
  const rows = [
    [C.form.kind, of.kind_title],
    [C.attempts.at, days(of)],
    [C.form.hours, (of.opens || of.closes) && `${of.opens?.slice(0, 5) ?? "…"} – ${of.closes?.slice(0, 5) ?? "…"}`],
    [C.form.mode, C.modes[of.mode]],
    [C.form.queue, title(words.queues, of.queue)],
    [C.form.lines, figure(of.lines)],
    [C.form.perSecond, figure(of.calls_per_second)],
    [C.form.callerId, title(words.caller_ids, of.caller_id)],
    ...Object.entries(of.fields).map(([name, value]) => [title(kind?.fields.map((one) => ({ id: one.name, title: one.title })) ?? [], name), String(value)]),
  ];
  return html`<div class="camp-two" data-about>
    <section class="box"><h2>${C.about.terms}</h2>
      <dl class="facts">${rows.filter(([, value]) => value).map(([name, value]) => html`<dt key=${name}>${name}</dt><dd class="words">${value}</dd>`)}</dl>
    </section>
    <section class="box"><h2>${C.about.history}</h2>
      <ul class="camp-history">
        ${history.map((one, at) => html`<li key=${at}><span class="nowrap muted">${moment(one.at)}</span><span><${State} of=${one.state} /> ${one.by || C.about.engine}${one.why && html`<span class="muted">: ${one.why === "changed" ? C.about.changed : one.why}</span>`}</span></li>`)}
      </ul>
    </section>
  </div>`;
}
