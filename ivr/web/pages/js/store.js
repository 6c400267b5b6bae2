// The operator's page: what it holds beside what both pages have.
import { fromAddress } from "./address.js";
import { state } from "./state.js";

export { dismiss, may, state, toast, update, useStore } from "./state.js";

Object.assign(state, {
  me: null, // Agent
  ring: null, // {call_id, leg_id, role, queue, order_id, card, at}
  talk: null, // {call_id, leg_id, stage, since, answered, role}
  consult: null, // {order_id, target, stage, leg_id, since}
  wrap: null, // {call_id, since}
  dialling: null, // {order_id, call_id, number}
  rehearsal: null, // {since}: a campaign plays its call to this telephone
  cards: {}, // Card by call id
  sound: { muted: false, held: false, heldSince: null },
  recording: {}, // "on" | "paused" | "off" by call id
  phone: { kind: null, state: "off", why: null }, // off | elsewhere | connecting | registered | lost | refused
  listeners: [], // who listens to this operator's talk
  hears: null, // the talk that one listens to oneself
  prepare: null, // instant since which an answer has been sought in this talk
  bulletins: [],
  tasks: [],
  callbacks: [],
  lost: [],
  visited: null, // replaced when a visit was changed on this page
  steps: 0, // taken with requests on this page: lists of them are read again
  previews: { campaigns: [], mine: null }, // campaigns to call for, and whom one has before oneself
  abouts: {}, // what the campaign's call on the line is about, by its id
  shift: null,
  pane: "talk",
  list: fromAddress({ list: "callbacks" }).list,
  dialog: null,
  search: "",
  article: null,
  aloud: false,
});

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
