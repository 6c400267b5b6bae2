// Answers of the server: the last one stays while the next is asked for, and when none comes.
import { useEffect, useRef, useState } from "../../../vendor/preact-htm.js";
import { NoNetwork, Refused, SignedOut, get } from "../../api.js";
import { now } from "../../clock.js";
import { faultText } from "../../tell.js";
import { useEvent } from "../events.js";

const KEPT = 30;
const AGAIN_MS = 60_000;
const FRESH_MS = 5_000; // what is younger is not read again as the link comes up
const known = new Map(); // question → {told, at}

function keepAnswer(question, told) {
  known.delete(question);
  known.set(question, { told, at: now() });
  if (known.size > KEPT) known.delete(known.keys().next().value);
}

/**
 * The answer to a question, null until one has come; `path` null asks nothing.
 * Returns {told, at, fault, refused, busy, again}: `fault` in words, `refused` when the server has said no.
 */
export function useAnswer(path, query = {}) {
  const question = path && JSON.stringify([path, query]);
  const [, draw] = useState(0);
  const asked = useRef({});
  if (asked.current.question !== question) asked.current = { question, fault: "", busy: Boolean(question) };
  const ask = async () => {
    const mine = asked.current;
    if (!question) return;
    Object.assign(mine, { busy: true });
    try {
      keepAnswer(question, await get(path, query));
      Object.assign(mine, { fault: "", refused: null });
    } catch (error) {
      if (error instanceof SignedOut) return;
      if (!(error instanceof Refused || error instanceof NoNetwork)) console.error(error);
      if (error instanceof Refused) known.delete(question);
      Object.assign(mine, { fault: faultText(error), refused: error instanceof Refused ? error : null });
    } finally {
      mine.busy = false;
      if (asked.current === mine) draw((count) => count + 1);
    }
  };
  const answer = known.get(question) ?? null;
  const goesOn = Boolean(answer?.told.goes_on);
  useEffect(() => {
    ask();
  }, [question]);
  useEffect(() => {
    if (!goesOn) return undefined;
    const timer = setInterval(ask, AGAIN_MS);
    return () => clearInterval(timer);
  }, [question, goesOn]);
  useEvent("resync", () => {
    const isFresh = answer && now() - answer.at < FRESH_MS && !asked.current.fault;
    if (!isFresh && !asked.current.busy) ask();
  });
  const { fault, refused, busy } = asked.current;
  return { told: answer?.told ?? null, at: answer?.at ?? null, fault, refused, busy, again: ask };
}

/** The last answer to any question of the kind, shown while another is asked for. */
export function useLast(told) {
  const last = useRef(null);
  if (told) last.current = told;
  return last.current;
}
