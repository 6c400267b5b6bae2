// The telephone in the browser: SIP over WebSocket with JsSIP, A-law, one session with the caller and a second one
// for a consultation. What it hears is told to `on`; it decides nothing but what SIP needs.
import JsSIP from "../vendor/jssip.js";
import { microphone, play, sound, whenChosen } from "./devices.js";

const REGISTER_FOR_S = 120;
const REGISTERED_WITHIN_MS = 5_000; // while it starts, Asterisk drops what comes; JsSIP would wait for 32 s
const DTMF = { duration: 120, interToneGap: 90, transportType: "RFC2833" };
const PEER = { iceServers: [], bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" };
const VANISHED = "Reason: Q.850;cause=41";
const STATES = {
  connected: "connecting",
  disconnected: "lost",
  registered: "registered",
  unregistered: "lost",
};

/** Offers name A-law and telephone events only: with Opus the live sound was lost in transfers. */
export function onlyAlaw(sdp) {
  const keep = [...sdp.matchAll(/^a=rtpmap:(\d+) (?:PCMA|telephone-event)\/8000/gm)].map(([, type]) => type);
  if (!keep.length) return sdp;
  return sdp
    .replace(/^(m=audio \d+ \S+) .*$/m, `$1 ${keep.join(" ")}`)
    .split("\r\n")
    .filter((line) => keep.includes(/^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)/.exec(line)?.[1] ?? keep[0]))
    .join("\r\n");
}

/** Whether a candidate of this machine can carry the talk, so that there is no use in gathering more. */
const useful = ({ candidate }) => / typ (host|srflx|relay)/.test(candidate) && / udp /i.test(candidate);

export class Phone {
  #agent = null;
  #patience = null;
  #lines = new Map(); // session → {role, element, stream}

