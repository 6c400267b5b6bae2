// What the server tells as it happens, put into the state.
import { soundRing } from "./alert.js";
import { call } from "./api.js";
import { Live } from "./live.js";
import { flush } from "./outbox.js";
import { stopRinging } from "./ringer.js";
import { state, toast, update } from "./store.js";
import { T } from "./texts.js";
import { resync } from "./workspace.js";

const ROWS = { bulletin: "bulletins", task: "tasks", callback: "callbacks", lost: "lost" };
const OVER = new Set(["done", "closed", "failed", "expired", "cancelled", "answered", "withdrawn", "read"]);

const handlers = {
  agent: (data) => {
    if (data.login === state.me?.login) update({ me: data, ...wrapOf(data) });
  },
  ring: (data, at) => rang({ ...data, at }),
  talk: talked,
  card: ({ card }) => update({ cards: { ...state.cards, [card.call_id]: card } }),
  queues: ({ queues }) => update({ queues }),
  reminder: (data) => toast(data.text ?? data.title ?? "", ""),
  resync: reread,
};

for (const [type, rows] of Object.entries(ROWS)) handlers[type] = (data) => changed(rows, data);

let kept = null; // events that came while everything is read: they may be newer than what is read

const take = (type, data, at) => handlers[type]?.(data, at);

export const live = new Live({
  event: (type, data, at) => (kept ? kept.push([type, data, at]) : take(type, data, at)),
  fresh: reread,
  link: linked,
  refused: () => call("GET", "/session").catch(() => {}),
  ended: (why) => update(why === "session" ? { expired: true } : { link: { up: false, retryAt: null, pages: true } }),
});

async function reread() {
  if (kept) return;
  kept = [];
  await resync();
  const missed = kept;
  kept = null;
  for (const event of missed) take(...event);
}

function linked(link, retryAt) {
  const up = link === "up";
  if (up && !state.link.up) toast(T.link.back, "good");
  if (up) flush();
  update({ link: { up, retryAt } });
}

function wrapOf(me) {
  if (me.state !== "wrap-up") return me.state === "talking" || me.state === "ringing" ? {} : { wrap: null };
  return { wrap: { ...(state.wrap?.call_id === me.call_id ? state.wrap : {}), call_id: me.call_id, since: me.since } };
}

/** A telephone of this operator rings: of a caller, or the second one of a consultation that was ordered here. */
function rang(ring) {
  const cards = ring.card ? { ...state.cards, [ring.call_id]: ring.card } : state.cards;
  if (state.consult && ring.order_id === state.consult.order_id) {
    return update({ cards, consult: { ...state.consult, leg_id: ring.leg_id } });
  }
  if (state.dialling && ring.order_id === state.dialling.order_id) {
    return update({ cards, dialling: { ...state.dialling, leg_id: ring.leg_id, call_id: ring.call_id } });
  }
  update({ cards, ring: { ...ring }, dialog: null, wrap: null });
  return soundRing();
}

function talked(data) {
  const { consult } = state;
  if (consult && data.leg_id === consult.leg_id) return update({ consult: consultAfter(consult, data) });
  if (data.stage === "ended") return ended(data);
  if (data.stage === "ringing") return undefined;
  stopRinging();
  const known = state.talk?.call_id === data.call_id ? state.talk : { role: state.ring?.role, note: state.ring?.note };
  const began = known.answered ?? data.answered_at ?? data.since;
  return update({ ring: null, wrap: null, dialling: null, talk: { ...known, ...data, answered: began }, ...paneOf(data) });
}

const paneOf = ({ call_id: id }) => (state.talk?.call_id === id ? {} : { pane: "talk", search: "", article: null, prepare: null });

function consultAfter(consult, { stage, since }) {
  if (stage === "ended") return { ...consult, stage: "over" };
  return { ...consult, stage: stage === "ringing" ? "ringing" : "talking", since };
}

function ended({ call_id: call, leg_id: leg }) {
  const { ring, talk } = state;
  if (ring && ring.leg_id === leg) {
    stopRinging();
    update({ ring: null });
  }
  if (!talk || talk.leg_id !== leg) return;
  const wrap = state.me?.state === "wrap-up" ? { call_id: state.me.call_id, since: state.me.since } : { call_id: call, since: null };
  const wrapped = talk.role === "consult" ? null : wrap;
  update({ talk: null, consult: null, dialling: null, dialog: null, wrap: wrapped, sound: { muted: false, held: false, heldSince: null } });
}

/** A row of a list was made, changed or closed. */
function changed(name, row) {
  const rest = state[name].filter((one) => one.id !== row.id);
  update({ [name]: OVER.has(row.status) ? rest : [...rest, row] });
}
