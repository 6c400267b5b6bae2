// The door of the supervisor's page: draws it and listens to the keyboard.
import { html, render } from "../../vendor/preact-htm.js";
import { boot } from "../entry.js";
import { listenToKeys } from "../keys.js";
import { live, readAgain, readWords } from "./events.js";
import { Frame } from "./frame.js";
import { watchAddress } from "./places.js";
import { BLANK, state } from "./store.js";

document.documentElement.dataset.theme = localStorage.getItem("ivr.theme") ?? "auto";
listenToKeys();
watchAddress();
const root = document.querySelector("#app");
root.replaceChildren();
render(html`<${Frame} />`, root);
boot({
  entered: async () => {
    await readWords();
    live.start();
    readAgain();
  },
  leaving: () => live.stop(),
  expired: () => live.stop(),
  keeps: () => state.read,
  blank: BLANK,
});
