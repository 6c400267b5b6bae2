// Calls of the documented API. What went wrong is told as one of three faults.

/** The server refused; `message` is Russian and for the person, `field` names the field that it is about. */
export class Refused extends Error {
  constructor(status, { code = "", message = "", field = null } = {}) {
    super(message || code);
    Object.assign(this, { status, code, field });
  }
}

/** No answer came: it is not known whether the server has done it. */
export class NoNetwork extends Error {}

/** Nobody is signed in, or no longer. */
export class SignedOut extends Error {}

const ANSWER_WITHIN_MS = 15_000;
const watchers = { signedOut: () => {} };
let csrf = null;

/** The token of the session that every change must carry. */
export const setCsrf = (token) => {
  csrf = token;
};
export const csrfToken = () => csrf;

/** Be told when an answer says that the session has ended. */
export const onSignedOut = (listener) => {
  watchers.signedOut = listener;
};

/** One call below /api; returns the answer's JSON or null. Throws Refused, NoNetwork, SignedOut. */
export async function call(method, path, body) {
  const answer = await exchange(method, path, body);
  if (answer.status === 204) return null;
  const json = await answer.json().catch(() => null);
  if (answer.ok) return json;
  return fail(answer.status, method, path, json?.error ?? {});
}

/** A file as the body of a change; it may take its time. Answers and throws as `call`. */
export async function upload(path, query, file) {
  const answer = await exchange("POST", path + queryOf(query), file, null);
  const json = await answer.json().catch(() => null);
  return answer.ok ? json : fail(answer.status, "POST", path, json?.error ?? {});
}

/** A file that the server makes on being asked; it may take its time. Returns {name, blob}, throws as `call`. */
export async function download(path, body) {
  const answer = await exchange("POST", path, body, null);
  if (!answer.ok) return fail(answer.status, "POST", path, (await answer.json().catch(() => null))?.error ?? {});
  const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))?.[1] ?? "";
  const blob = await answer.blob().catch(() => {
    throw new NoNetwork(path);
  });
  return { name, blob };
}

async function exchange(method, path, body, within = ANSWER_WITHIN_MS) {
  const headers = { Accept: "application/json" };
  const file = body instanceof Blob;
  if (body !== undefined) headers["Content-Type"] = file ? "application/octet-stream" : "application/json";
  if (method !== "GET" && csrf) headers["X-CSRF-Token"] = csrf;
  try {
    return await fetch(`/api${path}`, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      body: body === undefined || file ? body : JSON.stringify(body),
      signal: within === null ? undefined : AbortSignal.timeout(within),
    });
  } catch {
    throw new NoNetwork(path);
  }
}

const entering = (method, path) => method === "POST" && path === "/session";

function fail(status, method, path, error) {
  if (status === 401 && !entering(method, path)) {
    watchers.signedOut();
    throw new SignedOut(path);
  }
  if (status >= 502 && status <= 504 && !error.code) throw new NoNetwork(path);
  throw new Refused(status, error);
}

export const get = (path, query) => call("GET", path + queryOf(query));
export const post = (path, body = {}) => call("POST", path, body);
export const put = (path, body = {}) => call("PUT", path, body);
export const del = (path) => call("DELETE", path);

/** A part of a path. */
export const part = (value) => encodeURIComponent(value);

function queryOf(query = {}) {
  const given = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  return given.length ? `?${new URLSearchParams(given)}` : "";
}
