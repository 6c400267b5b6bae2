// The lists between calls, and what is done with their rows.
import { get, part, post } from "./api.js";
import { instant } from "./format.js";
import { dropDrafts } from "./drafts.js";
import { forget, whenSaved } from "./outbox.js";
import { callId, state, toast, update } from "./store.js";
import { attempt } from "./tell.js";
import { T } from "./texts.js";

const PATHS = { callbacks: "/callbacks", lost: "/lost", tasks: "/tasks" };
const WRAP = ".wrap-up";

/** A saved wrap-up closes the call: its drafts and its card are forgotten. */
whenSaved((id) => {
  if (!id.endsWith(WRAP)) return;
  const call = id.slice(0, -WRAP.length);
  dropDrafts(call);
  forget(id);
  const { [call]: _, ...cards } = state.cards;
  update({ cards, ...(callId() === call ? { wrap: null } : {}) });
  toast(T.wrap.saved, "good");
});

export const readList = (name) => attempt(async () => {
  const answer = await get(PATHS[name]);
  update({ [name]: answer.items ?? answer[name] ?? [] });
});

const without = (name, id) => update({ [name]: state[name].filter((row) => row.id !== id) });

/** Claim a row, so that nobody else works on it. */
export const take = (name, row) => attempt(async () => {
  const taken = await post(`${PATHS[name]}/${part(row.id)}/take`);
  update({ [name]: state[name].map((one) => (one.id === row.id ? { ...one, ...(taken ?? { status: "taken" }) } : one)) });
  return true;
});

/** Throws Refused. */
export async function close(name, row, result) {
  await post(`${PATHS[name]}/${part(row.id)}/close`, { result });
  without(name, row.id);
}

/** Throws Refused. */
export async function postpone(name, row, local) {
  const due = instant(local);
  await post(`${PATHS[name]}/${part(row.id)}/postpone`, { due_at: due });
  update({ [name]: state[name].map((one) => (one.id === row.id ? { ...one, due_at: due } : one)) });
}

export const readBulletin = (bulletin) => attempt(async () => {
  await post(`/bulletins/${part(bulletin.id)}/read`);
  without("bulletins", bulletin.id);
});
