// Figures as they stand at an axis. Pure.
import { duration } from "../../format.js";
import { F } from "../texts-figures.js";

const NUMBER = new Intl.NumberFormat("ru-RU", { maximumFractionDigits: 2 });

/** A value with as much of its unit as an axis has room for. */
export function atAxis(value, unit) {
  if (unit === "share") return `${NUMBER.format(value * 100)} ${F.percent}`;
  if (unit === "seconds") return value > 0 && value < 1 ? NUMBER.format(value) : duration(value);
  return NUMBER.format(value);
}

/** Steps that read well: minutes in parts of sixty, counts whole. */
export const steps = (unit) => STEPS[unit] ?? STEPS.any;

const ANY = [0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5];
const STEPS = {
  any: ANY,
  count: ANY.filter(Number.isInteger),
  share: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1],
  seconds: [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400],
};
