// The server's time: the clock of a workplace may be minutes off, and timers must agree with the engine's.
let offset = 0;

/** Take the server's instant (ISO 8601) as now. */
export function setServerTime(iso) {
  const server = Date.parse(iso);
  if (!Number.isNaN(server)) offset = server - Date.now();
}

/** Milliseconds since the epoch, as the server has them. */
export const now = () => Date.now() + offset;

/** Whole seconds since an instant (ISO 8601 or milliseconds), never below 0. */
export function secondsSince(since, until = null) {
  const from = typeof since === "number" ? since : Date.parse(since);
  const to = until === null ? now() : typeof until === "number" ? until : Date.parse(until);
  return Number.isNaN(from) ? 0 : Math.max(0, Math.floor((to - from) / 1000));
}
