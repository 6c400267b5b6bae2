// Figures, times and numbers as people write them down in Russian.
import { now } from "./clock.js";
import { T } from "./texts.js";

const HOUR = new Intl.DateTimeFormat("ru-RU", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("ru-RU", { day: "numeric", month: "long" });
const DAY_YEAR = new Intl.DateTimeFormat("ru-RU", { day: "numeric", month: "long", year: "numeric" });
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

/** "14:05". */
export const clockTime = (iso) => (given(iso) ? HOUR.format(new Date(iso)) : "");

/** "21 ноября"; with the year when it is not the present one. */
export function day(iso) {
  if (!given(iso)) return "";
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(iso) ? `${iso}T00:00` : iso);
  return (date.getFullYear() === new Date(now()).getFullYear() ? DAY : DAY_YEAR).format(date);
}

/** "сегодня 14:05", "вчера 14:05", "18 ноября 14:05". */
export function moment(iso) {
  if (!given(iso)) return "";
  const date = new Date(iso);
  const apart = Math.round((midnight(now()) - midnight(date.getTime())) / 86_400_000);
  return `${T.days[apart] ?? day(iso)} ${clockTime(iso)}`;
}

function midnight(ms) {
  const date = new Date(ms);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
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

/** The value of <input type="datetime-local"> for an instant. */
export function localInput(ms) {
  const date = new Date(ms);
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** An instant (ISO 8601, UTC) of the value of such a field; null when it is empty. */
export const instant = (local) => (local ? new Date(local).toISOString() : null);

/** What there is of the parts, joined. */
export const joined = (parts, by = " · ") => parts.filter(Boolean).join(by);

/** plural(2, "звонок", "звонка", "звонков") → "2 звонка". */
export function plural(count, one, few, many) {
  const [tens, units] = [count % 100, count % 10];
  if (units === 1 && tens !== 11) return `${count} ${one}`;
  return `${count} ${units >= 2 && units <= 4 && (tens < 12 || tens > 14) ? few : many}`;
}
