// Figures, times and numbers as people write them down in Russian.
import { now } from "./clock.js";
import { T } from "./texts.js";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const DAY = new Intl.DateTimeFormat("ru-RU", { day: "numeric", month: "long", timeZone: "UTC" });
const DAY_YEAR = new Intl.DateTimeFormat("ru-RU", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const MONEY = new Intl.NumberFormat("ru-RU", { style: "currency", currency: "RUB" });
const NUMBER = new Intl.NumberFormat("ru-RU", { maximumFractionDigits: 2 });

const given = (value) => value !== null && value !== undefined && value !== "";

/** 65 → "1:05"; 3725 → "1:02:05". */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${String(s).padStart(2, "0")}`;
  return h ? `${h}:${String(m).padStart(2, "0")}:${tail}` : `${m}:${tail}`;
}

const FIGURES = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
let wall = null;

/** Times are shown and taken in the company's time zone, an IANA name; the workplace may be set to another. */
export function setZone(timeZone) {
  wall = new Intl.DateTimeFormat("en-GB", { ...FIGURES, hourCycle: "h23", timeZone });
}
setZone(undefined); // the browser's own, until the company's is known

/** The value of <input type="datetime-local"> for an instant: "2026-11-21T14:05". */
export function localInput(ms) {
  const { year, month, day: date, hour, minute } = Object.fromEntries(
    wall.formatToParts(ms).map(({ type, value }) => [type, value]),
  );
  return `${year.padStart(4, "0")}-${month}-${date}T${hour}:${minute}`;
}

/** How far the company's clock is ahead of UTC at an instant, in milliseconds. */
const ahead = (ms) => Date.parse(`${localInput(ms)}Z`) - Math.floor(ms / MINUTE_MS) * MINUTE_MS;

/** An instant (ISO 8601, UTC) of the value of such a field; null when it is empty. */
export function instant(local) {
  if (!local) return null;
  const shown = Date.parse(`${local}Z`);
  return new Date(shown - ahead(shown - ahead(shown))).toISOString();
}

/** The date of an instant, as <input type="date"> has it: "2026-11-21". */
export const dateOf = (ms) => localInput(ms).slice(0, 10);

export const today = () => dateOf(now());

export const tomorrow = () => new Date(Date.parse(today()) + DAY_MS).toISOString().slice(0, 10);

/** "14:05". */
export const clockTime = (iso) => (given(iso) ? localInput(Date.parse(iso)).slice(11) : "");

/** "14:05 – 22:05". */
export const span = (since, until) => `${clockTime(since)} – ${clockTime(until)}`;

const dateIn = (iso) => (/^\d{4}-\d\d-\d\d$/.test(iso) ? iso : dateOf(Date.parse(iso)));

/** "21 ноября"; with the year when it is not the present one. */
export function day(iso) {
  if (!given(iso)) return "";
  const date = dateIn(iso);
  return (date.slice(0, 4) === today().slice(0, 4) ? DAY : DAY_YEAR).format(Date.parse(date));
}

/** "сегодня 14:05", "вчера 14:05", "18 ноября 14:05". */
export function moment(iso) {
  if (!given(iso)) return "";
  const apart = (Date.parse(today()) - Date.parse(dateIn(iso))) / DAY_MS;
  return `${T.days[apart] ?? day(iso)} ${clockTime(iso)}`;
}

/** "1 234,50 ₽". */
export const money = (amount) => (given(amount) ? MONEY.format(Number(amount)) : "");

/** "12 345". */
export const figure = (value) => (given(value) ? NUMBER.format(Number(value)) : "");

/** "+7 912 345-67-89"; whatever else comes is left as it is. */
export function telephone(number) {
  const parts = /^\+?[78](\d{3})(\d{3})(\d{2})(\d{2})$/.exec(number ?? "");
  return parts ? `+7 ${parts[1]} ${parts[2]}-${parts[3]}-${parts[4]}` : (number ?? "");
}

/** {id: title} as choices. */
export const listed = (titles) => Object.entries(titles).map(([id, title]) => ({ id, title }));

/** What there is of the parts, joined. */
export const joined = (parts, by = " · ") => parts.filter(Boolean).join(by);

/** plural(2, "звонок", "звонка", "звонков") → "2 звонка". */
export function plural(count, one, few, many) {
  const [tens, units] = [count % 100, count % 10];
  if (units === 1 && tens !== 11) return `${count} ${one}`;
  return `${count} ${units >= 2 && units <= 4 && (tens < 12 || tens > 14) ? few : many}`;
}
