// Acting on calls: the telephone does hold, mute and tones by itself; everything else is asked of the server.
import { soundRing } from "./alert.js";
import { csrfToken, part, post } from "./api.js";
import { now } from "./clock.js";
import { dropDraft, writeDraft } from "./drafts.js";
import { isOurs, order } from "./orders.js";
import { Phone } from "./phone.js";
import { stopRinging } from "./ringer.js";
import { callId, state, toast, update } from "./store.js";
import { answered, onceCalled } from "./callout.js";
import { attempt } from "./tell.js";
import { T } from "./texts.js";

/** The sessions of this telephone. */
export const lines = { main: null, consult: null, hears: null };

export const phone = new Phone({
  state: phoneState,
  ring: invited,
  talk: connected,
  end: ended,
  hold: held,
  media: mediaState,
});

// --- the telephone tells ---

function phoneState(name, why) {
  update({
    phone: {
      ...state.phone,
      state: state.phone.state === "elsewhere" && name === "off" ? "elsewhere" : name,
      why,
    },
  });
}

async function invited(line) {
  if (line.listens) return hear(line);
  if (line.rehearses) return rehearse(line);
  if (await isOurs(line.orderId)) return answerOrder(line);
  if (lines.main) return phone.hangUp(line.session); // engaged
  lines.main = line.session;
  if (!state.ring)
    update({
      ring: { call_id: line.callId, role: "queue", number: line.number, at: new Date(now()).toISOString() },
    });
  return line.campaign ? attempt(() => phone.answer(line.session)) : soundRing(); // he has answered us: at once
}

/** A supervisor's telephone hears a talk: that is no call of his. */
async function hear({ session }) {
  lines.hears = session;
  await attempt(() => phone.answer(session));
}

/** A campaign plays its call to who has just asked for that: no client is on the line, no card is opened. */
async function rehearse({ session }) {
  if (lines.main) return phone.hangUp(session);
  lines.main = session;
  update({ rehearsal: { since: new Date(now()).toISOString() } });
  return attempt(() => phone.answer(session));
}

async function answerOrder({ session }) {
  const name = state.consult && lines.main ? "consult" : "main";
  lines[name] = session;
  await attempt(() => phone.answer(session));
}

function connected(session) {
  stopRinging();
  if (session !== lines.main || !state.ring) return;
  const { ring } = state; // the server's word may be a moment late; the view must not be
  update({
    ring: null,
    talk: {
      ...ring,
      stage: "talking",
      since: new Date(now()).toISOString(),
      answered: new Date(now()).toISOString(),
    },
    pane: "talk",
  });
}

function ended(session) {
  if (session === lines.consult) {
    lines.consult = null;
    if (state.consult) update({ consult: { ...state.consult, stage: "over" } });
  }
  if (session === lines.hears) lines.hears = null;
  if (session !== lines.main) return;
  lines.main = null;
  stopRinging();
  update({
    rehearsal: null,
    sound: { muted: false, held: false, heldSince: null },
    ...(state.ring && !state.ring.leg_id ? { ring: null } : {}),
  });
}

function held(session, on) {
  if (session === lines.main)
    update({
      sound: { ...state.sound, held: on, heldSince: on ? now() : null },
      prepare: on ? (state.prepare ?? now()) : state.prepare,
    });
}

function mediaState(session, connection) {
  if (session === lines.main && connection === "failed") toast(T.phone.media, "bad");
}

// --- the person acts ---

export async function answer() {
  if (!lines.main) return;
  stopRinging();
  try {
    await phone.answer(lines.main);
  } catch {
    toast(T.phone.noMicrophone, "bad");
  }
}

export function toggleMute() {
  if (!lines.main || !(state.talk || state.rehearsal)) return;
  const muted = !state.sound.muted;
  for (const line of [lines.main, lines.consult]) if (line) phone.mute(line, muted);
  update({ sound: { ...state.sound, muted } });
}

