// «Quality»: what was marked in talks, how they were evaluated, how operators stand.
import { html } from "../../vendor/preact-htm.js";
import { figure, listed } from "../format.js";
import { Choice, Field, Options, control } from "../widgets.js";
import { usePlace, useWords } from "./quality/data.js";
import { Evaluations } from "./quality/evaluations.js";
import { Marks } from "./quality/marks.js";
import { Operators } from "./quality/operators.js";
import { useStore } from "./store.js";
import { Q } from "./texts-quality.js";

const VIEWS = { marks: Marks, evaluations: Evaluations, operators: Operators };

/** Times are the company's: nothing is drawn before its zone is known. */
export const Quality = () => (useStore().read ? html`<${Part} />` : html`<p class="nothing">…</p>`);

function Part() {
  const words = useWords(true);
  const [place, go] = usePlace();
  const View = VIEWS[place.view];
  const agents = listed(words?.agents ?? {}).sort((one, other) => one.title.localeCompare(other.title, "ru"));
  const month = ({ target }) => target.value && go({ month: target.value, mark: "", talk: "" });
  return html`<div class="quality" data-part="quality">
    <div class="row apart quality-head">
      <div class="row">
        <${Choice} label=${Q.view} name="quality-view" options=${listed(Q.views)} value=${place.view} onChange=${(view) => go({ view })} whole=${false} />
        <${Field} name="quality-month" label=${Q.month}
          ><input ...${control("quality-month")} type="month" value=${place.month} onInput=${month}
        /></${Field}>
        <${Field} name="quality-agent" label=${Q.agent}
          ><select ...${control("quality-agent")} value=${place.agent} onChange=${({ target }) => go({ agent: target.value, mark: "", talk: "" })}>
            <${Options} options=${agents} value=${place.agent} none=${Q.everybody} /></select
        ></${Field}>
      </div>
      <${Progress} words=${words} />
    </div>
    <${View} place=${place} go=${go} words=${words} />
  </div>`;
}

function Progress({ words }) {
  if (!words) return null;
  const { off, done, waiting, givenUp } = Q.progress;
  if (!words.transcribing) return html`<p class="box note quality-off" role="note">${off}</p>`;
  return html`<p class="muted" role="status">
    ${done} ${figure(words.done)}${words.waiting > 0 && `, ${waiting} ${figure(words.waiting)}`}${words.given_up > 0 && `, ${givenUp} ${figure(words.given_up)}`}
  </p>`;
}
