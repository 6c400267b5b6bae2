// The supervisor's page: what it holds beside what both pages have. What only one part shows, that part keeps itself.
import { state } from "../state.js";

export { dismiss, may, state, toast, update, useStore } from "../state.js";

export const BLANK = {
  read: false, // whether words have been read: the page stays under a sign-in then
  words: {}, // {time_zone, company, standard, standard_title, pause_reasons: [{id, title}], lines, queues}
  queues: [],
  floor: null,
  now: null, // what «Сейчас» shows of calls and figures
  alarms: null, // those that are not over, and the latest that are
  dialog: null, // "help"
};

Object.assign(state, { ...BLANK, part: null, visit: 0 });
