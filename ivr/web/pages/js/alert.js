// Letting the operator know that it rings.
import { telephone } from "./format.js";
import { startRinging } from "./ringer.js";
import { state } from "./store.js";
import { T } from "./texts.js";

/** Ring here unless the telephone on the desk does. */
export function soundRing() {
  if (state.phone.kind === "desk" || state.talk) return;
  const card = state.cards[state.ring?.call_id];
  startRinging(T.states.ringing, card ? card.caller?.name || telephone(card.caller?.number) : "");
}
