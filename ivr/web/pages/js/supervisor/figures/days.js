// Days of the calendar as "2026-11-21", and the spans that they make. Pure.

const DAY_MS = 86_400_000;
const MONTHS = { month: 1, quarter: 3 };

const iso = (ms) => new Date(ms).toISOString().slice(0, 10);

/** Whether it is a day. */
export const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text) && iso(Date.parse(text) || 0) === text;

export const plusDays = (day, count) => iso(Date.parse(day) + count * DAY_MS);

/** How many days from the first to the last, both included. */
export const daysOf = ({ from, to }) => (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;

const monthStart = (year, month) => iso(Date.UTC(year, month, 1));

function ofMonths(day, months) {
  const [year, month] = [Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1];
  const first = month - (month % months);
  return { from: monthStart(year, first), to: plusDays(monthStart(year, first + months), -1) };
}

/** The day, week, month or quarter that a day belongs to; weeks begin on Monday. */
export function around(span, day) {
  if (MONTHS[span]) return ofMonths(day, MONTHS[span]);
  if (span === "day") return { from: day, to: day };
  const weekday = (new Date(day).getUTCDay() + 6) % 7;
  const from = plusDays(day, -weekday);
  return { from, to: plusDays(from, 6) };
}

/** Which span it is: "day", "week", "month", "quarter", or "" for any other days. */
export const spanOf = ({ from, to }) =>
  ["day", "week", "month", "quarter"].find((span) => around(span, from).from === from && around(span, from).to === to) ??
  "";

/** The one before (-1) or after (1): of the same kind, else as many days. */
export function shifted(period, step) {
  const span = spanOf(period);
  if (span) return around(span, step < 0 ? plusDays(period.from, -1) : plusDays(period.to, 1));
  const count = daysOf(period) * step;
  return { from: plusDays(period.from, count), to: plusDays(period.to, count) };
}
