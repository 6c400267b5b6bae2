/** What the parts of a call's recording are called. */
import { clockTime } from "../../format.js";
import { R } from "../texts-talks.js";

const KINDS = [
  [/^\d+$/, R.call.parts.talk],
  [/^s\d+$/, R.call.parts.joined],
];

/** `part` as the archive names it, `started_at` an instant. */
export function partName({ part, started_at: at }) {
  const kind = KINDS.find(([names]) => names.test(part))?.[1] ?? R.call.parts[part || "robot"];
  return kind ? `${kind} ${clockTime(at)}` : `${R.call.part} ${part}`;
}
