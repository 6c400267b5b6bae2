// Who listens to this operator's talk, as far as the company has it told; and whose talk one listens to oneself.
import { get } from "./api.js";
import { state, update } from "./store.js";

/** Read it anew; a lull is not told, the next event is near. */
export async function readListeners() {
  const told = await get("/listening").catch(() => null);
  if (told) update({ listeners: told.to_me, hears: told.mine });
}

/** The event `listening`: of whoever listens to this operator, or of the talk that he listens to. */
export function listened(one) {
  if (one.listener === state.session?.user.login) return update({ hears: one.over ? null : one });
  const others = state.listeners.filter(({ order_id: id }) => id !== one.order_id);
  return update({ listeners: one.over || one.stage === "ringing" ? others : [...others, one] });
}
