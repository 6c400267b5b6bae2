// Everything that the page shows, read at once: at load, and whenever events may have been missed.
import { SignedOut, get } from "./api.js";
import { state, update } from "./store.js";

const TRY_AGAIN_MS = 3_000;

/** Throws what the API throws. */
export async function readWorkspace() {
  const w = await get("/workspace");
  const cards = { ...state.cards };
  for (const card of [w.card, w.wrap_up?.card]) if (card) cards[card.call_id] = card;
  update({
    me: w.me, cards, words: w.dictionaries ?? {}, bulletins: w.bulletins ?? [], tasks: w.tasks ?? [], callbacks: w.callbacks ?? [],
    lost: w.lost ?? [], shift: w.shift ?? null, queues: w.queues ?? [], ...callsOf(w),
    phone: { ...state.phone, kind: state.phone.kind ?? w.me?.phone?.kind ?? null },
  });
}

function callsOf({ me, talk, card, wrap_up: wrapUp }) {
  const wrap = me?.state === "wrap-up" ? { call_id: me.call_id, since: me.since, draft: wrapUp?.draft ?? null } : null;
  if (!talk) return { ring: null, talk: null, consult: null, wrap };
  if (talk.stage === "ringing") return { ring: { ...talk, card }, talk: null, wrap };
  return { ring: null, talk, wrap: null };
}

/** Read again; quietly, for the next event or attempt will. */
export const resync = () => readWorkspace().catch((error) => {
  if (!(error instanceof SignedOut)) setTimeout(() => state.link.up && resync(), TRY_AGAIN_MS);
});
