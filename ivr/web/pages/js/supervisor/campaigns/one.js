// One campaign: what it is, what is done with it, and its views.
import { html, useEffect, useRef, useState } from "../../../vendor/preact-htm.js";
import { part, post } from "../../api.js";
import { joined, listed } from "../../format.js";
import { attempt, faultText } from "../../tell.js";
import { Button, Dialog, Fault, Field, FormBody, control } from "../../widgets.js";
import { useAnswer } from "../figures/answers.js";
import { C } from "../texts-campaigns.js";
import { About } from "./about.js";
import { Attempts } from "./attempts.js";
import { Check } from "./check.js";
import { Course } from "./course.js";
import { State, days, reason } from "./list.js";
import { People } from "./people.js";
import { usePolled } from "./polled.js";

const VIEWS = { course: Course, people: People, check: Check, attempts: Attempts, about: About };
const moving = ({ campaign, course }) => campaign.state === "running" || course.open > 0;

export function One({ place, go, words, changed }) {
  const path = `/campaigns/${part(place.campaign)}`;
  const answer = usePolled(useAnswer(path), moving);
  const { told } = answer;
  const state = useRef(null);
  useEffect(() => {
    if (state.current && told) changed(); // it has ended, or paused itself: the list has to say so, too
    state.current = told?.campaign.state;
  }, [told?.campaign.state]);
  if (!told) return html`<p class="nothing" role="status">${answer.fault || C.loading}</p>`;
  const name = VIEWS[place.view] ? place.view : told.campaign.state === "draft" ? "people" : "course";
  const again = () => {
    answer.again();
    changed();
  };
  const show = (view, more = {}) => go({ campaign: place.campaign, view, ...more });
  return html`<${Head} told=${told} path=${path} go=${go} again=${again} show=${show} />
    ${answer.fault && html`<p class="box late" role="alert">▲ ${answer.fault}</p>`}
    <div class="row camp-views">
      <div class="choices" role="tablist" aria-label=${C.view}>
        ${listed(C.views).map(
          ({ id, title }) =>
            html`<button key=${id} type="button" role="tab" class="choice" aria-selected=${id === name} onClick=${() => show(id)}>${title}</button>`,
        )}
      </div>
      <div class="row">
        <a class="button low" href=${`/api${path}/report?form=xlsx`} download>${C.report}</a>
        <a class="button low" href=${`/api${path}/report?form=csv`} download>${C.csv}</a>
        <a class="button low" href=${`/api${path}/proof`} download title=${C.proofHow}>${C.proof}</a>
      </div>
    </div>
    <${VIEWS[name]} told=${told} path=${path} words=${words} again=${again} place=${place} show=${show} go=${go} />`;
}

function Head({ told: { campaign: of, course }, path, go, again, show }) {
  const hours = of.opens || of.closes ? `${of.opens?.slice(0, 5) ?? "…"}–${of.closes?.slice(0, 5) ?? "…"}` : "";
  return html`<header class="camp-head">
    <div class="row"><h1 class="cut" title=${of.title}>${of.title}</h1><${State} of=${of.state} /></div>
    <p class="muted small">${joined([of.kind_title, days(of), hours, C.modes[of.mode]])}</p>
    ${of.why && html`<p class=${`box ${of.state === "paused" ? "note" : ""}`} data-why>${reason(of.why)}</p>`}
    <${Deeds} of=${of} total=${course.total} path=${path} go=${go} again=${again} show=${show} />
  </header>`;
}

const STARTS = { draft: C.start, paused: C.goOn, done: C.runOn };

function Deeds({ of, total, path, go, again, show }) {
  const [stopping, setStopping] = useState(false);
  const start = () =>
    attempt(async () => {
      try {
        await post(`${path}/start`);
      } catch (error) {
        if (error.code === "not-ready") show("check");
        throw error;
      }
    }).then(again);
  const pause = () => attempt(() => post(`${path}/pause`)).then(again);
  const campaign = String(of.id);
  const starts = STARTS[of.state] && (of.state !== "done" || total > of.over);
  return html`<div class="row camp-deeds">
    ${starts && html`<${Button} label=${STARTS[of.state]} kind="yes" icon="▶" disabled=${!total} onClick=${start} />`}
    ${of.state === "running" && html`<${Button} label=${C.pause} kind="on" icon="‖" onClick=${pause} />`}
    ${["draft", "running", "paused"].includes(of.state) && html`<${Button} label=${C.stop} icon="■" onClick=${() => setStopping(true)} />`}
    ${["draft", "paused"].includes(of.state) && html`<${Button} label=${C.edit} onClick=${() => go({ campaign, make: "edit" })} />`}
    <${Button} label=${C.copy} onClick=${() => go({ campaign, make: "copy" })} />
    ${stopping && html`<${Stop} path=${path} close=${() => setStopping(false)} again=${again} />`}
  </div>`;
}

function Stop({ path, close, again }) {
  const [why, setWhy] = useState("");
  const [fault, setFault] = useState("");
  const stop = async () => {
    try {
      await post(`${path}/stop`, { why });
      close();
      again();
    } catch (error) {
      setFault(faultText(error));
    }
  };
  return html`<${Dialog} title=${C.stopTitle} onClose=${close}
    ><${FormBody} go=${stop}>
      <p>${C.stopHow}</p>
      <${Field} name="camp-why" label=${C.why}
        ><input ...${control("camp-why")} maxlength="500" value=${why} onInput=${({ target }) => setWhy(target.value)} /></${Field}
      >
      <${Fault} text=${fault} />
      <div class="row"><${Button} label=${C.stopGo} kind="no" type="submit" /></div></${FormBody}
  ></${Dialog}>`;
}
