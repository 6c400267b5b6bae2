// Where one is: the part and what is looked at in it stand in the address, so that a link leads to the same view.
import { fromAddress } from "../address.js";
import { state, update } from "./store.js";

const left = new Map(); // part → the address in which it was left

const partNow = () => fromAddress({ part: "" }).part;

/** Go to a part, as it was left; `values` lead to another view of it. */
export function goTo(part, values = null) {
  const known = values ? null : left.get(part);
  location.hash = known ?? new URLSearchParams({ part, ...values }).toString();
}

/** Address of a view, for links: linkTo("talks", {call}) → "#part=talks&call=…". */
export function linkTo(part, values = {}) {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return `#${new URLSearchParams([["part", part], ...given])}`;
}

/** Remember how the part that is shown stands, before it is left. */
export const keepPlace = () => {
  const part = partNow();
  if (part) left.set(part, location.hash.slice(1));
};

/** A link, a bookmark or the browser's own Back leads to another view: the part is drawn anew from the address. */
export function watchAddress() {
  update({ part: partNow() });
  addEventListener("hashchange", () => update({ part: partNow(), visit: state.visit + 1 }));
}
