// Answers that are asked for again while something goes on, and when the server tells of a change.
import { useEffect, useRef } from "../../../vendor/preact-htm.js";
import { useEvent } from "../events.js";

const AGAIN_MS = 4_000;

/** The same answer; `goes(told)` says whether it will change by itself. */
export function usePolled(answer, goes) {
  const latest = useRef(answer);
  latest.current = answer;
  const on = Boolean(answer.told && goes(answer.told));
  useEffect(() => {
    if (!on) return undefined;
    const timer = setInterval(() => latest.current.busy || latest.current.again(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [on]);
  useEvent("campaigns", () => latest.current.again());
  return answer;
}
