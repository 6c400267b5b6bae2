// Periods of surveys: months, quarters, half-years, years. Pure.
const MONTHS = { month: 1, quarter: 3, half: 6, year: 12 };

const iso = (year, month, day) => new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);

/** The span of a kind that a day belongs to, or one so many spans later. */
export function around(kind, day, step = 0) {
  const months = MONTHS[kind];
  const [year, month] = [Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1];
  const first = month - (month % months) + step * months;
  return { from: iso(year, first, 1), to: iso(year, first + months, 0) };
}

/** Which kind it is, or "". */
export const kindOf = ({ from, to }) =>
  Object.keys(MONTHS).find((kind) => around(kind, from).from === from && around(kind, from).to === to) ?? "";

/** The days of a heading: "01.07.2026 – 31.12.2026". */
export const days = ({ from, to }) => `${dotted(from)} – ${dotted(to)}`;

export const dotted = (day) => day.split("-").reverse().join(".");
