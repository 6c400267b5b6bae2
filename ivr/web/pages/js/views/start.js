// The beginning of a shift: which telephone, and whether it can hear and be heard.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import * as devices from "../devices.js";
import { allowNotices, ringOnce, unlock } from "../ringer.js";
import { signOut } from "../entry.js";
import { startShift } from "../shift.js";
import { useStore } from "../store.js";
import { attempt } from "../tell.js";
import { T } from "../texts.js";
import { Button, Field, Options, control } from "../widgets.js";

const SPEECH_FROM = 0.05; // of the level, 0…1: above the noise of a quiet room

function Kind({ kind, title, hint, chosen, onChoose }) {
  return html`<button
    type="button"
    class="option"
    role="radio"
    aria-checked=${chosen}
    onClick=${() => onChoose(kind)}
  >
    <strong>${chosen ? "● " : "○ "}${title}</strong><span class="muted">${hint}</span>
  </button>`;
}

function Device({ name, label, options, onChosen }) {
  const [value, setValue] = useState(devices.choice()[name]);
  const change = ({ target }) => {
    setValue(target.value);
    devices.choose({ [name]: target.value });
    onChosen?.();
  };
  return html`<${Field} label=${label} name=${`device-${name}`}>
    <select ...${control(`device-${name}`)} onChange=${change}>
      <${Options} options=${options} value=${value} none=${T.start.byDefault} /></select
  ></${Field}>`;
}

/** Choice and test of microphone, speaker and ringer. */
export function Devices() {
  const [found, setFound] = useState({ microphones: [], speakers: [] });
  const [fault, setFault] = useState(devices.canCapture() ? null : T.start.insecure);
  const [level, setLevel] = useState(0);
  const [heard, setHeard] = useState(false);
  const [stop, setStop] = useState(null);
  const look = async () => setFound(await devices.list());
  useEffect(() => {
    if (devices.canCapture()) look();
    return () => stop?.();
  }, [stop]);
  const quiet = () => {
    setLevel(0);
    setHeard(false);
    setStop(null);
  };
  const test = async () => {
    unlock();
    if (stop) return quiet();
    try {
      setHeard(false);
      const end = await devices.measure((now) => {
        setLevel(now);
        if (now > SPEECH_FROM) setHeard(true);
      });
      setFault(null);
      setStop(() => end);
    } catch {
      setFault(T.start.noMicrophone);
    }
    return look();
  };
  return html`<section class="stack" aria-label=${T.start.devices}>
    <h2>${T.start.devices}</h2>
    <div class="two">
      <${Device} name="microphone" label=${T.start.microphone} options=${found.microphones} onChosen=${quiet} />
      <${Device} name="speaker" label=${T.start.speaker} options=${found.speakers} />
      <${Device} name="ringer" label=${T.start.ringer} options=${found.speakers} />
      <div class="row">
        <${Button} label=${T.start.test} onClick=${test} icon=${stop ? "■" : "▶"} /><${Button}
          label=${T.start.ring}
          onClick=${() => {
            ringOnce();
          }}
          icon="♪"
        />
      </div>
    </div>
    <meter class="level" min="0" max="1" value=${level} aria-label=${T.start.hearing}></meter>
    <p class=${fault ? "bad strong" : heard ? "good strong" : "muted"} role="status">
      ${fault ? `▲ ${fault}` : heard ? `✓ ${T.start.heard}` : T.start.hearing}
    </p>
  </section>`;
}

export function Start() {
  const { me } = useStore();
  const [kind, setKind] = useState(localStorage.getItem("ivr.kind") ?? "browser");
  const extension = me?.extension;
  const begin = () => {
    unlock();
    allowNotices().catch(() => {});
    localStorage.setItem("ivr.kind", kind);
    return attempt(() => startShift(kind));
  };
  if (!extension) return html`<${Phoneless} />`;
  return html`<main class="middle" data-view="start">
    <div class="sheet wide">
      <div class="row apart">
        <h1>${T.start.title}</h1>
        <span class="muted">${me.name}, ${extension}</span>
      </div>
      <p>${T.start.how}</p>
      <div class="two" role="radiogroup" aria-label=${T.start.how}>
        <${Kind}
          kind="browser"
          title=${T.start.browser}
          hint=${T.start.browserHint}
          chosen=${kind === "browser"}
          onChoose=${setKind}
        />
        <${Kind}
          kind="desk"
          title=${T.start.desk}
          hint=${`${T.start.deskHint} ${extension}`}
          chosen=${kind === "desk"}
          onChoose=${setKind}
        />
      </div>
      ${kind === "browser" && html`<${Devices} />`}
      <div class="row apart">
        <${Button} kind="main tall" label=${T.start.go} k="answer" onClick=${begin} /><${Button}
          label=${T.signIn.out}
          onClick=${signOut}
        />
      </div>
    </div>
  </main>`;
}

const Phoneless = () =>
  html`<main class="middle" data-view="start">
    <div class="sheet">
      <h1>${T.start.title}</h1>
      <p>${T.start.noPhone}</p>
      <div class="row apart">
        <${Button}
          kind="main"
          label=${T.start.without}
          k="answer"
          onClick=${() => startShift("none")}
        /><${Button} label=${T.signIn.out} onClick=${signOut} />
      </div>
    </div>
  </main>`;
