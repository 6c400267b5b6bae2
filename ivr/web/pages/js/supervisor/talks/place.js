// What is looked for in «Разговоры». All of it is kept in the address but what is personal: numbers, accounts, words.
import { fromAddress, toAddress } from "../../address.js";
import { now } from "../../clock.js";
import { dateOf, instant } from "../../format.js";

const KEPT = { from: "", to: "", agent: "", topic: "", request: "", line: "", held: "" };
const PERSONAL = { number: "", account: "", text: "" };
const VIEW = { sort: "", call: "", recording: "" };
const WEEK_MS = 6 * 86_400_000;

/** Without any condition: the last seven days. */
export const blank = () => ({ ...KEPT, ...PERSONAL, from: `${dateOf(now() - WEEK_MS)}T00:00` });

/** What the address says. */
export function sought() {
  const said = fromAddress(KEPT);
  return Object.values(said).some(Boolean) ? { ...PERSONAL, ...said } : blank();
}

export const viewed = () => fromAddress(VIEW);

/** Write down what is looked for, or how it is shown. */
export const keep = (values) =>
  toAddress(Object.fromEntries(Object.entries(values).filter(([name]) => !(name in PERSONAL))));

/** The same as the API takes it. */
export const questionOf = (fields) => ({ ...fields, from: instant(fields.from), to: instant(fields.to) });

/** The same as a body: only what is given. */
export const bodyOf = (fields) =>
  Object.fromEntries(
    Object.entries({ ...questionOf(fields), held: Boolean(fields.held) }).filter(([, value]) => value),
  );
