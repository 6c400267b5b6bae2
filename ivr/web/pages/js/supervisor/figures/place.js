// What is looked at in «Показатели», kept in the address: a link or a reload leads to the same view.
import { fromAddress, toAddress } from "../../address.js";
import { today } from "../../format.js";
import { around, isDay } from "./days.js";

export const NARROWER = ["line", "topic", "agent", "segment", "queue"];
const BLANK = {
  standard: "",
  from: "",
  to: "",
  line: "",
  topic: "",
  agent: "",
  segment: "",
  queue: "",
  kpi: "",
  by: "",
  show: "",
  find: "",
  sort: "",
};

/** What the address says; without a period it is the present month. */
export function placeNow() {
  const said = fromAddress(BLANK);
  return isDay(said.from) && isDay(said.to) ? said : { ...said, ...around("month", today()) };
}

/** Write some of it down; what was typed stays when the server is away. */
export const keep = (patch) => toAddress(patch);

/** The part of it that the server is asked with. */
export const questionOf = (place) =>
  Object.fromEntries(["standard", "from", "to", ...NARROWER].map((name) => [name, place[name]]));

/** The same view with something changed, as values of a link. */
export const elsewhere = (place, patch) => ({ ...place, ...patch });
