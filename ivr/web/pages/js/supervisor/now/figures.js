// Today's KPIs: figure, target, verdict, how the last half-hour went, and their lines over the day.
import { html, useEffect, useMemo, useRef, useState } from "../../../vendor/preact-htm.js";
import { fromAddress, toAddress } from "../../address.js";
import { rowKeys } from "../../widgets.js";
import { Chart } from "../figures/chart.js";
import { Verdict } from "../figures/parts.js";
import { linkTo } from "../places.js";
import { may, useStore } from "../store.js";
import { N } from "../texts-now.js";
import { figuresOf, halfHours } from "./data.js";
import { Spark } from "./spark.js";

const FIRST = "service-level";
const NO_DATA = "no-data";
const WATCHED = [FIRST, "answer-speed", "incoming", "answered", "served", "lost", "robot-containment"];
const [LEAST_HEIGHT, MOST_HEIGHT, AROUND] = [172, 460, 38]; // px
const ALIKE = 0.02; // a part of the day's figure within which a half-hour is like the day

/** All that has a target, then what one watches beside, then the targets of which nothing is known yet. */
const shown = (figures) => [
  ...figures.filter(({ target, verdict }) => target !== null && verdict !== NO_DATA),
  ...WATCHED.flatMap((watched) => figures.filter(({ id, target }) => target === null && id === watched)),
  ...figures.filter(({ target, verdict }) => target !== null && verdict === NO_DATA),
];

export function Figures() {
  const { now, words } = useStore();
  const [kpi, setKpi] = useState(fromAddress({ kpi: FIRST }).kpi);
  const figures = shown(figuresOf(now));
  const chosen = figures.find(({ id }) => id === kpi) ?? figures.find(({ id }) => id === FIRST) ?? figures[0];
  const choose = (id) => {
    setKpi(id);
    toAddress({ kpi: id });
  };
  if (!chosen) return html`<p class="nothing">${N.figures.none}</p>`;
  return html`<section class="now-box now-figures" aria-label=${N.figures.title}>
      <table class="now-table" onKeyDown=${rowKeys}>
        <caption title=${words.standard_title}>
          ${N.figures.title}
        </caption>
        <colgroup>
          <col />${["value", "aim", "verdict", "trend", "line"].map((name) => html`<col key=${name} class=${name} />`)}
        </colgroup>
        <thead>
          <tr>
            <th scope="col">${N.figures.figure}</th>
            <th scope="col" class="figure">${N.figures.value}</th>
            <th scope="col">${N.figures.aim}</th>
            <th scope="col">${N.figures.verdict}</th>
            <th scope="col">${N.figures.trend}</th>
            <th scope="col">${N.figures.line}</th>
          </tr>
        </thead>
        <tbody>
          ${figures.map((figure) => html`<${Row} key=${figure.id} figure=${figure} now=${now} chosen=${figure === chosen} choose=${choose} />`)}
        </tbody>
      </table>
    </section>
    <${Day} figure=${chosen} now=${now} />`;
}

function Row({ figure, now, chosen, choose }) {
  const points = halfHours(now, figure.id);
  const { moment } = now;
  return html`<tr data-row data-kpi=${figure.id} data-verdict=${figure.verdict} data-chosen=${chosen}>
    <th scope="row">
      <button
        type="button"
        class="now-name two-lines"
        aria-pressed=${chosen}
        title=${`${figure.title}. ${figure.explanation}`}
        onClick=${() => choose(figure.id)}
      >
        ${figure.title}
      </button>
    </th>
    <td class="figure strong">
      ${
        figure.calls > 0
          ? html`<a href=${linkTo("figures", { kpi: figure.id, from: moment.day, to: moment.day })} title=${N.figures.behind}
              >${figure.value_text}</a
            >`
          : figure.value_text
      }
    </td>
    <td class="nowrap small" title=${figure.ground}>${figure.target_text || N.figures.empty}</td>
    <td>${figure.target === null ? html`<span class="muted small">${N.figures.empty}</span>` : html`<${Verdict} of=${figure.verdict} />`}</td>
    <td class="small nowrap"><${Trend} figure=${figure} points=${points} /></td>
    <td><${Spark} figure=${figure} points=${points} /></td>
  </tr>`;
}

/** How the latest half-hour with calls compares with the day: "78 % ↓ worse". */
function Trend({ figure: { value, better, unit }, points }) {
  const last = points.findLast((point) => point.value !== null);
  if (!last || value === null) return html`<span class="muted">${N.figures.empty}</span>`;
  const said = html`<strong title=${`${N.figures.since} ${last.label}`}>${last.text}</strong>`;
  if (unit === "count" || better === "none") return said;
  const apart = last.value - value;
  if (Math.abs(apart) <= Math.abs(value) * ALIKE) return html`${said} <span class="muted">→ ${N.figures.same}</span>`;
  const good = apart > 0 === (better === "high");
  return html`${said} <span class=${good ? "good" : "bad"}
      >${apart > 0 ? "↑" : "↓"} ${good ? N.figures.better : N.figures.worse}</span
    >`;
}

/** The chart takes the height that is left. */
function useHeight(ref) {
  const [height, setHeight] = useState(LEAST_HEIGHT);
  useEffect(() => {
    const box = ref.current;
    const fit = () => setHeight(Math.max(LEAST_HEIGHT, Math.min(MOST_HEIGHT, box.clientHeight - AROUND)));
    const watch = new ResizeObserver(fit);
    watch.observe(box);
    return () => watch.disconnect();
  }, []);
  return height;
}

function Day({ figure, now }) {
  const ref = useRef(null);
  const height = useHeight(ref);
  const points = halfHours(now, figure.id);
  const drawn = JSON.stringify([figure.id, figure.target, points]);
  const told = useMemo(() => ({ figure: { ...figure, title: `${figure.title} ${N.figures.half}` }, points }), [drawn]);
  const words = may("reports") ? N.figures.noHistory : N.figures.noRight;
  return html`<section class="now-box now-day" ref=${ref} aria-label=${`${figure.title} ${N.figures.half}`}>
    ${
      points.some(({ value }) => value !== null)
        ? html`<${Chart} told=${told} height=${height} />
            <${Told} points=${points} />`
        : html`<p class="nothing">${words}</p>`
    }
  </section>`;
}

/** The same for those who do not see the chart. */
const Told = ({ points }) =>
  html`<ul class="only-heard">
    ${points.filter(({ value }) => value !== null).map(({ label, text }) => html`<li key=${label}>${label}: ${text}</li>`)}
  </ul>`;
