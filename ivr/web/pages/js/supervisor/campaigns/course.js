// How a campaign goes: what is left, the pace, who was lost, when it ends; the funnel and how calls ended.
import { html } from "../../../vendor/preact-htm.js";
import { figure, moment } from "../../format.js";
import { Mark } from "../../widgets.js";
import { C } from "../texts-campaigns.js";

const K = C.course;
const SHARE = new Intl.NumberFormat("ru", { style: "percent", maximumFractionDigits: 1 });

export function Course({ told, words }) {
  const { campaign, course, forecast } = told;
  const named = (id) => words.outcomes[id] ?? id;
  return html`<div class="camp-course" data-course>
    <div class="camp-tiles">
      <${Left} course=${course} />
      <${Tile} title=${K.calling} value=${figure(course.open)} name="open">${`${figure(Math.round(course.per_minute * 10) / 10)} ${K.pace}, ${K.paceHow}`}</${Tile}>
      <${Lost} campaign=${campaign} course=${course} bound=${words.abandoned_at_most} />
      <${Ends} campaign=${campaign} course=${course} forecast=${forecast} />
    </div>
    <${Funnel} course=${course} />
    <div class="camp-two">
      <${Counts} title=${K.outcomes} none=${K.outcomesNone} counts=${course.outcomes} named=${named} name="outcomes" />
      <${Counts} title=${K.dispositions} none=${K.dispositionsNone} counts=${course.dispositions} named=${(id) => words.dispositions[id] ?? id} name="dispositions" />
    </div>
  </div>`;
}

/** A bar that is filled so far; the number stands beside it. */
const Filled = ({ share }) => html`<span class="camp-bar" aria-hidden="true" style=${{ "--share": share }}></span>`;

const Tile = ({ title, value, name, children }) =>
  html`<div class="box camp-tile" data-tile=${name}><h3>${title}</h3><strong class="camp-big">${value}</strong><div class="small muted">${children}</div></div>`;

const Left = ({ course: { left, total } }) =>
  html`<${Tile} title=${K.left} value=${figure(left)} name="left"
    ><${Filled} share=${total ? 1 - left / total : 0} />${`${C.of} ${figure(total)}`}</${Tile}
  >`;

function Lost({ campaign, course, bound }) {
  if (campaign.mode === "agentless") return html`<${Tile} title=${K.abandoned} value="—" name="lost">${K.robot}</${Tile}>`;
  if (course.abandoned === null) return html`<${Tile} title=${K.abandoned} value="—" name="lost">${K.nobody}</${Tile}>`;
  const over = course.abandoned > bound;
  return html`<${Tile} title=${K.abandoned} value=${SHARE.format(course.abandoned)} name="lost"
    ><span title=${K.abandonedHow}
      ><${Mark} kind=${over ? "bad" : "good"} icon=${over ? "▲" : "✓"}>${`${over ? K.over : K.within} ${SHARE.format(bound)}`}</${Mark}></span
    ></${Tile}
  >`;
}

function Ends({ campaign, course, forecast }) {
  if (!course.left || campaign.state !== "running")
    return html`<${Tile} title=${K.ends} value="—" name="ends">${course.left ? K.idle : C.states.done}</${Tile}>`;
  if (!forecast.ends_at) return html`<${Tile} title=${K.ends} value="—" name="ends">${K.unknown}</${Tile}>`;
  return html`<${Tile} title=${K.ends} value=${moment(forecast.ends_at)} name="ends"
    ><${Mark} kind=${forecast.in_time ? "good" : "warn"} icon=${forecast.in_time ? "✓" : "▲"}>${forecast.in_time ? K.inTime : K.late}</${Mark}></${Tile}
  >`;
}

function Funnel({ course }) {
  const steps = ["total", "tried", "answered", "reached"];
  return html`<section class="box" aria-label=${K.funnel} data-funnel>
    <h2>${K.funnel}</h2>
    <div class="camp-funnel">
      ${steps.map((name) => html`<${Bar} key=${name} title=${K[name]} hint=${K[`${name}How`]} count=${course[name]} of=${course.total} />`)}
    </div>
  </section>`;
}

const Bar = ({ title, hint, count, of }) => html`<span>${title}${hint && html`<span class="small muted"> ${hint}</span>`}</span>
  <${Filled} share=${of ? count / of : 0} />
  <strong class="figure">${figure(count)}</strong><span class="figure muted">${of ? SHARE.format(count / of) : ""}</span>`;

function Counts({ title, none, counts, named, name }) {
  const rows = Object.entries(counts).sort(([, one], [, other]) => other - one);
  const sum = rows.reduce((all, [, count]) => all + count, 0);
  return html`<section aria-label=${title} data-counts=${name}>
    <h2>${title}</h2>
    ${
      rows.length
        ? html`<table>
            <thead class="only-heard"><tr><th>${title}</th><th>${K.count}</th><th>${K.share}</th></tr></thead>
            <tbody>
              ${rows.map(
                ([id, count]) =>
                  html`<tr key=${id} data-count=${id}><td>${named(id)}</td><td class="figure">${figure(count)}</td><td class="figure muted">${SHARE.format(count / sum)}</td></tr>`,
              )}
            </tbody>
          </table>`
        : html`<p class="muted">${none}</p>`
    }
  </section>`;
}
