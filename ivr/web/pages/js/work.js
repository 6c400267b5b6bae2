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

export const readList = (name) =>
  attempt(async () => {
    const answer = await get(PATHS[name]);
    update({ [name]: answer[name] });
  });

const without = (name, id) => update({ [name]: state[name].filter((row) => row.id !== id) });

/** Take a row off its list, saying what became of it. Throws Refused. */
export async function close(name, row, text) {
  await post(`${PATHS[name]}/${part(row.id)}/close`, name === "tasks" ? { result: text } : { note: text });
  without(name, row.id);
}

/** A control call is over, with what the client said. Throws Refused. */
export async function finishControl(row, said) {
  const told = await post(`/tasks/${part(row.id)}/control`, said);
  without("tasks", row.id);
  if (told?.continued_as) toast(`${T.control.continued} ${told.continued_as}`, "good");
}

/** Another time, agreed with the client. Throws Refused. */
export async function postpone(name, row, local) {
  const changed = await post(`${PATHS[name]}/${part(row.id)}/postpone`, { at: instant(local) });
  update({
    [name]: state[name].map((one) => (one.id === row.id ? { ...one, ...(changed?.task ?? changed) } : one)),
  });
}

export const readBulletin = (bulletin) =>
  attempt(async () => {
    await post(`/bulletins/${part(bulletin.id)}/read`);
    without("bulletins", bulletin.id);
  });
