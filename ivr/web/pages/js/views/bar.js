// The call bar: state, caller and times, call keys; below it what hampers work, and the quiet norms.
import { html, useEffect } from "../../vendor/preact-htm.js";
import { now } from "../clock.js";
import { duration, joined, telephone } from "../format.js";
import { keepWish, prolong, ready, takeOver, toggle } from "../shift.js";
import { callId, card, update, useStore } from "../store.js";
import * as talk from "../talk.js";
import { T } from "../texts.js";
import { Button, Norm, Timer, useKey, useSeconds } from "../widgets.js";
import { Retry } from "./shell.js";

const dialog = (kind) => () => update({ dialog: { kind } });

/** What the operator is doing, in a word and a shape. */
function State({ name, reason, since, until }) {
  return html`<div class="state" role="status" aria-live="polite" data-state=${name}>
    <span class=${`lamp ${name}`} aria-hidden="true">${T.lamps[name]}</span>
    <div>
      <div class="strong cut">${T.states[name]}${reason ? `: ${reason}` : ""}</div>
      ${name === "wrap-up" && until ? html`<${Left} until=${until} />` : html`<${Timer} since=${since} className="clock" />`}
    </div>
  </div>`;
}

function Left({ until }) {
  useSeconds(null);
  const left = (Date.parse(until) - now()) / 1000;
  return left > 0
    ? html`<span class="clock" role="timer">${duration(left)}</span
        ><span class="muted small">${` ${T.wrap.left}`}</span>`
    : html`<span class="warn strong">${T.wrap.over}</span>`;
}

function stateOf({ me, ring, talk: current, wrap }) {
  if (current) return { name: "talking", since: current.answered ?? current.since };
  if (ring) return { name: "ringing", since: ring.at ?? ring.since };
  if (wrap) return { name: "wrap-up", since: wrap.since ?? me?.since, until: me?.until };
  return { name: me?.state ?? "offline", since: me?.since, reason: me?.reason_title ?? me?.reason };
}

/** Who is on the line. */
function Who() {
  const s = useStore();
  const known = card(s);
  if (s.dialling)
    return html`<div class="who">
      <div class="name cut">${telephone(s.dialling.number)}</div>
      <div class="muted">${T.bar.dialling}…</div>
    </div>`;
  if (s.rehearsal)
    return html`<div class="who" data-rehearsal>
      <div class="name cut">${T.bar.rehearsal}</div>
      <div class="muted cut">${T.bar.rehearsalHow} <${Timer} since=${s.rehearsal.since} /></div>
    </div>`;
  if (!callId(s)) return html`<div class="who muted">${T.bar.noCall}</div>`;
  const number = telephone(known?.caller?.number ?? s.ring?.number) || T.card.withheld;
  return html`<div class="who">
    <div class="name cut">${known?.caller?.name || number}</div>
    <div class="muted cut">
      ${joined([known?.caller?.name && number, known?.line?.title, T.segments[known?.segment]])}
      ${s.talk?.client === "ringing" && html`<strong class="warn"> ${T.bar.calling}</strong>`}
      ${s.sound.held && html`<${OnHold} since=${s.sound.heldSince} />`}
      ${s.sound.muted && html`<strong class="warn"> ⊘ ${T.bar.muted}</strong>`}
    </div>
  </div>`;
}

const OnHold = ({ since }) =>
  html`<strong class="warn">${` II ${T.bar.onHold} `}<${Timer} since=${since} /></strong>`;

function TalkKeys() {
  const { sound, phone, consult } = useStore();
  const here = phone.kind === "browser";
  return html` ${
      here &&
      html`<${Button}
          label=${sound.held ? T.bar.resume : T.bar.hold}
          k="hold"
          kind=${sound.held ? "on" : ""}
          disabled=${Boolean(consult)}
          onClick=${talk.toggleHold}
          aria-pressed=${sound.held}
        />
        <${Button}
          label=${sound.muted ? T.bar.unmute : T.bar.mute}
          k="mute"
          kind=${sound.muted ? "on" : ""}
          onClick=${talk.toggleMute}
          aria-pressed=${sound.muted}
        />`
    }
    <${Button}
      label=${T.bar.transfer}
      k="transfer"
      disabled=${Boolean(consult)}
      onClick=${dialog("transfer")}
    />
    ${here && html`<${Button} label=${T.bar.keypad} k="keypad" onClick=${dialog("tones")} />`}
    <${RecordKey} />
    <${Button} label=${T.bar.more} k="more" disabled=${Boolean(consult)} onClick=${dialog("more")} />
    <${Button} label=${T.bar.hangUp} k="hangUp" kind="no" onClick=${talk.hangUp} />`;
}

const RehearsalKeys = () =>
  html`<${Button} label=${T.bar.keypad} k="keypad" onClick=${dialog("tones")} />
    <${Button} label=${T.bar.hangUp} k="hangUp" kind="no" onClick=${talk.hangUp} />`;

function RecordKey() {
  const state = talk.recordingOf();
  const on = state === "on";
  return html`<${Button}
    label=${on ? T.bar.pauseRecord : T.bar.goRecord}
    k="recording"
    kind=${on ? "" : "on"}
    disabled=${state === "off"}
    onClick=${talk.toggleRecording}
    title=${T.bar[{ on: "record", paused: "paused", off: "off" }[state]]}
  />`;
}

