// The parts of the supervisor's page, in the order of their tabs. A part is one component; `right` is what it takes
// to see it, `key` opens it.
import { Now } from "./now.js";
import { S } from "./texts.js";

export const PARTS = [
  { id: "now", title: S.parts.now, right: "desk", view: Now, key: "pane1" },
];
