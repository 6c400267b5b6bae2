// The terms of a campaign, and who did what with it.
import { html } from "../../../vendor/preact-htm.js";
import { day, figure, joined, moment } from "../../format.js";
import { C } from "../texts-campaigns.js";
import { State, days, reason } from "./list.js";

/** A field of the text with its value: dates as people write them. */
function said(field, name, value) {
  const shown = field?.type === "date" ? day(value) : field?.type === "moment" ? joined([day(value.slice(0, 10)), value.slice(11, 16)], " ") : value;
  return [field?.title ?? name, shown];
}

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
    ...Object.entries(of.fields).map(([name, value]) => said(kind?.fields.find((one) => one.name === name), name, String(value))),
  ];
  return html`<div class="camp-two" data-about>
    <section class="box"><h2>${C.about.terms}</h2>
      <dl class="facts">${rows.filter(([, value]) => value).map(([name, value]) => html`<dt key=${name}>${name}</dt><dd class="words">${value}</dd>`)}</dl>
    </section>
    <section class="box"><h2>${C.about.history}</h2>
      <ul class="camp-history">
        ${history.map((one, at) => html`<li key=${at}><span class="nowrap muted">${moment(one.at)}</span><span><${State} of=${one.state} /> ${one.by || C.about.engine}${one.why && html`<span class="muted">: ${reason(one.why)}</span>`}</span></li>`)}
      </ul>
    </section>
  </div>`;
}
