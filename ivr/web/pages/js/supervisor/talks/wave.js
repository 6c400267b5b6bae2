// A recording drawn: the client above, the company's people below; where one is, what was kept out of it.
import { html, useMemo } from "../../../vendor/preact-htm.js";
import { duration } from "../../format.js";
import { R } from "../texts-talks.js";

const WIDE = 1000;
const HIGH = 100;
const STEP_SECONDS = 5;
const LEAST = 0.02;

/** One side as a closed path around its middle line, between `top` and `bottom`. */
function path(side, top, bottom) {
  const [middle, half] = [(top + bottom) / 2, (bottom - top) / 2 - 2];
  const loudest = Math.max(...side, 0.1);
  const x = (n) => ((n + 0.5) * WIDE) / side.length;
  const y = (value) => Math.max(value / loudest, LEAST) * half;
  const upper = side.map((value, n) => `${x(n).toFixed(1)} ${(middle - y(value)).toFixed(1)}`);
  const lower = side.map((value, n) => `${x(n).toFixed(1)} ${(middle + y(value)).toFixed(1)}`).reverse();
  return `M${upper.join("L")}L${lower.join("L")}Z`;
}

const ROWS = {
  1: [[0, HIGH]],
  2: [
    [0, HIGH / 2],
    [HIGH / 2, HIGH],
  ],
};
const NAMES = { 1: [R.player.mixed], 2: [R.player.client, R.player.staff] };

export function Wave({ outline, seconds, sound, ticks }) {
  const channels = outline?.sides.length ?? 2;
  const paths = useMemo(
    () => outline?.sides.map((side, n) => (side.length ? path(side, ...ROWS[channels][n]) : "")) ?? [],
    [outline],
  );
  const x = (at) => (seconds ? (at * WIDE) / seconds : 0);
  const go = (event) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    sound.seek(((event.clientX - left) / width) * seconds);
  };
  const onKey = (event) => {
    const to = { ArrowLeft: sound.at - STEP_SECONDS, ArrowRight: sound.at + STEP_SECONDS, Home: 0, End: seconds }[
      event.key
    ];
    if (to !== undefined) sound.seek(to);
    else if (event.key === " " || event.key === "Enter") sound.toggle();
    else return;
    event.preventDefault();
  };
  return html`<div class="wave">
    <div class="wave-names" aria-hidden="true">
      ${NAMES[channels].map((name) => html`<span key=${name}>${name}</span>`)}
    </div>
    <div
      class="wave-body"
      role="slider"
      tabindex="0"
      aria-label=${R.player.position}
      aria-valuemin="0"
      aria-valuemax=${Math.round(seconds)}
      aria-valuenow=${Math.round(sound.at)}
      aria-valuetext=${`${duration(sound.at)} ${R.player.of} ${duration(seconds)}`}
      title=${R.player.keys}
      onKeyDown=${onKey}
      onPointerDown=${(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove=${(event) => event.buttons & 1 && go(event)}
    >
      <svg viewBox=${`0 0 ${WIDE} ${HIGH}`} preserveAspectRatio="none" aria-hidden="true">
        <rect class="played" x="0" y="0" width=${x(sound.at)} height=${HIGH} />
        ${channels === 2 && html`<line class="middle-line" x1="0" x2=${WIDE} y1=${HIGH / 2} y2=${HIGH / 2} />`}
        ${paths.map((d, n) => html`<path key=${n} class=${channels === 2 ? ["client", "staff"][n] : "client"} d=${d} />`)}
        ${outline?.quiet.map(
          ([since, until]) =>
            html`<rect key=${since} class="quiet" x=${x(since)} y="0" width=${x(until - since)} height=${HIGH}
              ><title>${R.player.quiet}</title></rect
            >`,
        )}
        ${ticks.map((at) => html`<line key=${at} class="tick" x1=${x(at)} x2=${x(at)} y1="0" y2="10" />`)}
        <line class="head" x1=${x(sound.at)} x2=${x(sound.at)} y1="0" y2=${HIGH} />
      </svg>
      ${!outline && html`<span class="wave-wait muted small">${R.player.drawing}</span>`}
    </div>
  </div>`;
}
