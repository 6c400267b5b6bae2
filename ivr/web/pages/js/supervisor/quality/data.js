// What all of quality chooses from: the form, names of operators, how far transcripts are.
import { useEffect, useState } from "../../../vendor/preact-htm.js";
import { fromAddress, toAddress } from "../../address.js";
import { get } from "../../api.js";
import { instant, today } from "../../format.js";
import { attempt } from "../../tell.js";
import { Q } from "../texts-quality.js";

let reading = null; // of the words, shared by all who ask

function read() {
  const mine = attempt(() => get("/quality/words"));
  reading = mine;
  mine.then((told) => {
    if (!told && reading === mine) reading = null;
  });
  return mine;
}

/** The words of quality; null until they have been read. `fresh`: read them anew. */
export function useWords(fresh = false) {
  const [words, setWords] = useState(null);
  useEffect(() => {
    let mine = true;
    (fresh || !reading ? read() : reading).then((told) => mine && told && setWords(told));
    return () => {
      mine = false;
    };
  }, []);
  return words;
}

export const clauseOf = ({ clause }) => clause || Q.marks.company;

const PLACE = { view: "marks", month: "", agent: "", verdict: "open", kind: "", mark: "", talk: "" };

/** What is looked at, kept in the address; [place, go(patch)]. */
export function usePlace() {
  const [place, setPlace] = useState(() => {
    const said = fromAddress(PLACE);
    return {
      ...said,
      view: said.view in Q.views ? said.view : PLACE.view,
      month: /^\d{4}-(0[1-9]|1[0-2])$/.test(said.month) ? said.month : today().slice(0, 7),
    };
  });
  const go = (patch) => {
    toAddress(patch);
    setPlace((had) => ({ ...had, ...patch }));
  };
  return [place, go];
}

/** Instants of a month "2026-11": {from, to}, the end not included. */
export function spanOf(month) {
  const [year, number] = month.split("-").map(Number);
  const next = new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 7);
  return { from: instant(`${month}-01T00:00`), to: instant(`${next}-01T00:00`) };
}

/** What is read for a question, and read anew when it or `again` changes: [told, setTold]; null while it is read. */
export function useRead(path, query, again = 0) {
  const [told, setTold] = useState(null);
  const asked = path && `${again} ${path} ${JSON.stringify(query)}`;
  useEffect(() => {
    let mine = true;
    setTold(null);
    if (path) attempt(() => get(path, query)).then((answer) => mine && answer && setTold(answer));
    return () => {
      mine = false;
    };
  }, [asked]);
  return [told, setTold];
}
