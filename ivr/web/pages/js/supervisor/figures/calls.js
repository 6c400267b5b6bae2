// The calls behind a figure, page by page: when, who, why each counts; each leads to its conversation.
import { html, useEffect, useState } from "../../../vendor/preact-htm.js";
import { get } from "../../api.js";
import { figure as number, joined, moment } from "../../format.js";
import { attempt } from "../../tell.js";
import { linkTo } from "../places.js";
import { F } from "../texts-figures.js";
import { Button, rowKeys } from "../../widgets.js";
import { useAnswer } from "./answers.js";
import { questionOf } from "./place.js";
import { Stale } from "./parts.js";

const PAGE = 50;

export const Calls = ({ place, figure }) =>
  html`<${Listed} key=${JSON.stringify([figure.id, questionOf(place)])} place=${place} figure=${figure} />`;

function Listed({ place, figure }) {
  const path = `/kpi/figures/${encodeURIComponent(figure.id)}/calls`;
  const answer = useAnswer(path, { ...questionOf(place), limit: PAGE });
  const [further, setFurther] = useState([]);
  const { told } = answer;
  useEffect(() => setFurther([]), [told]);
  const calls = [...(told?.calls ?? []), ...further];
  const more = () =>
    attempt(async () => {
      const next = await get(path, { ...questionOf(place), limit: PAGE, offset: calls.length });
      setFurther([...further, ...next.calls]);
    });
  return html`<aside class="fig-side fig-list" aria-label=${F.list} aria-busy=${answer.busy}>
    <div class="row apart">
      <h3>${told?.talks ? F.listTalks : F.list}${told && `: ${number(told.total)}`}</h3>
      <span class="small muted">${told && orderOf(told, figure)}</span>
    </div>
    <${Stale} answer=${answer} />
    ${told && !calls.length && html`<p class="nothing">${F.noCalls}</p>`}
    ${
      calls.length > 0 &&
      html`<ul class="list" onKeyDown=${rowKeys}>
        ${calls.map((call, at) => html`<${Call} key=${`${call.call_id}.${at}`} call=${call} adds=${adding(told, figure, call)} />`)}
      </ul>`
    }
    ${
      told &&
      calls.length < told.total &&
      html`<p class="row apart small muted">
        <span>${`${F.shown} ${number(calls.length)} ${F.of} ${number(told.total)}`}</span
        ><${Button} label=${F.more} kind="low" onClick=${more} />
      </p>`
    }
  </aside>`;
}

const orderOf = ({ alike }, { unit }) => (alike ? F.inOrder : unit === "share" ? F.partFirst : F.longest);

/** What the call adds to the figure, where not all add the same: a length, or whether it is in the part of a share. */
function adding({ alike }, { unit }, { value, value_text: text }) {
  if (alike) return null;
  if (unit !== "share") return html`<strong>${text}</strong>`;
  return html`<span class=${`small strong ${value ? "" : "muted"}`}>${value ? F.inPart : F.notInPart}</span>`;
}

const Call = ({ call, adds }) =>
  html`<li class="fig-call" data-row data-call=${call.call_id}>
    <a href=${linkTo("talks", { call: call.call_id })} title=${F.open}
      ><strong class="nowrap">${moment(call.at)}</strong> <span class="nowrap">${call.caller || F.unnamed}</span></a
    >
    <span class="nowrap">${adds}</span>
    <span class="small">${joined(call.facts, ", ")}</span>
    <span class="small muted">${joined([call.line_title, call.topic && call.topic_title, call.agent_name])}</span>
  </li>`;
