// «Unheard»: what the robot did not understand is heard, given the topic that was meant, and the next one comes.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { fromAddress, toAddress } from "../address.js";
import { Refused, get, part, post } from "../api.js";
import { duration, figure, listed, moment, plural } from "../format.js";
import { attempt, faultText } from "../tell.js";
import { Button, Fault, Field, FormBody, Mark, Suggested, control, rowKeys } from "../widgets.js";
import { useSound } from "./talks/sound.js";
import { linkTo } from "./places.js";
import { toast, useStore } from "./store.js";
import { U } from "./texts-unheard.js";

/** Times are the company's: nothing is drawn before its zone is known. */
export const Unheard = () => (useStore().read ? html`<${Part} />` : html`<p class="nothing">…</p>`);

function Part() {
  const [told, setTold] = useState(null);
  const [chosen, setChosen] = useState(Number(fromAddress({ speech: "" }).speech) || null);
  const read = async () => {
    const answer = await attempt(() => get("/review"));
    if (answer) setTold(answer);
  };
  useEffect(() => {
    read();
  }, []);
  if (!told) return html`<p class="nothing">…</p>`;
  if (!told.speeches.length) return html`<p class="nothing" data-part="unheard">${U.none}</p>`;
  const choose = (id) => {
    toAddress({ speech: id && String(id) });
    setChosen(id);
  };
  const here = told.speeches.findIndex(({ id }) => id === chosen);
  const speech = told.speeches[here] ?? told.speeches[0];
  const next = () => (told.speeches[told.speeches.indexOf(speech) + 1] ?? told.speeches[0]).id;
  const done = (waiting) => {
    const speeches = told.speeches.filter(({ id }) => id !== speech.id);
    choose(next() === speech.id ? null : next());
    setTold({ ...told, waiting, speeches });
    if (!speeches.length && waiting) read();
  };
  return html`<div class="unheard" data-part="unheard">
    <section class="talks-list">
      <div class="row talks-head">
        <strong role="status">${plural(told.waiting, ...U.waiting)} ${U.waitingEnd}</strong>
        ${told.waiting > told.speeches.length && html`<span class="muted">${U.shown} ${told.speeches.length}</span>`}
      </div>
      <${Rows} told=${told} chosen=${speech.id} onChoose=${choose} />
    </section>
    <section class="talks-one">
      <${One} key=${speech.id} speech=${speech} told=${told} onDone=${done} onSkip=${() => choose(next())} />
    </section>
  </div>`;
}

const Rows = ({ told: { speeches, lines }, chosen, onChoose }) =>
  html`<table class="talks-table unheard-table" aria-label=${U.list} onKeyDown=${rowKeys}>
    <thead>
      <tr>
        <th>${U.at}</th>
        <th>${U.said}</th>
        <th>${U.asked}</th>
        <th>${U.line}</th>
        <th class="figure">${U.confidence}</th>
      </tr>
    </thead>
    <tbody>
      ${speeches.map(
        (row) =>
          html`<tr
            data-row
            key=${row.id}
            class=${row.id === chosen ? "chosen" : ""}
            aria-current=${row.id === chosen || undefined}
            onClick=${() => onChoose(row.id)}
          >
            <td class="nowrap">
              <button type="button" class="link" onClick=${() => onChoose(row.id)}>${moment(row.at)}</button>
            </td>
            <td class="cut">${row.sound && html`<span aria-hidden="true">♪ </span>`}${said(row)}</td>
            <td class="cut">${U.kinds[row.kind] ?? row.kind}</td>
            <td class="cut">${lines[row.line] ?? row.line}</td>
            <td class="figure">${sure(row)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;

const said = ({ text }) => (text ? `«${text}»` : html`<span class="muted">${U.noWords}</span>`);
const sure = ({ confidence }) => (confidence === null ? "—" : `${figure(Math.round(confidence * 100))} %`);

function One({ speech, told, onDone, onSkip }) {
  const [seen, setSeen] = useState({ topic: "", note: "" });
  const [wrong, setWrong] = useState({ topic: "", fault: "" });
  const change = (patch) => setSeen((had) => ({ ...had, ...patch }));
  const go = async () => {
    if (seen.topic && !(seen.topic in told.topics)) return setWrong({ topic: U.wrongTopic, fault: "" });
    try {
      const { waiting } = await post(`/review/${part(speech.id)}`, {
        topic: seen.topic || null,
        note: seen.note || null,
      });
      toast(U.saved, "good");
      onDone(waiting);
    } catch (error) {
      const ofTopic = error instanceof Refused && error.field === "topic";
      setWrong(ofTopic ? { topic: error.message, fault: "" } : { topic: "", fault: faultText(error) });
    }
    return undefined;
  };
  return html`<article class="talk-call" data-speech=${speech.id}>
    <p class="unheard-said words">${said(speech)}</p>
    <div class="row">
      <${Mark} kind="accent">${U.asked.toLowerCase()}: ${U.kinds[speech.kind] ?? speech.kind}</${Mark}>
      <${Mark}>${U.confidence.toLowerCase()}: ${sure(speech)}</${Mark}>
      <span class="muted words">${U.place}: ${speech.flow}, ${speech.state}</span>
      <a href=${linkTo("talks", { call: speech.call_id })}>${U.call}</a>
    </div>
    ${speech.sound ? html`<${Clip} id=${speech.id} />` : html`<p class="muted">${U.noSound}</p>`}
    <${FormBody} go=${go}>
      <${Suggested}
        name="topic"
        label=${U.topic}
        options=${listed(told.topics)}
        value=${seen.topic}
        error=${wrong.topic}
        onChange=${(topic) => change({ topic })}
      />
      <p class="small muted unheard-topic">${seen.topic ? told.topics[seen.topic] : U.noTopic}</p>
      <${Field} name="note" label=${U.note}
        ><input
          ...${control("note")}
          type="text"
          maxlength="500"
          autocomplete="off"
          value=${seen.note}
          onInput=${({ target }) => change({ note: target.value })}
      /></${Field}>
      <${Fault} text=${wrong.fault} />
      <div class="row">
        <${Button} label=${U.done} kind="main" k="save" onClick=${go} />
        <${Button} label=${U.skip} onClick=${onSkip} />
      </div>
    </${FormBody}>
  </article>`;
}

function Clip({ id }) {
  const src = `/api/review/${part(id)}/sound`;
  const sound = useSound(src, Number.POSITIVE_INFINITY, U.fault);
  return html`<div class="row">
    <audio ref=${sound.ref} src=${src} preload="none"></audio>
    <${Button}
      label=${sound.playing ? U.pause : U.play}
      icon=${sound.playing ? "❚❚" : "▶"}
      kind="player-go"
      k="pause"
      onClick=${() => {
        sound.toggle();
      }}
    />
    <span role="timer">${duration(sound.at)}</span>
    <${Fault} text=${sound.fault} />
  </div>`;
}
