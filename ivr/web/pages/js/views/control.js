// What a control call on a complaint came to: reached or not, content or not, a score, the client's words.
import { html, useState } from "../../vendor/preact-htm.js";
import { listed } from "../format.js";
import { faultText } from "../tell.js";
import { T } from "../texts.js";
import { Button, Choice, Dialog, Fault, Field, FormBody, control } from "../widgets.js";
import { finishControl } from "../work.js";

const SCORES = ["1", "2", "3", "4", "5"].map((id) => ({ id, title: id }));

/** What is sent: an answer that was not given is left out. */
const said = ({ outcome, score, words }) =>
  outcome === "not-reached"
    ? { reached: false, words }
    : { reached: true, satisfied: outcome, score: Number(score) || null, words };

export function ControlDone({ row, onClose }) {
  const [wish, setWish] = useState({ outcome: "", score: "", words: "" });
  const [fault, setFault] = useState("");
  const set = (name) => (value) => setWish({ ...wish, [name]: value });
  const go = async () => {
    if (!wish.outcome) return setFault(T.control.choose);
    try {
      await finishControl(row, said(wish));
      return onClose();
    } catch (error) {
      return setFault(faultText(error));
    }
  };
  return html`<${Dialog} title=${T.control.title} onClose=${onClose}>
    <${FormBody} go=${go}>
      <p class="muted words">${row.question}</p>
      <${Choice} label=${T.control.outcome} name="control-outcome" options=${listed(T.control.outcomes)} value=${wish.outcome} onChange=${set("outcome")} />
      ${
        wish.outcome &&
        wish.outcome !== "not-reached" &&
        html`<${Choice} label=${T.control.score} name="control-score" options=${SCORES} value=${wish.score} onChange=${set("score")} />`
      }
      <${Field} name="control-words" label=${T.control.words}
        ><textarea ...${control("control-words")} maxlength="2000" rows="3" value=${wish.words} onInput=${({ target }) => set("words")(target.value)}
      /></${Field}>
      ${wish.outcome === "no" && html`<p class="box note">${T.control.follows}</p>`}
      <${Fault} text=${fault} />
      <div class="row"><${Button} label=${T.common.save} kind="main" k="save" onClick=${go} /></div>
    </${FormBody}>
  </${Dialog}>`;
}
