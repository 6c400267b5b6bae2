// How a call went, moment by moment; a moment that was recorded leads to its sound.
import { html } from "../../../vendor/preact-htm.js";
import { clockTime, duration } from "../../format.js";
import { O } from "../../texts-office.js";
import { R } from "../texts-talks.js";

/** In which recording a moment lies, and where in it; null: it was not recorded. */
export function placeOf(at, recordings) {
  for (const recording of recordings) {
    const second = (Date.parse(at) - Date.parse(recording.started_at)) / 1000;
    if (!recording.going && second >= 0 && second <= recording.seconds) return { recording, second };
  }
  return null;
}

/** All moments, the robot's own first. */
export const momentsOf = (told) =>
  told.kind === "inbound" ? [{ at: told.came_at, what: "robot", who: null, told: {} }, ...told.moments] : told.moments;

export function Story({ told, recordings, words, seek }) {
  return html`<section class="stack" aria-label=${R.call.story}>
    <h3>${R.call.story}</h3>
    <ol class="story talk-story">
      ${momentsOf(told).map((moment, n) => {
        const place = placeOf(moment.at, recordings);
        return html`<${Moment} key=${n} moment=${moment} place=${place} words=${words} seek=${seek} />`;
      })}
    </ol>
  </section>`;
}

function Moment({ moment: { at, what, who, told }, place, words, seek }) {
  const name = what === "robot" ? R.call.robot : (O.moments[what] ?? what);
  const more = [
    words.queues[told.queue] ?? told.queue,
    words.topics[told.topic] ?? told.topic,
    told.score,
    O.ends[told.end],
    words.agents[who] ?? who,
  ].filter(Boolean);
  return html`<li>
    <span class="muted">${clockTime(at)}</span>
    <span class="words"><strong>${name}</strong>${more.length > 0 && ` — ${more.join(", ")}`}</span>
    ${
      place
        ? html`<button
            type="button"
            class="link"
            aria-label=${`${R.call.from} ${duration(place.second)}`}
            onClick=${() => seek(place.recording.id, place.second)}
          >
            ▶ ${duration(place.second)}
          </button>`
        : html`<span></span>`
    }
  </li>`;
}