  /**
   * @param on.state   (state, why) "connecting" | "registered" | "lost" | "refused" | "off"
   * @param on.ring    (line) an INVITE: {orderId, callId, listens, campaign, number, session}
   * @param on.talk    (session) answered and connected
   * @param on.end     (session, by, cause) by "us" | "them"; before or after an answer
   * @param on.hold    (session, held)
   * @param on.media   (session, state) of the peer connection: "connected" | "disconnected" | "failed" | …
   */
  constructor(on) {
    this.on = on;
    JsSIP.debug.disable();
    whenChosen((patch) => this.#change(patch));
  }

  /** Register with the login that the server gave: {uri, password, websocket, realm}. */
  start({ uri, password, websocket, realm }) {
    this.stop();
    const socket = new JsSIP.WebSocketInterface(websocket);
    const agent = new JsSIP.UA({
      sockets: [socket],
      uri,
      password,
      realm,
      register: true,
      register_expires: REGISTER_FOR_S,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
    });
    for (const [event, state] of Object.entries(STATES))
      agent.on(event, () => this.#tell(agent, state, null));
    agent.on("registrationFailed", ({ cause }) =>
      this.#tell(agent, socket.isConnected() ? "refused" : "lost", cause),
    );
    agent.on("connected", () => this.#await(agent, socket));
    agent.on("newRTCSession", ({ originator, session, request }) => this.#met(originator, session, request));
    this.#agent = agent;
    this.on.state("connecting", null);
    agent.start();
  }

  #tell(agent, state, why) {
    if (agent !== this.#agent) return;
    if (state !== "connecting") clearTimeout(this.#patience);
    this.on.state(state, why);
  }

  /** A connection on which no registration is answered is given up for a new one; talks outlive that. */
  #await(agent, socket) {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => {
      if (agent !== this.#agent) return;
      socket.disconnect();
      socket.ondisconnect(true);
    }, REGISTERED_WITHIN_MS);
  }

  stop() {
    clearTimeout(this.#patience);
    const agent = this.#agent;
    this.#agent = null;
    agent?.stop();
    if (agent) this.on.state("off", null);
  }

  #met(originator, session, request) {
    if (originator !== "remote") return session.terminate(); // this telephone dials nothing by itself
    this.#lines.set(session, { element: null, stream: null });
    session.on("peerconnection", ({ peerconnection }) => this.#watch(session, peerconnection));
    session.on("icecandidate", ({ candidate, ready }) => {
      if (useful(candidate)) ready();
    });
    session.on("sdp", (said) => {
      if (said.originator === "local" && said.type === "offer") said.sdp = onlyAlaw(said.sdp);
    });
    session.on("confirmed", () => this.on.talk(session));
    session.on("hold", ({ originator: by }) => {
      if (by === "local") this.on.hold(session, true);
    });
    session.on("unhold", ({ originator: by }) => {
      if (by === "local") this.on.hold(session, false);
    });
    session.on("ended", (end) => this.#gone(session, end));
    session.on("failed", (end) => this.#gone(session, end));
    this.on.ring({
      session,
      orderId: request.getHeader("X-Ivr-Order") ?? null,
      callId: request.getHeader("X-Ivr-Call") ?? null,
      listens: request.getHeader("X-Ivr-Listen") ?? null,
      campaign: request.getHeader("X-Ivr-Campaign") ?? null,
      rehearses: request.getHeader("X-Ivr-Rehearsal") ?? null,
      number: session.remote_identity?.uri?.user ?? "",
    });
    return undefined;
  }

  #watch(session, peer) {
    peer.addEventListener("track", ({ track, streams }) => {
      const line = this.#lines.get(session);
      if (line) line.element = play(streams[0] ?? new MediaStream([track]));
    });
    peer.addEventListener("connectionstatechange", () => this.on.media(session, peer.connectionState));
  }

  #gone(session, { originator, cause }) {
    const line = this.#lines.get(session);
    if (!line) return;
    this.#lines.delete(session);
    line.stream?.getTracks().forEach((track) => track.stop());
    if (line.element) line.element.srcObject = null;
    this.on.end(session, originator === "local" ? "us" : "them", cause);
  }

  /** Take the call. Throws the browser's error when there is no microphone; the call goes on ringing then. */
  async answer(session) {
    const stream = (await microphone()).clone(); // muting or holding one talk must not silence another
    const line = this.#lines.get(session);
    if (!line || session.isEnded() || session.isEstablished())
      return stream.getTracks().forEach((track) => track.stop());
    line.stream = stream;
    return session.answer({ mediaStream: stream, pcConfig: PEER, rtcAnswerConstraints: {} });
  }

  /** Another microphone or speaker was chosen: talks that go on take it. */
  async #change({ microphone: heard, speaker }) {
    for (const [session, line] of this.#lines) {
      if (speaker !== undefined && line.element) sound(line.element);
      if (heard !== undefined && line.stream) await this.#replace(session, line).catch(() => {});
    }
  }

  async #replace(session, line) {
    const fresh = (await microphone()).clone();
    const [track] = fresh.getAudioTracks();
    const sender = session.connection.getSenders().find((one) => one.track?.kind === "audio");
    track.enabled = sender?.track?.enabled ?? true; // muted, or on hold, it stays so
    await sender?.replaceTrack(track);
    line.stream.getTracks().forEach((old) => old.stop());
    line.stream = fresh;
  }

  /** Put the other party on hold, with music from the exchange, or take him off; resolves when it is agreed. */
  hold(session, held) {
    return new Promise((resolve) => {
      if (session.isOnHold().local === held) return resolve(true);
      const change = held ? session.hold : session.unhold;
      const begun = change.call(session, {}, () => resolve(true));
      return begun ? undefined : resolve(false);
    });
  }

  mute(session, muted) {
    if (muted) session.mute({ audio: true });
    else session.unmute({ audio: true });
  }

  tones(session, digits) {
    session.sendDTMF(digits, DTMF);
  }

  hangUp(session, options = {}) {
    if (!session.isEnded()) session.terminate(options);
  }

  /** End everything at once: the page is about to vanish, and nobody has hung up (Q.850: temporary failure). */
  leave() {
    for (const session of [...this.#lines.keys()]) this.hangUp(session, { extraHeaders: [VANISHED] });
  }

  /** {lost, received, roundTrip (s)} of a talk, from the browser's statistics. */
  async quality(session) {
    const reports = [...(await session.connection.getStats()).values()];
    const inbound = reports.find(({ type, kind }) => type === "inbound-rtp" && kind === "audio");
    const far = reports.find(({ type }) => type === "remote-inbound-rtp");
    return {
      lost: inbound?.packetsLost ?? 0,
      received: inbound?.packetsReceived ?? 0,
      roundTrip: far?.roundTripTime ?? null,
    };
  }
}
