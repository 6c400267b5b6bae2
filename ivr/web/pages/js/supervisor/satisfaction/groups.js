// The figures by questionnaire and kind of client; one of them by questions and waves.
import { html } from "../../../vendor/preact-htm.js";
import { figure } from "../../format.js";
import { rowKeys } from "../../widgets.js";
import { useAnswer } from "../figures/answers.js";
import { U } from "../texts-satisfaction.js";
import { Few, Told } from "./numbers.js";
import { days } from "./period.js";

const Head = ({ title, how }) =>
  html`<th scope="col" class="figure">${title}<span class="small muted sat-how">${how}</span></th>`;

export function Groups({ groups, chosen, choose }) {
  if (!groups.length) return html`<p class="box note"><strong>${U.none}</strong> ${U.noneHow}</p>`;
  return html`<table class="sat-groups" aria-label=${U.groups} onKeyDown=${rowKeys}>
    <thead>
      <tr>
        <th scope="col">${U.source}</th><th scope="col">${U.segment}</th><th scope="col" class="figure">${U.answers}</th>
        <${Head} title=${U.csat} how=${U.csatHow} /><${Head} title=${U.score} how=${U.scoreHow} />
        <${Head} title=${U.csi} how=${U.csiHow} /><${Head} title=${U.nps} how=${U.npsHow} />
      </tr>
    </thead>
    <tbody>
      ${groups.map(
        (one) =>
          html`<tr key=${`${one.source}.${one.segment}`} data-row data-group=${one.source} class=${one.source === chosen ? "chosen" : ""}>
            <td>${
              one.source === "call"
                ? U.call
                : html`<button type="button" class="link" aria-expanded=${one.source === chosen} onClick=${() => choose(one.source === chosen ? "" : one.source)}>
                    ${one.title || one.source}
                  </button>`
            }</td>
            <td>${U.segments[one.segment] ?? one.segment}</td>
            <td class="figure"><${Count} of=${one} /></td>
            <td class="figure"><${Told} of=${one.csat} /></td>
            <td class="figure"><${Told} of=${one.score} as="score" /></td>
            <td class="figure"><${Told} of=${one.csi} /></td>
            <td class="figure"><${Told} of=${one.nps} as="nps" /></td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

const Count = ({ of }) => html`<span class="sat-told"><strong>${figure(of.answers)}</strong><${Few} of=${of.score} /></span>`;

const AS = { score: "score", nps: "nps" };

/** One questionnaire: each question, and each wave. */
export function One({ id, query }) {
  const { told } = useAnswer(`/satisfaction/questionnaires/${encodeURIComponent(id)}`, query);
  if (!told) return html`<p class="nothing" role="status">${U.loading}</p>`;
  return html`<section class="sat-one" aria-label=${told.title} data-one=${id}>
    <h3>${told.title} · ${U.detail}</h3>
    <table aria-label=${U.detail}>
      <thead>
        <tr>
          <th scope="col">${U.question}</th><th scope="col" class="figure">${U.weight}</th>
          <th scope="col" class="figure">${U.result}</th><th scope="col">${U.spread}</th>
        </tr>
      </thead>
      <tbody>
        ${told.questions.map(
          (one) =>
            html`<tr key=${one.id} data-question=${one.id}>
              <td>${one.text}</td>
              <td class="figure">${one.weight ? `${figure(one.weight * 100)} %` : ""}</td>
              <td class="figure"><${Told} of=${one.figure} as=${AS[one.kind] ?? "share"} /></td>
              <td><${Spread} of=${one} /></td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${told.history.length > 0 && html`<h3>${U.history}</h3><${History} waves=${told.history} />`}
  </section>`;
}

const History = ({ waves }) =>
  html`<table aria-label=${U.history}>
    <thead>
      <tr>
        <th scope="col">${U.wave}</th><th scope="col" class="figure">${U.answers}</th><th scope="col" class="figure">${U.csat}</th>
        <th scope="col" class="figure">${U.score}</th><th scope="col" class="figure">${U.csi}</th><th scope="col" class="figure">${U.nps}</th>
      </tr>
    </thead>
    <tbody>
      ${waves.map(
        (one) =>
          html`<tr key=${one.first_day}>
            <td>${days({ from: one.first_day, to: one.last_day })}</td>
            <td class="figure"><${Count} of=${one} /></td>
            <td class="figure"><${Told} of=${one.csat} /></td>
            <td class="figure"><${Told} of=${one.score} as="score" /></td>
            <td class="figure"><${Told} of=${one.csi} /></td>
            <td class="figure"><${Told} of=${one.nps} as="nps" /></td>
          </tr>`,
      )}
    </tbody>
  </table>`;

const ORDERED = { score: 5, nps: 10 };

/** How often each answer was given, the best first. */
function Spread({ of: { kind, counts, options, figure: told } }) {
  if (kind === "words") return html`<span class="muted">${told.answers ? `${figure(told.answers)}, ${U.words}` : "—"}</span>`;
  const names = ORDERED[kind] ? Object.keys(counts).sort((one, other) => other - one) : Object.keys(counts).sort((one, other) => counts[other] - counts[one]);
  const title = (name) => (kind === "yes-no" ? (name === "1" ? U.yes : U.no) : (options[name] ?? name));
  return html`<span class="sat-spread">${names.map((name) => html`<span key=${name}>${title(name)}: <strong>${figure(counts[name])}</strong></span>`)}</span>`;
}
