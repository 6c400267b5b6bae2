// The evaluation of a talk: points by criteria, a comment, what they make together; what others found.
import { html, useEffect, useState } from "../../../vendor/preact-htm.js";
import { Refused, SignedOut, get, part, put } from "../../api.js";
import { duration, figure, joined, moment } from "../../format.js";
import { faultText } from "../../tell.js";
import { Button, Choice, Fault, Field, FormBody, control } from "../../widgets.js";
import { may, toast, useStore } from "../store.js";
import { Q } from "../texts-quality.js";
import { useWords } from "./data.js";

const NOT_APPLIED = "none";

export const percent = (score) => `${figure(Math.round(score * 10) / 10)} %`;

/** What points make; as the server counts. */
export function totalOf(criteria, scores) {
  const applied = criteria.filter(({ id }) => typeof scores[id] === "number");
  if (!applied.length) return null;
  if (applied.some(({ id, critical }) => critical && scores[id] === 0)) return 0;
  const reached = applied.reduce((sum, { id, weight, levels }) => sum + (weight * scores[id]) / (levels.length - 1), 0);
  return (100 * reached) / applied.reduce((sum, { weight }) => sum + weight, 0);
}

/** `open`: at once; otherwise it is unfolded. */
export const EvaluationForm = ({ callId, onSaved, open = false }) =>
  may("quality") ? html`<${OfCall} key=${callId} callId=${callId} onSaved=${onSaved} open=${open} />` : null;

function OfCall({ callId, onSaved, open }) {
  const words = useWords();
  const [read, setRead] = useState({ told: null, fault: "" });
  const [agent, setAgent] = useState(null);
  const [shown, setShown] = useState(open); // once unfolded it stays as it was filled in
  const load = () =>
    get(`/quality/calls/${part(callId)}`)
      .then((told) => setRead({ told, fault: "" }))
      .catch((error) => {
        if (error instanceof SignedOut || error.status === 404) return;
        setRead({ told: null, fault: faultText(error) });
      });
  useEffect(() => {
    load();
  }, []);
  if (read.fault) return html`<${Fault} text=${read.fault} />`;
  const { told } = read;
  if (!words || !told?.talks.length) return null;
  const talk = told.talks.find((one) => one.agent === agent) ?? told.talks[0];
  const saved = () => {
    load();
    onSaved?.();
  };
  const options = told.talks.map((one) => ({
    id: one.agent,
    title: joined([words.agents[one.agent] ?? one.agent, one.seconds !== null && duration(one.seconds)]),
  }));
  return html`<details class="judge" open=${open} data-judge=${callId} onToggle=${() => setShown(true)}>
    <summary><h3>${Q.form.title}</h3></summary>
    ${shown && html`<div class="stack">
    ${
      options.length > 1
        ? html`<${Choice} label=${Q.form.talk} name="judge-talk" options=${options} value=${talk.agent} onChange=${setAgent} />`
        : html`<p>${options[0].title}</p>`
    }
    <${Judge} key=${talk.agent} callId=${callId} talk=${talk} words=${words} found=${told.evaluations.filter((one) => one.agent === talk.agent)} onSaved=${saved} />
    </div>`}
  </details>`;
}

const choiceOf = (points) => (points === null ? NOT_APPLIED : points === undefined ? "" : String(points));
const pointsOf = (id) => (id === NOT_APPLIED ? null : Number(id));

function Judge({ callId, talk, words, found, onSaved }) {
  const me = useStore().session.user.login;
  const mine = found.find(({ supervisor }) => supervisor === me);
  const others = found.filter(({ supervisor }) => supervisor !== me);
  const [judged, setJudged] = useState({ scores: { ...mine?.scores }, comment: mine?.comment ?? "" });
  const [wrong, setWrong] = useState({ id: "", text: "" });
  const left = words.criteria.filter(({ id }) => judged.scores[id] === undefined);
  const total = totalOf(words.criteria, judged.scores);
  const go = async () => {
    if (left.length) return setWrong({ id: left[0].id, text: `${Q.form.missing} ${left.map(({ title }) => title).join(", ")}` });
    try {
      await put(`/quality/evaluations/${part(callId)}/${part(talk.agent)}`, judged);
      setWrong({ id: "", text: "" });
      toast(Q.form.saved, "good");
      onSaved();
    } catch (error) {
      const field = error instanceof Refused ? (error.field ?? "").replace("scores.", "") : "";
      setWrong({ id: field, text: faultText(error) });
    }
    return undefined;
  };
  if (talk.agent === me) return html`<p class="muted">${Q.form.oneself}</p>`;
  const set = (id, choice) => setJudged((had) => ({ ...had, scores: { ...had.scores, [id]: pointsOf(choice) } }));
  return html`<${FormBody} go=${go} className="stack">
      ${words.criteria.map((one) => html`<${Criterion} key=${one.id} criterion=${one} points=${judged.scores[one.id]} wrong=${wrong.id === one.id} onChange=${set} />`)}
      <${Field} name="judge-comment" label=${Q.form.comment}
        ><textarea ...${control("judge-comment")} rows="3" maxlength="2000" value=${judged.comment} onInput=${({ target }) => setJudged((had) => ({ ...had, comment: target.value }))}></textarea></${Field}>
      <${Fault} text=${wrong.text} steady />
      <div class="row apart judge-end">
        <strong class="judge-total" role="status">${Q.form.total}: ${total === null ? "—" : percent(total)}</strong>
        <${Button} label=${mine ? Q.form.change : Q.form.save} kind="main" type="submit" />
      </div>
    </${FormBody}>
    ${others.map((one) => html`<p key=${one.id} class="muted">${joined([words.agents[one.supervisor] ?? one.supervisor, percent(one.score), moment(one.changed_at), one.comment])}</p>`)}
    ${mine && html`<${History} id=${mine.id} changed=${mine.changed_at} />`}`;
}

function Criterion({ criterion: { id, title, asks, levels, clause, critical }, points, wrong, onChange }) {
  const options = [
    ...levels.map((level, n) => ({ id: String(n), title: `${n} – ${level}` })),
    { id: NOT_APPLIED, title: Q.form.notApplied },
  ];
  return html`<div class=${`judge-one ${wrong ? "wrong-one" : ""}`} data-criterion=${id}>
    <${Choice} label=${title} name=${`judge-${id}`} options=${options} value=${choiceOf(points)} onChange=${(choice) => onChange(id, choice)} />
    <p class="hint">${joined([asks, clause || Q.form.own, critical && Q.form.critical])}</p>
  </div>`;
}

function History({ id, changed }) {
  const [wordings, setWordings] = useState(null);
  useEffect(() => {
    get(`/quality/evaluations/${id}/history`)
      .then((told) => setWordings(told.wordings))
      .catch(() => setWordings(null));
  }, [id, changed]);
  if (!wordings || wordings.length < 2) return null;
  return html`<details class="judge-history"><summary>${Q.form.history} (${wordings.length})</summary>
    <ul class="points">
      ${wordings.map((one, n) => html`<li key=${n}>${joined([moment(one.at), percent(one.score), one.comment])}</li>`)}
    </ul>
  </details>`;
}
