// What the operator's page does as somebody comes in and goes out.
import { dropDrafts } from "./drafts.js";
import { boot as enter } from "./entry.js";
import { live } from "./events.js";
import { flush, setOwner } from "./outbox.js";
import { beginPhone, endPhone } from "./shift.js";
import { state } from "./store.js";
import { readWorkspace } from "./workspace.js";

const BLANK = {
  me: null,
  words: {},
  ring: null,
  talk: null,
  consult: null,
  wrap: null,
  rehearsal: null,
  cards: {},
  bulletins: [],
  tasks: [],
  callbacks: [],
  lost: [],
  floor: null,
  shift: null,
  queues: [],
  dialog: null,
  article: null,
  search: "",
  phone: { kind: null, state: "off", why: null },
};

export const boot = () =>
  enter({
    owner: setOwner,
    entered: begin,
    leaving: end,
    expired: () => live.stop(),
    keeps: () => Boolean(state.words.topics),
    blank: BLANK,
  });

async function begin() {
  await readWorkspace();
  live.start();
  flush();
  await beginPhone();
}

function end() {
  live.stop();
  endPhone();
  dropDrafts();
}
