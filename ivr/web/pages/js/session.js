// Signing in, and staying signed in.
import { clearAddress } from "./address.js";
import { SignedOut, call, del, get, onSignedOut, post, setCsrf } from "./api.js";
import { dropDrafts } from "./drafts.js";
import { live } from "./events.js";
import { flush, setOwner } from "./outbox.js";
import { beginPhone, endPhone } from "./shift.js";
import { state, update } from "./store.js";
import { readWorkspace } from "./workspace.js";

const TRY_AGAIN_MS = 3_000;
const BLANK = {
  me: null,
  words: {},
  ring: null,
  talk: null,
  consult: null,
  wrap: null,
  cards: {},
  bulletins: [],
  tasks: [],
  callbacks: [],
  lost: [],
  floor: null,
  shift: null,
  queues: [],
  dialog: null,
  article: null,
  search: "",
};

/** Begin: the cookie may still be good. */
export async function boot() {
  onSignedOut(expire);
  try {
    await enter(await call("GET", "/session"));
  } catch (error) {
    if (error instanceof SignedOut) return update({ boot: "ready", session: null });
    update({ boot: "failed" });
    return setTimeout(boot, TRY_AGAIN_MS);
  }
  return undefined;
}

/** Throws Refused for a wrong password and the like. */
export async function signIn(login, password) {
  const before = state.session?.user.login ?? null;
  const session = await post("/session", { login, password });
  if (state.expired && before !== null && before !== session.user.login) return location.reload();
  return enter(session);
}

async function enter(session) {
  setCsrf(session.csrf);
  setOwner(session.user.login);
  update({ session, expired: false, boot: "ready" });
  if (session.must_change) return;
  await readWorkspace();
  live.start();
  flush();
  await beginPhone();
}

export async function changePassword(old, fresh) {
  const session = await post("/password", { old, new: fresh });
  await enter(session ?? (await get("/session")));
}

export async function signOut() {
  live.stop();
  endPhone();
  dropDrafts();
  clearAddress();
  await del("/session").catch(() => {});
  setCsrf(null);
  setOwner(null);
  update({ ...BLANK, session: null, expired: false, phone: { kind: null, state: "off", why: null } });
}

/** The session is over; a talk goes on, and one signs in again over it. */
function expire() {
  live.stop();
  update(state.words.topics ? { expired: true } : { session: null });
}
