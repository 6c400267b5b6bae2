// One recording heard: its outline, the place in it, speed and loudness.
import { html, useEffect, useState } from "../../../vendor/preact-htm.js";
import { get, part } from "../../api.js";
import { duration } from "../../format.js";
import { faultText } from "../../tell.js";
import { Button, Fault, Field, control } from "../../widgets.js";
import { R } from "../texts-talks.js";
import { Wave } from "./wave.js";

const SPEEDS = [1, 1.25, 1.5, 2].map((rate) => ({ id: String(rate), title: `${String(rate).replace(".", ",")}×` }));

/** What is drawn of a recording; a fault is told where it stands. */
function useOutline(id) {
  const [drawn, setDrawn] = useState({ outline: null, fault: "" });
  useEffect(() => {
    let mine = true;
    setDrawn({ outline: null, fault: "" });
    get(`/recordings/${part(id)}/outline`)
      .then((outline) => mine && setDrawn({ outline, fault: "" }))
      .catch((error) => mine && setDrawn({ outline: { sides: [[], []], quiet: [] }, fault: faultText(error) }));
    return () => {
      mine = false;
    };
  }, [id]);
  return drawn;
}

export const soundOf = (id) => `/api/recordings/${part(id)}/sound`;

export function Player({ recording, sound, ticks }) {
  const { outline, fault } = useOutline(recording.id);
  const [speed, setSpeed] = useState("1");
  const [loud, setLoud] = useState(1);
  const quiet = outline?.quiet ?? [];
  const change = (rate) => {
    setSpeed(rate);
    sound.setSpeed(Number(rate));
  };
  return html`<section class="player" aria-label=${R.player.label}>
    <${Wave} outline=${outline} seconds=${recording.seconds} sound=${sound} ticks=${ticks} />
    <div class="row player-row">
      <${Button}
        label=${sound.playing ? R.player.pause : R.player.play}
        icon=${sound.playing ? "❚❚" : "▶"}
        kind="main player-go"
        k="pause"
        onClick=${() => {
          sound.toggle();
        }}
      />
      <span class="player-at" role="timer">${duration(sound.at)} / ${duration(recording.seconds)}</span>
      <${Field} name="speed" label=${R.player.speed}
        ><select ...${control("speed")} onChange=${({ target }) => change(target.value)}>
          ${SPEEDS.map(({ id, title }) => html`<option key=${id} value=${id} selected=${id === speed}>${title}</option>`)}
        </select></${Field}
      >
      <label class="field player-volume"
        ><span class="label">${R.player.volume}</span
        ><input
          type="range"
          min="0"
          max="1"
          step="0.05"
          value=${loud}
          aria-valuetext=${`${Math.round(loud * 100)} %`}
          onInput=${({ target }) => {
            setLoud(Number(target.value));
            sound.setVolume(Number(target.value));
          }}
      /></label>
    </div>
    ${quiet.length > 0 && html`<${Quiet} stretches=${quiet} />`}
    <${Fault} text=${sound.fault || fault} />
  </section>`;
}

const Quiet = ({ stretches }) =>
  html`<p class="small muted">
    <span class="quiet-sign" aria-hidden="true"></span>${R.player.quiet}:${" "}
    ${stretches.map(([since, until]) => `${duration(since)}–${duration(until)}`).join(", ")}
  </p>`;