function Keys() {
  const s = useStore();
  if (s.ring)
    return s.phone.kind === "desk"
      ? html`<span class="strong">${T.ring.deskPhone}</span>`
      : html`<${Button} label=${T.bar.answer} k="answer" kind="yes" onClick=${talk.answer} />`;
  if (s.talk) return html`<${TalkKeys} />`;
  if (s.dialling)
    return html`<${Button} label=${T.bar.hangUp} k="hangUp" kind="no" onClick=${talk.hangUp} />`;
  if (s.rehearsal) return html`<${RehearsalKeys} />`;
  if (s.wrap) return html`<${WrapKeys} />`;
  return html`<${IdleKeys} />`;
}

function WrapKeys() {
  const { me } = useStore();
  return html`${me?.prolongations > 0 && html`<${Button} label=${T.wrap.prolong} k="prolong" onClick=${prolong} />`}
    <${Button} label=${T.state.pause} k="pause" onClick=${dialog("pause")} />`;
}

function IdleKeys() {
  const { me, phone } = useStore();
  const has = ["desk", "browser"].includes(phone.kind);
  const able = has && phone.state === "registered";
  const isReady = me?.state === "ready";
  useKey("state", toggle, has);
  useEffect(keepWish, [phone.state]);
  return html` <${Button} label=${T.bar.keypad} k="keypad" onClick=${dialog("dial")} disabled=${!able} />
    ${
      isReady
        ? html`<${Button} label=${T.state.pause} k="state" takeKey=${false} onClick=${dialog("pause")} />`
        : html`<${Button}
            label=${T.state.go}
            k="state"
            takeKey=${false}
            kind="yes"
            onClick=${ready}
            disabled=${!able}
          />`
    }
    <${Button} label=${T.state.finish} onClick=${dialog("finish")} disabled=${!phone.kind} />`;
}

export function Bar() {
  const s = useStore();
  const told = stateOf(s);
  return html`<header class="bar">
    <${State} ...${told} /><${Who} />
    <div class="keys" role="toolbar"><${Keys} /></div>
  </header>`;
}

/** The line under the bar tells one thing at a time, the most pressing one. */
export function Band() {
  const s = useStore();
  return html`<div class="band">${pressing(s) ?? html`<${Norms} />`}</div>`;
}

function pressing({ consult, link, phone, me }) {
  if (consult) return html`<${Consult} consult=${consult} />`;
  if (!link.up) return html`<${LinkAlert} link=${link} />`;
  if (phone.kind === "browser" && !["registered", "off"].includes(phone.state))
    return html`<${PhoneAlert} phone=${phone} />`;
  if (phone.kind === "desk" && me?.reachable === false) return html`<${Alert} text=${T.phone.deskLost} />`;
  if (me?.state === "paused" && me.reason === "missed") return html`<${Alert} text=${T.state.missed} />`;
  return null;
}

const Alert = ({ text }) =>
  html`<div class="alert" role="alert">
    <span aria-hidden="true">⚠</span><span class="grow">${text}</span>
  </div>`;

const LinkAlert = ({ link }) =>
  html`<div class="alert bad" role="alert" data-alert="link">
    <span aria-hidden="true">⚠</span>
    <span class="grow cut">${link.pages ? T.link.pages : `${T.link.down}. ${T.link.keep}`}</span
    >${!link.pages && html`<${Retry} at=${link.retryAt} />`}
  </div>`;

function PhoneAlert({ phone }) {
  const elsewhere = phone.state === "elsewhere";
  return html`<div
    class=${`alert ${phone.state === "connecting" || elsewhere ? "" : "bad"}`}
    role="alert"
    data-alert="phone"
  >
    <span aria-hidden="true">☎</span>
    <span class="grow">${T.phone[phone.state]}. ${elsewhere ? T.phone.takeNow : ""}</span>
    ${elsewhere && html`<${Button} label=${T.phone.take} kind="low" onClick=${takeOver} />`}
  </div>`;
}

function Consult({ consult: { target, stage, since } }) {
  const words = {
    ringing: T.transfer.rings,
    talking: T.transfer.talks,
    over: T.transfer.over,
    conference: T.transfer.conference,
  }[stage];
  return html`<div class="alert calm" role="status" data-alert="consult" data-stage=${stage}>
    <span class="grow cut"
      >${`${stage === "conference" ? "" : `${T.transfer.asking}: `}${target} — ${words} `}${stage !== "over" && html`<${Timer} since=${since} />`}</span
    >
    ${
      stage === "talking" &&
      html`<${Button} label=${T.transfer.complete} k="transfer" kind="main low" onClick=${talk.complete} />
        <${Button} label=${T.transfer.join} k="more" kind="low" onClick=${talk.conference} />`
    }
    ${
      stage !== "conference" &&
      html`<${Button} label=${T.transfer.withdraw} k="hold" kind="low" onClick=${talk.withdraw} />`
    }
  </div>`;
}

/** Until the client is found, the norm of the search; then that of the talk; a long preparation is told instead. */
function Norms() {
  const s = useStore();
  const norm = card(s)?.norm;
  const preparing = useSeconds(s.prepare);
  if (!s.talk) return html`<p class="idle muted">${callId(s) ? "" : T.state.hints[s.me?.state]}</p>`;
  if (!norm) return null;
  if (s.prepare && norm.preparation_seconds && preparing > norm.preparation_seconds) {
    return html`<div class="alert" role="status"><span class="grow">${T.norm.defer}</span></div>`;
  }
  const since = s.talk.answered ?? s.talk.since;
  const searching = norm.search_seconds && card(s).identification?.level === "unknown";
  if (searching)
    return html`<${Norm} label=${T.norm.search} since=${since} seconds=${norm.search_seconds} />`;
  return norm.seconds ? html`<${Norm} label=${T.norm.talk} since=${since} seconds=${norm.seconds} />` : null;
}
