// What «Now» shows: read once, then told by events. What only the database knows, the half-hours of today and the
// figures of talks, is read again from time to time.
import { useEffect } from "../../../vendor/preact-htm.js";
import { get, post, part } from "../../api.js";
import { now } from "../../clock.js";
import { dateOf } from "../../format.js";
import { attempt } from "../../tell.js";
import { onEvent } from "../events.js";
import { may, state, update, useStore } from "../store.js";

const HISTORY_EVERY_MS = 30_000;
const TOGETHER_MS = 80; // of fifty operators somebody moves all the time: they are drawn together
const TRY_AGAIN_MS = 3_000;

const moved = new Map(); // login → Agent, to be drawn
const reading = { now: false, timer: null, again: null };

/** What events tell meanwhile may be newer than the answer, and is put in after it. */
async function readNow() {
  reading.now = true;
  const told = await attempt(() => get("/now"));
  reading.now = false;
  clearTimeout(reading.again);
  if (!told && state.session && !state.expired) reading.again = setTimeout(readNow, TRY_AGAIN_MS);
  if (told) update({ now: { ...state.now, figures: told.figures }, floor: told.agents });
  if (told) momentCame(told.moment);
  drawMoved();
}

/** Of two the later one is true, whichever way it came. */
function momentCame(moment) {
  const known = state.now?.moment;
  if (known && Date.parse(known.at) > Date.parse(moment.at)) return;
  update({ now: { ...state.now, moment }, queues: moment.queues });
}

function agentMoved(agent) {
  moved.set(agent.login, agent);
  reading.timer ??= setTimeout(drawMoved, TOGETHER_MS);
}

function drawMoved() {
  reading.timer = null;
  if (reading.now || !state.floor || !moved.size) return;
  const rest = state.floor.filter(({ login }) => !moved.has(login));
  update({ floor: [...rest, ...[...moved.values()].filter((agent) => agent.state !== "offline")] });
  moved.clear();
}

const readAlarms = () => attempt(async () => update({ alarms: (await get("/alarms", { hours: 24 })).alarms }));

/** A lull in reading history is not told: the next attempt is near, and the figures of this moment are there. */
async function readHistory() {
  if (!may("reports")) return;
  const day = dateOf(now());
  const report = await get("/kpi/report", { from: day, to: day, by: "half-hour" }).catch(() => null);
  if (report) update({ now: { ...state.now, report } });
}

const readAll = () => Promise.all([readNow(), readHistory()]);

function alarmChanged(alarm) {
  if (!state.alarms) return;
  update({ alarms: [alarm, ...state.alarms.filter(({ id }) => id !== alarm.id)] });
}

const WATCHED = { now: momentCame, agent: agentMoved, resync: readAll, "link-back": readAll };
const ALARMS = { alarm: alarmChanged, resync: readAlarms, "link-back": readAlarms };

function hear(handlers) {
  const ends = Object.entries(handlers).map(([type, handler]) => onEvent(type, handler));
  return () => ends.forEach((end) => end());
}

/** Keep all of it as it is, while the part is shown. */
export function useNow() {
  useEffect(() => {
    const end = hear(WATCHED);
    readAll();
    const timer = setInterval(readHistory, HISTORY_EVERY_MS);
    return () => {
      clearInterval(timer);
      clearTimeout(reading.again);
      end();
    };
  }, []);
}

/** Alarms that nobody has seen yet: they are told in every part. */
export function useAlarms() {
  const { alarms } = useStore();
  useEffect(() => {
    if (!may("desk")) return undefined;
    readAlarms();
    return hear(ALARMS);
  }, []);
  return (alarms ?? []).filter(({ state: how }) => how === "raised").length;
}

/** The event `alarm` tells it to the others. */
export const see = ({ id }) => attempt(async () => alarmChanged(await post(`/alarms/${part(id)}/seen`)));

/** Today's KPIs: what the counters tell replaces what the report told before them. */
export function figuresOf({ moment, figures = [], report }) {
  const live = new Map(moment.kpis.map((kpi) => [kpi.id, kpi]));
  const known = report?.from === moment.day ? report.kpis : figures;
  return known.map((figure) => ({ ...figure, ...live.get(figure.id) }));
}

/** The half-hours of today of one KPI: [{label, value, text, verdict, calls}]. */
export function halfHours({ moment, report }, id) {
  if (report?.from !== moment.day) return [];
  const rows = report.breakdowns.find(({ by }) => by === "half-hour")?.rows ?? [];
  return rows.map(({ title, figures }) => ({ label: title, value: null, text: "", calls: 0, ...figures[id] }));
}
