// The keyboard: one map, shown by `?`. Keys are taken by their place (`code`), so that a Russian layout does not
// matter; function keys work while one types.
import { T } from "./texts.js";

/** Action → key as shown and as the browser tells it. */
export const KEYS = {
  help: { shown: "F1", code: "F1" },
  answer: { shown: "F2", code: "F2" },
  state: { shown: "F2", code: "F2" },
  hold: { shown: "F4", code: "F4" },
  mute: { shown: "F6", code: "F6" },
  transfer: { shown: "F7", code: "F7" },
  hangUp: { shown: "F8", code: "F8" },
  search: { shown: "F9", code: "F9" },
  identify: { shown: "Alt+I", code: "KeyI", alt: true },
  recording: { shown: "Alt+R", code: "KeyR", alt: true },
  keypad: { shown: "Alt+K", code: "KeyK", alt: true },
  more: { shown: "Alt+M", code: "KeyM", alt: true },
  pause: { shown: "Alt+P", code: "KeyP", alt: true },
  aloud: { shown: "Alt+A", code: "KeyA", alt: true },
  save: { shown: "Ctrl+Enter", code: "Enter", ctrl: true },
  prolong: { shown: "Alt+L", code: "KeyL", alt: true },
  hearTalk: { shown: "Alt+L", code: "KeyL", alt: true },
  whisper: { shown: "Alt+W", code: "KeyW", alt: true },
  joinTalk: { shown: "Alt+J", code: "KeyJ", alt: true },
  announce: { shown: "Alt+A", code: "KeyA", alt: true },
  outage: { shown: "Alt+O", code: "KeyO", alt: true },
  nextTarget: { shown: "Alt+N", code: "KeyN", alt: true },
  callTarget: { shown: "Alt+C", code: "KeyC", alt: true },
  skipTarget: { shown: "Alt+S", code: "KeyS", alt: true },
  pane1: { shown: "Alt+1", code: "Digit1", alt: true },
  pane2: { shown: "Alt+2", code: "Digit2", alt: true },
  pane3: { shown: "Alt+3", code: "Digit3", alt: true },
  pane4: { shown: "Alt+4", code: "Digit4", alt: true },
  pane5: { shown: "Alt+5", code: "Digit5", alt: true },
  pane6: { shown: "Alt+6", code: "Digit6", alt: true },
  earlier: { shown: "Alt+[", code: "BracketLeft", alt: true },
  later: { shown: "Alt+]", code: "BracketRight", alt: true },
  pane7: { shown: "Alt+7", code: "Digit7", alt: true },
};

const handlers = new Map(); // action → stack of handlers, the last put is asked

const matches = (key, event) =>
  event.code === key.code &&
  !event.shiftKey &&
  !event.metaKey &&
  event.altKey === Boolean(key.alt) &&
  event.ctrlKey === Boolean(key.ctrl);

/** Let `handler` take the key of `action` until the returned function is called. */
export function onKey(action, handler) {
  const stack = handlers.get(action) ?? [];
  handlers.set(action, [...stack, handler]);
  return () =>
    handlers.set(
      action,
      handlers.get(action).filter((one) => one !== handler),
    );
}

/** Whether the event belongs to a field in which one types. */
export const typing = ({ target }) =>
  target instanceof Element && target.closest("input, textarea, select") !== null;

function take(event) {
  if (event.key === "?" && !typing(event)) return run(event, "help");
  const action = Object.keys(KEYS).find((name) => matches(KEYS[name], event) && handlers.get(name)?.length);
  return action ? run(event, action) : undefined;
}

function run(event, action) {
  const handler = handlers.get(action)?.at(-1);
  if (!handler) return;
  event.preventDefault();
  if (!event.repeat) handler(event);
}

/** Listen to the keyboard. */
export const listenToKeys = () => document.addEventListener("keydown", take);

/** Rows of the help: [what, key]. */
export const keyRows = (told = T.keys) => Object.entries(told).map(([action, what]) => [what, KEYS[action].shown]);
