// The search: what is typed, what was found with it, page after page.
import { useEffect, useRef, useState } from "../../../vendor/preact-htm.js";
import { Refused, get } from "../../api.js";
import { faultText } from "../../tell.js";
import { blank, keep, questionOf, sought } from "./place.js";

const NOTHING = { rows: null, next: null, with: null };

/** {fields, change, go, clear, more, found: {rows, next, with}, fault, errors, busy}. */
export function useSearch() {
  const [fields, setFields] = useState(sought);
  const [found, setFound] = useState(NOTHING);
  const [wrong, setWrong] = useState({ fault: "", errors: {} });
  const [busy, setBusy] = useState(false);
  const turn = useRef(0);

  const ask = async (asked, before) => {
    const mine = ++turn.current;
    setBusy(true);
    try {
      const told = await get("/recordings", { ...questionOf(asked), before });
      if (mine !== turn.current) return;
      setFound((had) => ({
        rows: before ? [...had.rows, ...told.recordings] : told.recordings,
        next: told.next,
        with: asked,
      }));
      setWrong({ fault: "", errors: {} });
    } catch (error) {
      if (mine === turn.current) setWrong(wrongOf(error));
    } finally {
      if (mine === turn.current) setBusy(false);
    }
  };
  const go = (asked = fields) => {
    keep(asked);
    return ask(asked);
  };
  useEffect(() => {
    ask(fields);
  }, []);
  return {
    fields,
    found,
    busy,
    ...wrong,
    change: (patch) => setFields((had) => ({ ...had, ...patch })),
    go: () => go(),
    clear: () => {
      const none = blank();
      setFields(none);
      return go(none);
    },
    more: () => ask(found.with, found.next),
    replace: (recording) =>
      setFound((had) => ({
        ...had,
        rows: had.rows && had.rows.map((row) => (row.id === recording.id ? { ...row, ...recording } : row)),
      })),
  };
}

/** The field is marked; why is told above the list, where there is always room. */
function wrongOf(error) {
  if (error instanceof Refused && error.field)
    return { fault: error.message, errors: { [error.field]: error.message } };
  return { fault: faultText(error), errors: {} };
}
