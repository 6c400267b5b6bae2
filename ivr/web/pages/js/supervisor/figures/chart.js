// One figure over time, with the line of its target. What it shows stands in the table beneath it, too.
import { html, useEffect, useRef } from "../../../vendor/preact-htm.js";
import uPlot from "../../../vendor/uplot.js";
import { useStore } from "../store.js";
import { F } from "../texts-figures.js";
import { atAxis, steps } from "./axis.js";

const USUAL_HEIGHT = 220;
const LABEL_PX = 58;
const FONT_PX = 12;
const ROOM = 1.08; // above the highest value

/** The colours of the theme, as a canvas needs them. */
export function colours(element) {
  const probe = document.createElement("span");
  element.append(probe);
  const found = Object.fromEntries(
    ["text", "muted", "line", "accent", "bad"].map((name) => {
      probe.style.setProperty("color", `var(--${name})`);
      return [name, getComputedStyle(probe).color];
    }),
  );
  probe.remove();
  return found;
}

function topOf(values, target) {
  const highest = Math.max(target ?? 0, ...values.filter((value) => value !== null));
  return highest > 0 ? highest * ROOM : 1;
}

/** Labels where there is room for them: every first, second, fifth … */
function everyOf(count, width) {
  const room = Math.max(1, Math.floor(width / LABEL_PX));
  return [1, 2, 3, 5, 7, 10, 14, 20, 30, 60, 90, 180, 365].find((every) => count / every <= room) ?? 365;
}

function missedPoints(points) {
  return points.flatMap(({ verdict }, at) => (verdict === "missed" ? [at] : []));
}

function options({ figure: { unit, target, target_text: aim }, points }, width, height, paint, font) {
  const labels = points.map(({ label }) => label);
  const every = everyOf(labels.length, width - 70);
  const axis = { stroke: paint.muted, grid: { stroke: paint.line, width: 1 }, ticks: { show: false }, font };
  const missed = new Set(missedPoints(points));
  return {
    width,
    height,
    padding: [16, 12, 0, 0],
    cursor: { show: false },
    legend: { show: false },
    scales: { x: { time: false, range: [-0.5, labels.length - 0.5] }, y: { range: [0, topOf(points.map(({ value }) => value), target)] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        splits: () => labels.flatMap((_, at) => (at % every === 0 ? [at] : [])),
        values: (_, ticks) => ticks.map((at) => labels[at]),
        size: 30,
      },
      { ...axis, incrs: steps(unit), values: (_, ticks) => ticks.map((value) => atAxis(value, unit)), size: 66 },
    ],
    series: [
      {},
      {
        stroke: paint.accent,
        width: 2,
        paths: labels.length > 1 ? uPlot.paths.linear() : () => null,
        points: { show: true, size: 6, fill: paint.accent, stroke: paint.accent },
      },
      ...(target === null ? [] : [{ stroke: paint.bad, width: 1.5, dash: [7, 5], points: { show: false } }]),
    ],
    hooks: {
      draw: [
        (plot) => missed.forEach((at) => cross(plot, at, points[at].value, paint.bad)),
        (plot) => target !== null && aimText(plot, target, `${F.aimAt}: ${aim}`, paint.bad, font),
      ],
    },
  };
}

/** Where the target is missed a cross stands, so that colour is not alone. */
function cross(plot, at, value, colour) {
  const { ctx } = plot;
  const [x, y, arm] = [plot.valToPos(at, "x", true), plot.valToPos(value, "y", true), 5 * devicePixelRatio];
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.moveTo(x - arm, y - arm);
  ctx.lineTo(x + arm, y + arm);
  ctx.moveTo(x - arm, y + arm);
  ctx.lineTo(x + arm, y - arm);
  ctx.stroke();
  ctx.restore();
}

function aimText({ ctx, bbox, valToPos }, target, text, colour) {
  ctx.save();
  ctx.fillStyle = colour;
  ctx.font = `600 ${FONT_PX * devicePixelRatio}px ${getComputedStyle(document.body).fontFamily}`;
  ctx.textAlign = "right";
  ctx.textBaseline = "bottom";
  ctx.fillText(text, bbox.left + bbox.width, valToPos(target, "y", true) - 2 * devicePixelRatio);
  ctx.restore();
}

const dataOf = ({ figure: { target }, points }) => [
  points.map((_, at) => at),
  points.map(({ value }) => value),
  ...(target === null ? [] : [points.map(() => target)]),
];

export function Chart({ told, height = USUAL_HEIGHT }) {
  useStore(); // drawn anew in another theme
  const ref = useRef(null);
  const theme = document.documentElement.dataset.theme;
  useEffect(() => {
    const element = ref.current;
    let plot = null;
    const draw = () => {
      plot?.destroy();
      const font = `${FONT_PX}px ${getComputedStyle(document.body).fontFamily}`;
      plot = new uPlot(options(told, element.clientWidth, height, colours(element), font), dataOf(told), element);
    };
    const watch = new ResizeObserver(draw);
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot?.destroy();
    };
  }, [told, height, theme]);
  const { title, unit, counts } = told.figure;
  const caption = `${title}, ${unit === "count" ? F.counts[counts ?? "calls"] : F.units[unit]}`;
  const label = `${F.chart}: ${caption}; ${F.chartHint}`;
  return html`<figure class="fig-chart">
    <figcaption class="small muted">${caption}</figcaption>
    <div class="fig-plot" ref=${ref} role="img" aria-label=${label}></div>
  </figure>`;
}
