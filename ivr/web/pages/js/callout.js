// Ordering a call out: one press of a button is one call, whatever the network does in between.
import { NoNetwork, post } from "./api.js";

const TRIES = 3;
const BETWEEN_MS = 1_000;
const unanswered = new Map(); // what was asked → its key, until the server has said something

/** Ask for a call of {number, about}. The same key goes out until there is an answer, at the next press too. */
export async function onceCalled(asked) {
  const what = JSON.stringify(asked);
  const key = unanswered.get(what) ?? crypto.randomUUID();
  unanswered.set(what, key);
  try {
    const order = await answered(() => post("/calls", { ...asked, key }));
    unanswered.delete(what);
    return order;
  } catch (error) {
    if (!(error instanceof NoNetwork)) unanswered.delete(what);
    throw error;
  }
}

/** Ask again while there is no answer: for what the server does once, however often it is asked. */
export async function answered(ask) {
  for (let tried = 1; ; tried += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof NoNetwork) || tried === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    }
  }
}
