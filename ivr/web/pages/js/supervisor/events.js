// Live events of the supervisor's page: parts subscribe to the types that they show.
import { useEffect, useRef } from "../../vendor/preact-htm.js";
import { NoNetwork, Refused, SignedOut, call, get } from "../api.js";
import { setZone } from "../format.js";
import { Live } from "../live.js";
import { T } from "../texts.js";
import { state, toast, update } from "./store.js";

const TRY_AGAIN_MS = 3_000;
const listeners = new Map(); // type → set of handlers

/** Let `handler(data, at)` hear of a type until the returned function is called. `resync`: read everything again. */
export function onEvent(type, handler) {
  const ofType = listeners.get(type) ?? new Set();
  listeners.set(type, ofType.add(handler));
  return () => ofType.delete(handler);
}

/** The same while a component is shown. */
export function useEvent(type, handler) {
  const latest = useRef(handler);
  latest.current = handler;
  useEffect(() => onEvent(type, (...told) => latest.current(...told)), [type]);
}

/** Read everything again: it may have changed unseen. */
export const readAgain = () => tell("link-back", {});

function tell(type, ...told) {
  for (const handler of listeners.get(type) ?? []) {
    try {
      handler(...told);
    } catch (error) {
      console.error(error);
    }
  }
}

export const live = new Live({
  event: (type, data, at) => tell(type, data, at),
  fresh: () => tell("resync", {}),
  link: linked,
  refused: () => call("GET", "/session").catch(() => {}),
  ended: (why) =>
    update(why === "session" ? { expired: true } : { link: { up: false, retryAt: null, pages: true } }),
});

function linked(link, retryAt) {
  const up = link === "up";
  if (up && !state.link.up) toast(T.link.back, "good");
  const back = up && !state.link.up;
  if (up && !state.read) readWords();
  update({ link: { up, retryAt } });
  if (back) readAgain(); // what changes all the time is not kept for those who were away
}

/** What all parts need to know: the company's clock, its standard, what things are called. */
export async function readWords() {
  try {
    const words = await get("/leading");
    setZone(words.time_zone);
    update({ words, read: true });
  } catch (error) {
    if (error instanceof SignedOut) return;
    if (error instanceof Refused) update({ read: true }); // no right to it: times are the browser's
    else if (error instanceof NoNetwork) setTimeout(readWords, TRY_AGAIN_MS);
    else throw error;
  }
}
