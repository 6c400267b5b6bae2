// What went wrong, said to the person.
import { NoNetwork, Refused, SignedOut } from "./api.js";
import { toast } from "./state.js";
import { T } from "./texts.js";

/** In words. */
export function faultText(error) {
  if (error instanceof Refused) return error.message || T.faults.unknown;
  if (error instanceof NoNetwork) return T.faults.network;
  return T.faults.unknown;
}

/** Run something; a fault is told in passing, and the answer is undefined then. */
export async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    if (error instanceof SignedOut) return undefined; // the sign-in shows itself
    if (!(error instanceof Refused || error instanceof NoNetwork)) console.error(error);
    toast(faultText(error), "bad");
    return undefined;
  }
}
