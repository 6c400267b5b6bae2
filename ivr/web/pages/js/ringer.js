// The ring: two soft tones made here, through the chosen ringer, and a notification when the page is hidden.
import { choice } from "./devices.js";

const PERIOD_MS = 3_000;
const TONES = [
  [0, 659],
  [0.22, 784],
  [0.44, 659],
  [0.66, 784],
]; // start in s, Hz
const TONE_S = 0.2;

let context = null;
let timer = null;
let notice = null;

function audio() {
  context ??= new AudioContext();
  const sink = choice().ringer;
  if (context.setSinkId && context.sinkId !== sink) context.setSinkId(sink).catch(() => {});
  return context;
}

/** Browsers allow sound only after a key or a click: call this from one. */
export const unlock = () =>
  audio()
    .resume()
    .catch(() => {});

function tone(from, hertz) {
  const at = context.currentTime + from;
  const gain = context.createGain();
  const wave = context.createOscillator();
  wave.frequency.value = hertz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.25, at + 0.02);
  gain.gain.setTargetAtTime(0, at + TONE_S - 0.05, 0.02);
  wave.connect(gain).connect(context.destination);
  wave.start(at);
  wave.stop(at + TONE_S + 0.1);
}

/** One ring, as a test. */
export function ringOnce() {
  audio()
    .resume()
    .catch(() => {});
  TONES.forEach(([from, hertz]) => tone(from, hertz));
}

export function startRinging(title, body) {
  if (timer) return;
  ringOnce();
  timer = setInterval(ringOnce, PERIOD_MS);
  if (document.hidden) notify(title, body);
}

export function stopRinging() {
  clearInterval(timer);
  timer = null;
  notice?.close();
  notice = null;
}

function notify(title, body) {
  if (globalThis.Notification?.permission !== "granted") return;
  notice = new Notification(title, { body, tag: "ivr-ring", requireInteraction: true, icon: "icon.svg" });
  notice.onclick = () => globalThis.focus();
}

/** Ask once, from a key or a click. */
export async function allowNotices() {
  if (globalThis.Notification?.permission === "default") await Notification.requestPermission();
}
