// Microphone, speaker and ringer: choice, remembered in this browser, and a test of each.
const KEY = "ivr.devices";
const CAPTURE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

let chosen = { microphone: "", speaker: "", ringer: "", ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
const watchers = [];
let capture = null; // the microphone, kept open so that an answer need not wait for it

export const choice = () => chosen;

/** Whether this page may use a microphone at all: only over https, or on the machine's own address. */
export const canCapture = () => Boolean(navigator.mediaDevices?.getUserMedia);

/** Take another device; what speaks or sounds now follows. */
export function choose(patch) {
  chosen = { ...chosen, ...patch };
  localStorage.setItem(KEY, JSON.stringify(chosen));
  if ("microphone" in patch) closeMicrophone();
  for (const watcher of watchers) watcher(patch);
}

/** Be told of each choice: {microphone} or {speaker} or {ringer}. */
export const whenChosen = (watcher) => watchers.push(watcher);

/** {microphones, speakers}: lists of {id, title}; labels are known once the microphone was allowed. */
export async function list() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const of = (kind) =>
    devices
      .filter((device) => device.kind === kind && device.deviceId)
      .map(({ deviceId, label }) => ({ id: deviceId, title: label || deviceId.slice(0, 8) }));
  return { microphones: of("audioinput"), speakers: of("audiooutput") };
}

/** The open microphone. Throws the browser's error (NotAllowedError, NotFoundError, …). */
export async function microphone() {
  const alive = capture?.getAudioTracks().some((track) => track.readyState === "live");
  if (!alive) capture = await open(chosen.microphone);
  return capture;
}

async function open(id) {
  const sound = document.documentElement.dataset.sound === "raw" ? raw() : CAPTURE;
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { ...sound, ...(id ? { deviceId: { exact: id } } : {}) },
    });
  } catch (error) {
    if (!id || error.name !== "OverconstrainedError") throw error;
    return navigator.mediaDevices.getUserMedia({ audio: sound }); // the chosen one was unplugged
  }
}

const raw = () => Object.fromEntries(Object.keys(CAPTURE).map((name) => [name, false]));

export function closeMicrophone() {
  capture?.getTracks().forEach((track) => track.stop());
  capture = null;
}

/** Call `heard(level)` with 0…1 about 10 times a second; returns a function that ends it. */
export async function measure(heard) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(await microphone()).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    heard(Math.min(1, Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length) * 4));
  }, 100);
  return () => {
    clearInterval(timer);
    context.close();
  };
}

/** Let an element play through the chosen speaker. */
export const sound = (element) => element.setSinkId?.(chosen.speaker).catch(() => {});

/** An element that plays a stream through the chosen speaker. */
export function play(stream) {
  const element = new Audio();
  element.autoplay = true;
  element.srcObject = stream;
  if (chosen.speaker) sound(element);
  element.play().catch(() => {});
  return element;
}
