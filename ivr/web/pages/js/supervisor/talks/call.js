// One call: what of it can be heard, how it went, whose it was.
import { html, useEffect, useMemo, useRef, useState } from "../../../vendor/preact-htm.js";
import { Refused, get, part } from "../../api.js";
import { day, duration, joined, moment, telephone } from "../../format.js";
import { faultText } from "../../tell.js";
import { O } from "../../texts-office.js";
import { T } from "../../texts.js";
import { Button, Choice, Fault, Mark } from "../../widgets.js";
import { EvaluationForm } from "../quality/form.js";
import { R } from "../texts-talks.js";
import { Card, Requests } from "./client.js";
import { Hold } from "./deeds.js";
import { partName } from "./parts.js";
import { Player, soundOf } from "./player.js";
import { useSound } from "./sound.js";
import { Story, momentsOf, placeOf } from "./story.js";
import { Transcript } from "./transcript.js";

/** What there is of a call: {kept, told, fault}; `told` is null where the journal does not know it. */
function useCall(callId) {
  const [read, setRead] = useState({ kept: null, told: null, fault: "" });
  useEffect(() => {
    let mine = true;
    const story = get(`/calls/${part(callId)}`).catch((error) => {
      if (error instanceof Refused && error.status === 404) return null;
      throw error;
    });
    setRead({ kept: null, told: null, fault: "" });
    Promise.all([get(`/calls/${part(callId)}/recordings`), story])
      .then(([kept, told]) => mine && setRead({ kept, told, fault: "" }))
      .catch((error) => mine && setRead({ kept: null, told: null, fault: faultText(error) }));
    return () => {
      mine = false;
    };
  }, [callId]);
  const change = (recording) =>
    setRead((had) => ({
      ...had,
      kept: { ...had.kept, recordings: had.kept.recordings.map((one) => (one.id === recording.id ? recording : one)) },
    }));
  return [read, change];
}

/** `recordingId`: which part is shown first; the earliest without. */
export function Call({ callId, recordingId, row, words, onClose, onChange }) {
  const [{ kept, told, fault }, change] = useCall(callId);
  if (fault) return html`<div class="talk-call"><${Fault} text=${fault} /></div>`;
  if (!kept) return html`<p class="nothing">…</p>`;
  const changed = (recording) => {
    change(recording);
    onChange(recording);
  };
  return html`<article class="talk-call" data-call=${callId} aria-label=${R.call.title}>
    <header class="row apart">
      <h2>
        ${
          row
            ? joined([moment(row.came_at ?? row.started_at), telephone(row.number)])
            : moment(told?.came_at ?? kept.recordings[0]?.started_at)
        }
      </h2>
      <${Button} label=${T.common.close} kind="low" icon="✕" aria-label=${R.call.close} onClick=${onClose} />
    </header>
    ${told && html`<${Summary} told=${told} words=${words} />`}
    <${Heard}
      key=${`${callId} ${recordingId}`}
      kept=${kept}
      first=${recordingId}
      told=${told}
      words=${words}
      onChange=${changed}
    />
  </article>`;
}

function Summary({ told, words }) {
  const waits = told.waits.filter((one) => one !== null).map((one) => duration(one));
  const facts = [
    words.lines[told.line] ?? told.line,
    words.topics[told.topic] ?? told.topic,
    words.agents[told.agent] ?? told.agent,
    waits.length > 0 && `${R.call.wait} ${waits.join(", ")}`,
    told.talk_seconds > 0 && `${R.call.talk} ${duration(told.talk_seconds)}`,
  ];
  return html`<div class="row">
    <${Mark} kind="accent">${T.kinds[told.kind]}</${Mark}><${Mark}>${O.dispositions[told.disposition]}</${Mark}>
    <span class="words">${joined(facts)}</span>
  </div>`;
}

