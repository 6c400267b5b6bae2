// Everything that the page shows, read at once: at load, and whenever events may have been missed.
import { SignedOut, get } from "./api.js";
import { readDraft } from "./drafts.js";
import { setZone } from "./format.js";
import { state, update } from "./store.js";

const TRY_AGAIN_MS = 3_000;
let owed = false;

/** Throws what the API throws. */
export async function readWorkspace() {
  const told = await get("/workspace");
  owed = false;
  setZone(told.time_zone);
  const me = told.me?.agent ?? told.me ?? state.me;
  const cards = { ...state.cards };
  for (const card of [told.card, told.wrap_up?.card]) if (card) cards[card.call_id] = card;
  update({
    me,
    cards,
    words: told.dictionaries,
    ...listsOf(told),
    ...callsOf(told, me),
    phone: { ...state.phone, kind: state.phone.kind ?? me?.phone?.kind ?? null },
  });
}

/** Parts are as the calls of the API of the same names tell them; what could not be read now stays as it was. */
function listsOf(told) {
  const lists = {};
  for (const name of ["callbacks", "lost", "tasks", "bulletins", "queues"]) {
    if (told[name]) lists[name] = told[name][name] ?? told[name];
  }
  if (told.shift) lists.shift = told.shift.shifts?.[0] ?? (told.shift.begins_at ? told.shift : null);
  return lists;
}

function callsOf({ talk, consult, card, wrap_up: wrapUp }, me) {
  const wrap =
    me?.state === "wrap-up" ? { call_id: me.call_id, since: me.since, draft: wrapUp?.draft ?? null } : null;
  if (!talk) return { ring: null, talk: null, consult: null, wrap };
  if (talk.stage === "ringing") return { ring: { ...talk, card }, talk: null, consult: null, wrap };
  const known = state.talk?.leg_id === talk.leg_id ? state.talk : {};
  return {
    ring: null,
    talk: { ...known, ...talk, answered: talk.answered_at ?? talk.since },
    wrap: null,
    consult: consultOf(consult, talk.call_id),
  };
}

/** The server knows the telephone that is asked; under which name it was chosen, and whether all talk, this browser. */
function consultOf(consult, call) {
  if (!consult || consult.stage === "ended") return null;
  const stage = consult.stage === "ringing" ? "ringing" : "talking";
  const chosen = stage === "talking" ? readDraft(call, "consult") : { target: readDraft(call, "consult")?.target };
  return { target: consult.agent ?? "", stage, ...known(chosen), ...state.consult, since: consult.since };
}

const known = (values) => Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value));

/** Whether something was missed that could not be read again yet: the link may have been lost meanwhile. */
export const isOwed = () => owed;

/** Read again; what can't be read now is read as soon as it can. */
export async function resync() {
  owed = true;
  try {
    await readWorkspace();
  } catch (error) {
    if (!(error instanceof SignedOut)) setTimeout(() => owed && state.link.up && resync(), TRY_AGAIN_MS);
  }
}
