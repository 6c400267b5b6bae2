// Live events by WebSocket: resumption by sequence number, growing pauses between attempts, and honest news of
// the link's state, so that the page can show it.
import { setServerTime } from "./clock.js";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;
const SILENT_FOR_MS = 35_000; // the server sends a beat every 10 s
const SESSION_ENDED = 4401;
const TOO_MANY_PAGES = 4409;

export class Live {
  #socket = null;
  #pause = FIRST_PAUSE_MS;
  #timer = null;
  #watch = null;
  #place = { seq: null, epoch: null };
  #wanted = false;
  #greeted = false;

  /**
   * @param on.event   (type, data, at) for each event
   * @param on.fresh   the first connection stands: what was read before may be older than the first event
   * @param on.link    "up" | "down" and the instant of the next attempt
   * @param on.refused a connection was not even opened: perhaps the session has ended
   * @param on.ended   "session" | "pages": no use in trying again
   */
  constructor(on) {
    this.on = on;
    globalThis.addEventListener("online", () => this.#hurry());
    globalThis.addEventListener("offline", () => this.#socket?.close());
  }

  start() {
    this.#wanted = true;
    if (!this.#socket) this.#open();
  }

  stop() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #open() {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#address());
    this.#socket = socket;
    this.#greeted = false;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onopen = () => this.#opened();
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) this.#closed(code);
    };
  }

  #address() {
    const { seq, epoch } = this.#place;
    const query = seq === null ? "" : `?${new URLSearchParams({ after: seq, epoch })}`;
    return `${location.origin.replace(/^http/, "ws")}/api/events${query}`;
  }

  #opened() {
    this.#pause = FIRST_PAUSE_MS;
    this.#greeted = true;
    this.#listen();
    this.on.link("up", null);
  }

  #closed(code) {
    this.#socket = null;
    clearTimeout(this.#watch);
    const last = { [SESSION_ENDED]: "session", [TOO_MANY_PAGES]: "pages" }[code];
    if (last) this.#wanted = false;
    if (last) this.on.ended(last);
    if (!this.#wanted) return;
    if (!this.#greeted) this.on.refused();
    const wait = this.#pause * (0.75 + Math.random() / 2);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
    this.#timer = setTimeout(() => this.#open(), wait);
    this.on.link("down", Date.now() + wait);
  }

  #hurry() {
    if (!this.#wanted) return;
    this.#pause = FIRST_PAUSE_MS; // also for an attempt that is under way and may fail yet
    if (!this.#socket) this.#open();
  }

  #listen() {
    clearTimeout(this.#watch);
    const socket = this.#socket;
    this.#watch = setTimeout(() => {
      socket.onclose = null; // a half-open link takes minutes to close by itself
      socket.close();
      this.#closed(0);
    }, SILENT_FOR_MS);
  }

  #take({ type, seq, epoch, at, data }) {
    this.#listen();
    if (type === "hello") return this.#hello(seq, epoch, at);
    if (epoch !== undefined) this.#place.epoch = epoch;
    if (Number.isInteger(seq)) this.#place.seq = seq;
    if (at) setServerTime(at);
    if (type !== "beat") this.on.event(type, data ?? {}, at);
    return undefined;
  }

  /** A greeting tells where the sequence stands; a page that comes back gets what it missed after it. */
  #hello(seq, epoch, at) {
    if (at) setServerTime(at);
    if (this.#place.seq !== null) return;
    this.#place = { seq, epoch };
    this.on.fresh();
  }
}