function Heard({ kept, first, told, words, onChange }) {
  const playable = kept.recordings.filter(({ going }) => !going);
  const [chosen, setChosen] = useState((playable.find(({ id }) => id === first) ?? playable[0])?.id);
  const recording = playable.find(({ id }) => id === chosen) ?? null;
  const start = useRef(null); // where the next part begins to sound
  const seeking = useRef(() => {});
  const [at, setAt] = useState(0);
  const next = playable[playable.indexOf(recording) + 1];
  const seek = (id, second) => {
    if (id === chosen) return seeking.current(second);
    start.current = second;
    return setChosen(id);
  };
  return html`
    ${
      playable.length > 1 &&
      html`<${Choice}
        label=${R.call.part}
        name="talk-part"
        options=${playable.map((one) => ({ id: one.id, title: partName(one) }))}
        value=${chosen}
        onChange=${(id) => seek(id, 0)}
      />`
    }
    ${
      recording &&
      html`<${Sounding}
        key=${recording.id}
        recording=${recording}
        told=${told}
        words=${words}
        start=${start}
        seeking=${seeking}
        onAt=${setAt}
        onEnd=${() => next && seek(next.id, 0)}
        onChange=${onChange}
      />`
    }
    <${Absent} kept=${kept} />
    <div class="talk-more">
      <div class="stack loose">
        ${told && html`<${Story} told=${told} recordings=${playable} words=${words} seek=${seek} />`}
        <${Requests} numbers=${kept.requests} words=${words} />
        <${Card} callId=${kept.call_id} />
      </div>
      <div class="stack loose" data-slots>
        <${Transcript} callId=${kept.call_id} recordings=${playable} seek=${seek} recordingId=${chosen} at=${at} />
        <${EvaluationForm} callId=${kept.call_id} />
      </div>
    </div>
  `;
}

const heldBy = ({ hold_reason: reason, held_by: who, held_at: at }, words) =>
  joined([reason, words.agents[who] ?? who, moment(at)]);

/** The recording that is heard now. */
function Sounding({ recording, told, words, start, seeking, onAt, onEnd, onChange }) {
  const [holding, setHolding] = useState(false);
  const sound = useSound(soundOf(recording.id), recording.seconds, R.player.fault);
  seeking.current = (second) => {
    sound.seek(second);
    sound.play();
  };
  useEffect(() => {
    if (start.current !== null) seeking.current(start.current);
    start.current = null;
  }, []);
  useEffect(() => onAt(sound.at), [sound.at]);
  const ticks = useMemo(() => ticksOf(told, recording), [told, recording.id]);
  const onKey = (event) => {
    const step = { ArrowLeft: -5, ArrowRight: 5 }[event.key];
    if (!step || event.target.closest("input, [role=slider], [role=radiogroup]")) return;
    event.preventDefault();
    sound.seek(sound.at + step);
  };
  return html`<div class="stack" onKeyDown=${onKey}>
    <audio ref=${sound.ref} src=${soundOf(recording.id)} preload="none" onEnded=${onEnd}></audio>
    <${Player} recording=${recording} sound=${sound} ticks=${ticks} />
    <div class="row">
      ${
        recording.legal_hold
          ? html`<${Mark} kind="accent" icon="⚑">${R.hold.held}</${Mark}><span class="words">${heldBy(recording, words)}</span>`
          : html`<span class="muted">${R.hold.kept} ${day(recording.expires_at)}</span>`
      }
      <${Button}
        label=${recording.legal_hold ? R.hold.lift : R.hold.open}
        kind="low"
        onClick=${() => setHolding(true)}
      />
    </div>
    ${holding && html`<${Hold} recording=${recording} onClose=${() => setHolding(false)} onDone=${onChange} />`}
  </div>`;
}

const ticksOf = (told, recording) =>
  told
    ? [
        ...new Set(
          momentsOf(told)
            .map(({ at }) => placeOf(at, [recording])?.second)
            .filter((at) => at !== undefined),
        ),
      ]
    : [];

/** Why there is nothing to be heard. */
function Absent({ kept }) {
  const whys = [
    ...kept.absences.map((one) => joined([one.part && partName({ part: one.part, started_at: one.noted_at }), one.message], ": ")),
    kept.recordings.some(({ going }) => going) && R.call.going,
    kept.purged_at && `${R.call.purged} ${moment(kept.purged_at)}.`,
  ].filter(Boolean);
  if (!kept.recordings.length && !whys.length) whys.push(R.call.none);
  return whys.map((why) => html`<p key=${why} class="box note" role="note">${why}</p>`);
}