export async function toggleHold() {
  if (lines.main && state.talk && !state.consult) await phone.hold(lines.main, !state.sound.held);
}

export function sendTone(digit) {
  const line = lines.consult ?? lines.main;
  if (line) phone.tones(line, digit);
}

const onCall = (deed, body) => post(`/calls/${part(callId())}/${deed}`, body);

/** The server ends the talk; while nobody has been reached, the telephone itself. */
export async function hangUp() {
  if (!callId()) {
    if (lines.main) phone.hangUp(lines.main);
    return update({ dialling: null, rehearsal: null });
  }
  return attempt(() => onCall("hang-up", {}));
}

export async function toggleRecording() {
  const on = recordingOf() !== "on";
  await attempt(async () => {
    await onCall("recording", { on });
    update({ recording: { ...state.recording, [callId()]: on ? "on" : "paused" } });
  });
}

/** "on", "paused" or "off". */
export const recordingOf = () => state.recording[callId()] ?? state.cards[callId()]?.recording ?? "off";

/** Ask somebody while the caller holds. */
export async function consult(target, title) {
  if (lines.main && !state.sound.held) await phone.hold(lines.main, true);
  writeDraft(callId(), "consult", { target: title });
  update({
    consult: { order_id: null, target: title, stage: "ringing", since: new Date(now()).toISOString() },
    dialog: null,
  });
  const noted = ({ order_id: id }) => update({ consult: { ...state.consult, order_id: id } });
  const done = await attempt(async () => {
    await order(onCall("consult", { target }), noted);
    return true;
  });
  if (!done) await withdrawn();
}

async function withdrawn() {
  dropDraft(callId(), "consult");
  update({ consult: null });
  if (lines.main) await phone.hold(lines.main, false);
}

export const complete = () => attempt(() => onCall("complete", {}));

export const conference = () =>
  attempt(async () => {
    await onCall("conference", {});
    if (lines.main) await phone.hold(lines.main, false);
    writeDraft(callId(), "consult", { target: state.consult?.target, stage: "conference" });
    update({ consult: { ...state.consult, stage: "conference" } });
  });

/** Back to the caller. */
export async function withdraw() {
  if (
    state.consult?.stage !== "over" &&
    (await attempt(async () => {
      await onCall("withdraw", {});
      return true;
    })) !== true
  )
    return;
  await withdrawn();
}

export const transfer = (target, note) =>
  attempt(async () => {
    await onCall("transfer", note ? { target, note } : { target });
    update({ dialog: null });
    return true;
  });

export const abusive = (step) =>
  attempt(async () => {
    await onCall("abusive", { step });
    return true;
  });
export const silent = () =>
  attempt(async () => {
    await onCall("silent", {});
    update({ dialog: null });
  });

const callOrdered = (request, number) =>
  order(request, (given) => update({ dialling: { ...given, number }, dialog: null }));

/** Call a number out: `about` is {kind, id} of what it concerns. Throws Refused for a number that may not be called. */
export const callOut = (number, about = { kind: "none", id: null }, shown = number) =>
  callOrdered(onceCalled({ number, about }), shown);

/** The same from a row, where the fault is told in passing; the number of a task is known to the server. */
export const callRow = (number, about, shown) => attempt(() => callOut(number, about, shown));

/** Call whom a row of a list owes a call: the server knows the number, even where the row does not show it. */
export const callPromised = (list, row) =>
  attempt(() => callOrdered(answered(() => post(`/${list}/${part(row.id)}/call`)), row.phone));

/** The page is about to vanish: the caller must not be lost with it. */
export function leaving() {
  if (!lines.main) return phone.leave();
  navigator.sendBeacon(
    "/api/phone/lost",
    new Blob([JSON.stringify({ csrf: csrfToken() })], { type: "text/plain" }),
  );
  phone.leave();
}

export function endTalks() {
  phone.leave();
  Object.assign(lines, { main: null, consult: null, hears: null });
}
