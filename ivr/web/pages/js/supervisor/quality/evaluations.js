// Talks that were drawn for evaluation, and what was found of others.
import { html, useState } from "../../../vendor/preact-htm.js";
import { get } from "../../api.js";
import { duration, joined, moment } from "../../format.js";
import { attempt } from "../../tell.js";
import { Button, Mark, rowKeys } from "../../widgets.js";
import { linkTo } from "../places.js";
import { Q } from "../texts-quality.js";
import { spanOf, useRead } from "./data.js";
import { EvaluationForm, percent } from "./form.js";

const E = Q.evaluations;

export function Evaluations({ place, go, words }) {
  const [saved, setSaved] = useState(0);
  const question = { agent: place.agent, ...spanOf(place.month) };
  const [told, setTold] = useRead("/quality/evaluations", question, saved);
  const [drawn] = useRead(place.agent && "/quality/sample", question, saved);
  const more = async () => {
    const answer = await attempt(() => get("/quality/evaluations", { ...question, offset: told.evaluations.length }));
    if (answer) setTold({ ...answer, evaluations: [...told.evaluations, ...answer.evaluations] });
  };
  const choose = (talk) => go({ talk });
  return html`<div class="quality-sides">
    <section class="talks-list" aria-busy=${!told}>
      <${Sample} place=${place} drawn=${drawn} onChoose=${choose} />
      ${told && !told.evaluations.length && html`<p class="nothing">${E.none}</p>`}
      ${told?.evaluations.length > 0 && html`<${Rows} found=${told.evaluations} words=${words} chosen=${place.talk} onChoose=${choose} />`}
      ${told?.more && html`<div class="row talks-more"><${Button} label=${E.more} onClick=${more} /></div>`}
    </section>
    <section class="talks-one">
      ${
        place.talk
          ? html`<div class="talk-call"><p><a href=${linkTo("talks", { call: place.talk })}>${Q.marks.whole}</a></p><${EvaluationForm} open callId=${place.talk} onSaved=${() => setSaved((count) => count + 1)} /></div>`
          : html`<p class="nothing">${E.choose}</p>`
      }
    </section>
  </div>`;
}

function Sample({ place, drawn, onChoose }) {
  if (!place.agent) return html`<p class="nothing">${E.chooseAgent}</p>`;
  if (!drawn) return html`<p class="nothing">…</p>`;
  return html`<div class="quality-sample">
    <h3>${E.sample}</h3>
    ${drawn.talks.length ? html`<p class="muted">${E.sampleHint}</p>` : html`<p class="muted">${E.noSample}</p>`}
    <ul onKeyDown=${rowKeys}>
      ${drawn.talks.map(
        (one) =>
          html`<li data-row data-drawn=${one.call_id} key=${one.call_id} class=${one.call_id === place.talk ? "chosen" : ""}>
            <button type="button" class="link" onClick=${() => onChoose(one.call_id)}>${joined([moment(one.talk_at), duration(one.seconds)])}</button>
            <${Mark} kind=${one.evaluated ? "good" : ""} icon=${one.evaluated ? "✓" : "○"}>${one.evaluated ? E.done : E.waits}</${Mark}>
          </li>`,
      )}
    </ul>
  </div>`;
}

const Rows = ({ found, words, chosen, onChoose }) =>
  html`<table class="talks-table quality-judged" aria-label=${E.label} onKeyDown=${rowKeys}>
    <thead>
      <tr><th>${E.at}</th><th>${E.agent}</th><th class="figure">${E.score}</th><th>${E.by}</th><th>${E.comment}</th></tr>
    </thead>
    <tbody>
      ${found.map(
        (row) =>
          html`<tr data-row data-evaluation=${row.id} key=${row.id} class=${row.call_id === chosen ? "chosen" : ""} onClick=${() => onChoose(row.call_id)}>
            <td class="nowrap"><button type="button" class="link" onClick=${() => onChoose(row.call_id)}>${moment(row.talk_at)}</button></td>
            <td class="cut">${words?.agents[row.agent] ?? row.agent}</td>
            <td class="figure">${percent(row.score)}</td>
            <td class="cut">${words?.agents[row.supervisor] ?? row.supervisor}</td>
            <td class="about"><span title=${row.comment}>${row.comment}</span></td>
          </tr>`,
      )}
    </tbody>
  </table>`;
