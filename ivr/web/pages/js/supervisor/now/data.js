// What «Now» shows: read once, then told by events. What only the database knows, the half-hours of today and the
// figures of talks, is read again from time to time.
import { useEffect } from "../../../vendor/preact-htm.js";
import { get, post, part } from "../../api.js";
import { now } from "../../clock.js";
import { dateOf } from "../../format.js";
import { agentChanged } from "../../floor.js";
import { attempt } from "../../tell.js";
import { onEvent } from "../events.js";
import { may, state, update } from "../store.js";

const HISTORY_EVERY_MS = 30_000;

const readNow = () =>
  attempt(async () => {
    const { moment, figures, agents } = await get("/now");
    update({ now: { ...state.now, moment, figures }, queues: moment.queues, floor: agents });
  });

const readAlarms = () => attempt(async () => update({ alarms: (await get("/alarms", { hours: 24 })).alarms }));

/** A lull in reading history is not told: the next attempt is near, and the figures of this moment are there. */
async function readHistory() {
  if (!may("reports")) return;
  const day = dateOf(now());
  const report = await get("/kpi/report", { from: day, to: day, by: "half-hour" }).catch(() => null);
  if (report) update({ now: { ...state.now, report } });
}

const readAll = () => Promise.all([readNow(), readAlarms(), readHistory()]);

function alarmChanged(alarm) {
  if (!state.alarms) return;
  update({ alarms: [alarm, ...state.alarms.filter(({ id }) => id !== alarm.id)] });
}

const moved = (moment) => state.now && update({ now: { ...state.now, moment }, queues: moment.queues });

const HEARD = { now: moved, agent: agentChanged, alarm: alarmChanged, resync: readAll, "link-back": readAll };

/** Keep all of it as it is, while the part is shown. */
export function useNow() {
  useEffect(() => {
    const ends = Object.entries(HEARD).map(([type, handler]) => onEvent(type, handler));
    readAll();
    const timer = setInterval(readHistory, HISTORY_EVERY_MS);
    return () => {
      clearInterval(timer);
      for (const end of ends) end();
    };
  }, []);
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
