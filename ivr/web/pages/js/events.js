// What the server tells as it happens, put into the state.
import { soundRing } from "./alert.js";
import { call } from "./api.js";
import { now } from "./clock.js";
import { agentChanged } from "./floor.js";
import { listened, readListeners } from "./listened.js";
import { Live } from "./live.js";
import { leavePhone } from "./shift.js";
import { isOurs } from "./orders.js";
import { flush, forgetOthers } from "./outbox.js";
import { stopRinging } from "./ringer.js";
import { state, toast, update } from "./store.js";
import { T } from "./texts.js";
import { isOwed, resync } from "./workspace.js";

const ROWS = { task: "tasks", callback: "callbacks", lost: "lost" };
const SPEAKING = new Set(["browser", "desk"]);
const OPEN = new Set(["open", "taken"]);

const handlers = {
  agent: (data) => {
    agentChanged(data);
    if (data.login !== state.session?.user.login) return;
    update({ me: data, ...wrapOf(data) });
    if (!data.phone && SPEAKING.has(state.phone.kind)) leavePhone();
  },
  ring: (data, at) => rang({ ...data, at }),
  talk: talked,
  listening: listened,
  card: ({ card }) => cardChanged(card),
  queues: ({ queues }) => update({ queues }),
  bulletin: ({ bulletin }) => posted(bulletin),
  reminder: ({ task }) =>
    toast(`${task.overdue ? T.lists.late : T.lists.remind}: ${task.question}`, task.overdue ? "bad" : ""),
  resync: reread,
};

for (const [type, name] of Object.entries(ROWS)) handlers[type] = (data) => changed(name, data[type]);

let kept = null; // events that came while everything is read: they may be newer than what is read

let taking = Promise.resolve();

/** One after another: an event may have to wait for the answer to an order. */
function take(type, data, at) {
  taking = taking.then(() => handlers[type]?.(data, at)).catch((error) => console.error(error));
}

export const live = new Live({
  event: (type, data, at) => (kept ? kept.push([type, data, at]) : take(type, data, at)),
  fresh: reread,
  link: linked,
  refused: () => call("GET", "/session").catch(() => {}),
  ended: (why) =>
    update(why === "session" ? { expired: true } : { link: { up: false, retryAt: null, pages: true } }),
});

async function reread() {
  if (kept) return;
  kept = [];
  await Promise.all([resync(), readListeners()]);
  const missed = kept;
  kept = null;
  for (const event of missed) take(...event);
}

function linked(link, retryAt) {
  const up = link === "up";
  if (up && !state.link.up) toast(T.link.back, "good");
  if (up) flush();
  if (up && isOwed()) reread();
  update({ link: { up, retryAt } });
}

function wrapOf(me) {
  if (me.state !== "wrap-up") return me.state === "talking" || me.state === "ringing" ? {} : { wrap: null };
  return {
    wrap: { ...(state.wrap?.call_id === me.call_id ? state.wrap : {}), call_id: me.call_id, since: me.since },
  };
}

/** A card of a call that is over is no longer shown anywhere. */
function cardChanged(card) {
  const { [card.call_id]: _, ...recording } = state.recording;
  const shown = callsNow().has(card.call_id) || card.call_id in state.cards;
  if (shown) update({ cards: { ...state.cards, [card.call_id]: card }, recording });
}

const callsNow = () =>
  new Set([state.ring, state.talk, state.wrap, state.dialling].filter(Boolean).map((call) => call.call_id));

/** Of calls that are over nothing is kept: in a shift there are hundreds. */
function letGo(begins) {
  const ids = callsNow().add(begins);
  const ofThese = (known) => Object.fromEntries(Object.entries(known).filter(([id]) => ids.has(id)));
  forgetOthers(ids);
  return { cards: ofThese(state.cards), recording: ofThese(state.recording) };
}

/** This operator's telephone rings: for a caller, or for a call or a consultation that was ordered here. */
async function rang(ring) {
  const mine = await isOurs(ring.order_id);
  const kept = letGo(ring.call_id);
  if (ring.card) kept.cards[ring.call_id] = ring.card;
  if (mine) return update(kept);
  update({ ...kept, ring: { ...ring }, dialog: null, wrap: null });
  return soundRing();
}

/** A leg of this operator's calls goes on, or one of the client or of somebody who is asked. */
function talked(data) {
  if (data.role === "client") return client(data);
  if (isOthers(data)) return consulted(data);
  if (data.stage === "ended") return ended(data);
  if (data.stage === "ringing") return undefined;
  stopRinging();
  const known = state.talk?.call_id === data.call_id ? state.talk : { note: state.ring?.note };
  const answered = known.answered ?? data.answered_at ?? data.since;
  return update({
    ring: null,
    wrap: null,
    dialling: null,
    talk: { ...known, ...data, answered },
    ...paneOf(data),
  });
}

const paneOf = ({ call_id: id }) =>
  state.talk?.call_id === id ? {} : { pane: "talk", search: "", article: null, prepare: null };

/** The client is called: until he answers, there is no talk. */
function client({ call_id: id, stage, since }) {
  if (state.talk?.call_id !== id) return;
  update({
    talk: { ...state.talk, client: stage, answered: stage === "talking" ? since : state.talk.answered },
  });
}

const isOthers = ({ agent, role }) => role === "consult" && agent !== state.session?.user.login;

/** Who is asked says how the consultation stands. */
function consulted({ call_id: id, stage, since }) {
  const { consult, talk } = state;
  if (!consult || talk?.call_id !== id) return;
  const answered = consult.stage === "conference" ? "conference" : "talking";
  const next = { ringing: "ringing", ended: "over" }[stage] ?? answered;
  if (next !== consult.stage) update({ consult: { ...consult, stage: next, since } });
}

function ended({ call_id: call, leg_id: leg }) {
  const { ring, talk, dialling } = state;
  if (ring?.leg_id === leg) {
    stopRinging();
    update({ ring: null });
  }
  if (dialling?.order_id === leg) update({ dialling: null });
  if (talk?.leg_id !== leg) return;
  const wrap =
    state.me?.state === "wrap-up"
      ? { call_id: state.me.call_id, since: state.me.since }
      : { call_id: call, since: null };
  update({
    talk: null,
    consult: null,
    dialling: null,
    dialog: null,
    wrap: talk.role === "consult" ? null : wrap,
    sound: { muted: false, held: false, heldSince: null },
  });
}

/** A row of a list was made, changed or closed. An event shows no more than anybody may see: what is known stays. */
function changed(name, told) {
  const known = state[name].find((row) => row.id === told.id);
  const rest = state[name].filter((row) => row !== known);
  update({ [name]: OPEN.has(told.status) ? [...rest, keepSeen(known, told)] : rest });
}

const PERSONAL = ["phone", "account_number", "client_name", "said", "masked"];

function keepSeen(known, told) {
  if (!known || known.masked || !told.masked) return told;
  return {
    ...told,
    ...Object.fromEntries(PERSONAL.filter((name) => name in known).map((name) => [name, known[name]])),
  };
}

/** A bulletin was put up, or taken down by ending it; one for a queue is for those who serve it. */
function posted(bulletin) {
  if (bulletin.queue && !state.me?.skills.includes(bulletin.queue)) return;
  const rest = state.bulletins.filter((one) => one.id !== bulletin.id);
  const over = Date.parse(bulletin.until) <= now();
  update({ bulletins: over ? rest : [bulletin, ...rest] });
}
