// What may be done for the whole company now, in a row above the figures: components without arguments that draw
// their buttons. `right` is what it takes. An outage, an announcement, closing a line join the list here.
import { Announce } from "./announce.js";
import { ListeningBar } from "./listen.js";
import { EnterOutage } from "./outages.js";

export const TOOLS = [
  { id: "announce", right: "announce", view: Announce },
  { id: "outage", right: "announce", view: EnterOutage },
  { id: "listening", right: "listen", view: ListeningBar },
];
