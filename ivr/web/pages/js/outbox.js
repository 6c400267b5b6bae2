// What was sent while the network was away waits here, survives a reload, and goes out by itself. Only calls
// that may be repeated go this way: each carries its own key, or replaces what was there.
import { useLayoutEffect, useState } from "../vendor/preact-htm.js";
import { NoNetwork, Refused, SignedOut, call } from "./api.js";

const KEY = "ivr.outbox";
const listeners = new Set();
const settled = new Map(); // id → {state: "saved" | "refused", answer, error}
let owner = null;
let flushing = null;

const all = () => JSON.parse(localStorage.getItem(KEY) ?? "[]");
const mine = () => all().filter((entry) => entry.owner === owner);
const tell = () => listeners.forEach((listener) => listener());

function keep(entries) {
  localStorage.setItem(KEY, JSON.stringify(entries));
  tell();
}

const watchers = [];

/** Be told of each entry that the server has taken: (id, answer), whether or not its form is shown. */
export const whenSaved = (watcher) => watchers.push(watcher);

/** Whose entries are sent: nobody's words go out under another's name. */
export function setOwner(login) {
  owner = login;
  tell();
}

export const waiting = () => mine().length;

/** Send, or keep until it can be sent. `id` names the form; a newer one of the same id replaces the older. */
export function send({ id, method, path, body }) {
  settled.delete(id);
  const entry = { id, method, path, body, owner, state: "sending" };
  keep([...all().filter((one) => one.id !== id || one.owner !== owner), entry]);
  return flush();
}

/** Try all that wait, in order, one after another. */
export function flush() {
  flushing = (flushing ?? Promise.resolve()).catch(() => {}).then(sendAll);
  return flushing;
}

async function sendAll() {
  for (const entry of mine()) {
    if (!(await attempt(entry))) return;
  }
}

/** False: there is no use in trying the next. */
async function attempt(entry) {
  try {
    settle(entry, { state: "saved", answer: await call(entry.method, entry.path, entry.body) });
  } catch (error) {
    if (error instanceof Refused) settle(entry, { state: "refused", error });
    else if (error instanceof NoNetwork || error instanceof SignedOut) return hold(entry);
    else throw error;
  }
  return true;
}

function settle(entry, outcome) {
  settled.set(entry.id, outcome);
  if (outcome.state === "saved") watchers.forEach((watcher) => watcher(entry.id, outcome.answer));
  keep(all().filter((one) => one.id !== entry.id || one.owner !== entry.owner));
}

function hold(entry) {
  keep(
    all().map((one) =>
      one.id === entry.id && one.owner === entry.owner ? { ...one, state: "waiting" } : one,
    ),
  );
  return false;
}

/** How a form's last sending stands: {state: idle | sending | waiting | saved | refused, answer, error}. */
export function sending(id) {
  const entry = mine().find((one) => one.id === id);
  return entry ? { state: entry.state } : (settled.get(id) ?? { state: "idle" });
}

/** Forget how it ended: the form begins anew. */
export function forget(id) {
  settled.delete(id);
  tell();
}

/** Forget how the forms of other calls ended than these. */
export function forgetOthers(calls) {
  for (const id of settled.keys()) if (!calls.has(id.slice(0, id.lastIndexOf(".")))) settled.delete(id);
}

export function useSending(id) {
  const [, draw] = useState(0);
  useLayoutEffect(() => {
    const again = () => draw((count) => count + 1);
    listeners.add(again);
    return () => listeners.delete(again);
  }, []);
  return sending(id);
}
