// The state of a page: one object, replaced piece by piece; views are drawn from it alone. What both pages have is
// here; store.js and supervisor/store.js add their own.
import { useLayoutEffect, useState } from "../vendor/preact-htm.js";

const listeners = new Set();

export const state = {
  boot: "loading", // loading | ready | failed
  session: null, // {user, rights, csrf, must_change}
  expired: false, // signed out while at work: sign in again over the page
  link: { up: true, retryAt: null },
  words: {}, // dictionaries
  queues: [],
  floor: null, // colleagues who are signed in, once somebody has asked
  toasts: [],
};

/** Replace pieces of the state and draw again. */
export function update(pieces) {
  Object.assign(state, pieces);
  for (const listener of listeners) listener();
}

/** The component is drawn again whenever the state changes: also before its first frame, when effects have not run yet. */
export function useStore() {
  const [, draw] = useState(0);
  useLayoutEffect(() => {
    const again = () => draw((count) => count + 1);
    listeners.add(again);
    return () => listeners.delete(again);
  }, []);
  return state;
}

/** Whether the user has the right. */
export const may = (right) => state.session?.rights?.includes(right) ?? false;

let toastId = 0;

/** Tell something in passing: kind "good", "bad" or "". */
export function toast(text, kind = "") {
  const id = ++toastId;
  update({ toasts: [...state.toasts.slice(-3), { id, text, kind }] });
  setTimeout(() => dismiss(id), kind === "bad" ? 12_000 : 5_000);
}

export const dismiss = (id) => update({ toasts: state.toasts.filter((one) => one.id !== id) });
