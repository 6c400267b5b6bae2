// A line of the day as small as a word, with its target. What it shows is told by the table and the chart beside it.
import { html, useEffect, useRef } from "../../../vendor/preact-htm.js";
import uPlot from "../../../vendor/uplot.js";
import { colours } from "../figures/chart.js";

const ROOM = 0.12; // above and below
const [WIDTH, HEIGHT] = [78, 24];

/** As high as the line goes: how it goes matters here, how much it is stands beside it. */
function rangeOf(_, low, high) {
  const room = (high - low || Math.abs(high) || 1) * ROOM;
  return [low - room, high + room];
}

function options(paint, target) {
  const line = { points: { show: false }, spanGaps: true };
  return {
    width: WIDTH,
    height: HEIGHT,
    padding: [3, 3, 3, 3],
    cursor: { show: false },
    legend: { show: false },
    select: { show: false },
    scales: { x: { time: false }, y: { range: rangeOf } },
    axes: [{ show: false }, { show: false }],
    series: [
      {},
      { ...line, stroke: paint.accent, width: 1.5 },
      ...(target === null ? [] : [{ ...line, stroke: paint.bad, width: 1, dash: [4, 3] }]),
    ],
  };
}

const dataOf = ({ target }, points) => [
  points.map((_, at) => at),
  points.map(({ value }) => value),
  ...(target === null ? [] : [points.map(() => target)]),
];

export function Spark({ figure, points }) {
  const ref = useRef(null);
  const drawn = useRef("");
  const { theme } = document.documentElement.dataset;
  const told = JSON.stringify([figure.target, points.map(({ value }) => value), theme]);
  useEffect(() => {
    if (points.length < 2 || drawn.current === told) return;
    drawn.current = told;
    ref.current.replaceChildren();
    new uPlot(options(colours(ref.current), figure.target), dataOf(figure, points), ref.current);
  }, [told]);
  return html`<div class="now-spark" ref=${ref} aria-hidden="true"></div>`;
}
