// Control calls on complaints, and what clients have said in their own words.
import { html } from "../../../vendor/preact-htm.js";
import { figure, joined, moment } from "../../format.js";
import { Mark } from "../../widgets.js";
import { U } from "../texts-satisfaction.js";
import { Told } from "./numbers.js";

export function Control({ of, calls }) {
  const rows = [
    [U.inTime, of.in_time],
    [U.reached, of.reached],
    [U.satisfied, of.satisfied],
    [U.partly, of.partly],
    [U.controlScore, of.score, "score"],
  ];
  const asked = of.in_time.answers + of.reached.answers > 0;
  return html`<section class="box" aria-label=${U.control} data-control>
    <h2>${U.control}</h2>
    ${
      asked
        ? html`<dl class="sat-facts">
            ${rows.map(([title, told, as]) => html`<div key=${title}><dt>${title}</dt><dd><${Told} of=${told} as=${as} /><span class="muted small">${U.of} ${figure(told.answers)}</span></dd></div>`)}
            ${[of.in_time, of.reached, of.satisfied].some(({ few }) => few) && html`<div><dt class="small sat-few">${U.fewHow}</dt></div>`}
            <div><dt>${U.continued}</dt><dd><strong>${figure(of.continued)}</strong></dd></div>
          </dl>`
        : html`<p class="muted">${U.controlNone}</p>`
    }
    ${
      calls.length > 0 &&
      html`<ul class="list sat-calls">
        ${calls.map(
          (one) =>
            html`<li class="item" key=${one.request_number}>
              <div class="row apart">
                <span>${U.complaint} ${one.request_number}</span
                ><${Mark} kind=${U.outcomeKinds[one.satisfied]} icon=${U.outcomeIcons[one.satisfied]}>${U.outcomes[one.satisfied]}</${Mark}>
              </div>
              <div class="small muted">${joined([moment(one.at), one.score && `${U.mark} ${one.score}`, !one.in_time && U.late, one.continued_as && `${U.follows} ${one.continued_as}`])}</div>
              ${one.words && html`<div class="words">${one.words}</div>`}
            </li>`,
        )}
      </ul>`
    }
  </section>`;
}

export const Comments = ({ comments }) =>
  html`<section aria-label=${U.comments} data-comments>
    <div class="row apart"><h2>${U.comments}</h2><span class="small muted">${U.commentsNote}</span></div>
    ${
      comments.length
        ? html`<ul class="list sat-comments">
            ${comments.map(
              (one, at) =>
                html`<li class="item" key=${at}>
                  <div class="words">${one.words}</div>
                  <div class="small muted">
                    ${joined([one.score && `${U.mark} ${one.score}`, moment(one.at), one.source === "call" ? U.call : one.title, U.segments[one.segment]])}
                  </div>
                </li>`,
            )}
          </ul>`
        : html`<p class="muted">${U.commentsNone}</p>`
    }
  </section>`;
