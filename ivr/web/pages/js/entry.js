// Coming in and going out, the same on every page; what a page does of its own then, it says once.
import { clearAddress } from "./address.js";
import { SignedOut, call, del, get, onSignedOut, post, setCsrf } from "./api.js";
import { state, update } from "./state.js";

const TRY_AGAIN_MS = 3_000;

/**
 * owner    (login or null) whose page it is now, before anything is read
 * entered  read what the page shows, and listen
 * leaving  before the session is closed
 * expired  the session is over: listen no more
 * keeps    whether the page stays under the sign-in then
 * blank    pieces of the state once nobody is signed in
 */
const page = { owner() {}, async entered() {}, leaving() {}, expired() {}, keeps: () => false, blank: {} };

/** Begin: the cookie may still be good. */
export async function boot(hooks = {}) {
  Object.assign(page, hooks);
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
  page.owner(session.user.login);
  update({ session, expired: false, boot: "ready" });
  if (!session.must_change) await page.entered();
}

export async function changePassword(old, fresh) {
  const session = await post("/password", { old, new: fresh });
  await enter(session ?? (await get("/session")));
}

export async function signOut() {
  page.leaving();
  clearAddress();
  await del("/session").catch(() => {});
  setCsrf(null);
  page.owner(null);
  update({ ...page.blank, session: null, expired: false });
}

/** The session is over; work goes on, and one signs in again over it. */
function expire() {
  page.expired();
  update(page.keeps() ? { expired: true } : { session: null });
}
