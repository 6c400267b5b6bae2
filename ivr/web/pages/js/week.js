// Days of a calendar as <input type="date"> has them ("2026-11-21"), and the hours that are worked on them.
import { Refused } from "./api.js";
import { clockTime } from "./format.js";
import { O } from "./texts-office.js";

const DAY_MS = 86_400_000;
const BREAK = /^(\d{1,2}:\d{2})\s*[-–—]\s*(\d{1,2}:\d{2})$/;

/** So many days later. */
export const later = (day, days) => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

/** The seven days of the week in which a day is, Monday first. */
export function weekOf(day) {
  const monday = later(day, -((new Date(day).getUTCDay() + 6) % 7));
  return Array.from({ length: 7 }, (_, at) => later(monday, at));
}

/** [{since, until}] of "12:00-12:30, 16:00-16:15". Throws Refused. */
function breaksOf(text) {
  const parts = text.split(",").map((part) => part.trim()).filter(Boolean);
  return parts.map((part) => {
    const found = BREAK.exec(part);
    if (!found) throw new Refused(422, { message: O.plan.wrongBreaks, field: "breaks" });
    const [since, until] = found.slice(1).map((time) => time.padStart(5, "0"));
    return { since, until };
  });
}

/** A shift by the clock on the wall, as its form has it. */
export const hoursOf = ({ begins_at: begins, ends_at: ends, breaks }) => ({
  begins: clockTime(begins),
  ends: clockTime(ends),
  breaks: breaks.map(({ since, until }) => `${clockTime(since)}-${clockTime(until)}`).join(", "),
});

/** What the API takes for a shift. Throws Refused. */
export const shiftOf = (login, day, { begins, ends, breaks }) => ({
  login,
  day,
  begins,
  ends,
  breaks: breaksOf(breaks),
});
