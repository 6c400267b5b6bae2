// The operator's state and telephone: beginning a shift, ready and pause, and the one tab that holds the telephone.
import { post, put } from "./api.js";
import { canCapture, closeMicrophone, microphone } from "./devices.js";
import { busyElsewhere, dropLock, takeLock, watchLock } from "./lock.js";
import { state, toast, update } from "./store.js";
import { endTalks, lines, phone } from "./talk.js";
import { attempt } from "./tell.js";
import { T } from "./texts.js";

const phoneState = (piece) => update({ phone: { ...state.phone, ...piece } });

watchLock({
  busy: () => lines.main !== null || lines.hears !== null,
  lost: () => {
    phone.stop();
    phoneState({ state: "elsewhere" });
    toast(T.phone.moved);
  },
});

/** After a load of the page: the telephone chosen before is put on again. */
export async function beginPhone() {
  const { kind } = state.phone;
  if (kind === "desk") phoneState({ state: "registered", extension: state.me?.extension });
  if (kind === "browser" && state.phone.state !== "registered") await attempt(() => connect());
}

/** Choose the telephone of this shift: "browser", "desk", or "none" to work without one. */
export async function startShift(kind) {
  if (kind === "none") return phoneState({ kind: "none", state: "off" });
  if (kind === "browser") return connect();
  const login = await post("/me/phone", { kind });
  return phoneState({ kind, state: "registered", extension: login.extension });
}

/** Put the browser's telephone on, unless another tab has it. Throws what the API throws. */
export async function connect({ steal = false } = {}) {
  if (!(await takeLock({ steal }))) return phoneState({ kind: "browser", state: "elsewhere" });
  if (canCapture()) await microphone().catch(() => toast(T.phone.noMicrophone, "bad"));
  const login = await post("/me/phone", { kind: "browser" });
  phoneState({ kind: "browser", extension: login.extension, state: "connecting" });
  return phone.start(login);
}

/** Take the telephone over from another tab. */
export async function takeOver() {
  if (await busyElsewhere()) return toast(T.phone.busyThere, "bad");
  return attempt(() => connect({ steal: true }));
}

export function endPhone() {
  endTalks();
  phone.stop();
  closeMicrophone();
  dropLock();
}

const ask = (body) =>
  attempt(async () => {
    const me = await put("/me/state", body);
    if (me) update({ me, ...(me.state === "wrap-up" ? {} : { wrap: null }) });
    return true;
  });

export const ready = () => ask({ state: "ready" });
export const pause = (reason) => ask({ state: "paused", reason });

/** Sign out of the queues; the page stays. */
export async function finish() {
  if (await ask({ state: "offline" })) leavePhone();
}

/** No longer signed in at a telephone, by one's own wish or the engine's. */
export function leavePhone() {
  endPhone();
  phoneState({ kind: null, state: "off", wished: false });
}

/** Ready ⇄ pause by one key. While the telephone connects, the wish to be ready is kept. */
export function toggle() {
  if (state.phone.state !== "registered") return wishReady();
  if (state.me?.state === "ready") return update({ dialog: { kind: "pause" } });
  if (state.me?.state === "paused" || state.me?.state === "offline") return ready();
  return undefined;
}

function wishReady() {
  if (state.phone.state !== "connecting") return toast(T.phone.notYet, "bad");
  const wished = !state.phone.wished;
  phoneState({ wished });
  return toast(wished ? T.phone.wished : T.phone.unwished);
}

/** The telephone has connected: who wished to be ready, is. If it has not, the wish is over. */
export function keepWish() {
  const { wished, state: connection } = state.phone;
  if (!wished || connection === "connecting") return undefined;
  phoneState({ wished: false });
  return connection === "registered" ? ready() : undefined;
}

export const prolong = () =>
  attempt(async () => {
    const me = await post("/me/wrap-up/prolong");
    if (me) update({ me });
  });
