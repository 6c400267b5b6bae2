// The state of the page: one object, replaced piece by piece; views are drawn from it alone.
import { useEffect, useState } from "../vendor/preact-htm.js";
import { fromAddress } from "./address.js";

const listeners = new Set();

export const state = {
  boot: "loading", // loading | ready | failed
  session: null, // {user, rights, csrf, must_change}
  expired: false, // signed out while at work: sign in again over the page
  me: null, // Agent
  words: {}, // dictionaries of the workspace
  ring: null, // {call_id, leg_id, role, queue, order_id, card, at}
  talk: null, // {call_id, leg_id, stage, since, answered, role}
  consult: null, // {order_id, target, stage, leg_id, since}
  wrap: null, // {call_id, since}
  dialling: null, // {order_id, call_id, number}
  cards: {}, // Card by call id
  sound: { muted: false, held: false, heldSince: null },
  recording: {}, // "on" | "paused" | "off" by call id
  link: { up: true, retryAt: null },
  phone: { kind: null, state: "off", why: null }, // off | elsewhere | connecting | registered | lost | refused
  prepare: null, // instant since which an answer has been sought in this talk
  bulletins: [],
  tasks: [],
  callbacks: [],
  lost: [],
  visited: null, // replaced when a visit was changed on this page
  steps: 0, // taken with requests on this page: lists of them are read again
  floor: null, // colleagues who are signed in, once somebody has asked
  shift: null,
  queues: [],
  pane: "talk",
  list: fromAddress({ list: "callbacks" }).list,
  dialog: null,
  toasts: [],
  search: "",
  article: null,
  aloud: false,
};

/** Replace pieces of the state and draw again. */
export function update(pieces) {
  Object.assign(state, pieces);
  for (const listener of listeners) listener();
}

/** The component is drawn again whenever the state changes. */
export function useStore() {
  const [, draw] = useState(0);
  useEffect(() => {
    const again = () => draw((count) => count + 1);
    listeners.add(again);
    return () => listeners.delete(again);
  }, []);
  return state;
}

/** What the page shows now. */
export function screen({ session, expired, words, phone, ring, talk, wrap } = state) {
  if (!session || (expired && !words.topics)) return "sign-in";
  if (session.must_change) return "password";
  if (ring) return "ring";
  if (talk) return "talk";
  if (wrap) return "wrap";
  return phone.kind === null ? "start" : "home";
}

/** The call that is worked on: rung, talked, or wrapped up. */
export const callId = ({ ring, talk, wrap } = state) => (talk ?? ring ?? wrap)?.call_id ?? null;

/** Its card, or null until it is known. */
export const card = (s = state) => s.cards[callId(s)] ?? null;

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
