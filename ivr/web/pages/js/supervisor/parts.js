// The parts of the supervisor's page, in the order of their tabs. A part is one component; `right` is what it takes
// to see it, `key` opens it, `keys` are
// those of its own.
import { Campaigns } from "./campaigns.js";
import { Figures } from "./figures.js";
import { Now } from "./now.js";
import { Quality } from "./quality.js";
import { Satisfaction } from "./satisfaction.js";
import { Talks } from "./talks.js";
import { S } from "./texts.js";
import { Unheard } from "./unheard.js";

export const PARTS = [
  { id: "now", title: S.parts.now, right: "desk", view: Now, key: "pane1" },
  { id: "figures", title: S.parts.figures, right: "reports", view: Figures, key: "pane2", keys: ["earlier", "later"] },
  { id: "talks", title: S.parts.talks, right: "recordings", view: Talks, key: "pane3", keys: ["pause"] },
  { id: "unheard", title: S.parts.unheard, right: "quality", view: Unheard, key: "pane4", keys: ["pause", "save"] },
  { id: "quality", title: S.parts.quality, right: "quality", view: Quality, key: "pane5", keys: ["pause", "save"] },
  { id: "satisfaction", title: S.parts.satisfaction, right: "reports", view: Satisfaction, key: "pane6", keys: ["earlier", "later"] },
  { id: "campaigns", title: S.parts.campaigns, right: "campaigns", view: Campaigns, key: "pane7" },
];
