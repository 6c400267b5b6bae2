// The door: draws the page, listens to the keyboard, and sees the caller safe when the page vanishes.
import { html, render } from "../vendor/preact-htm.js";
import { listenToKeys } from "./keys.js";
import { boot } from "./session.js";
import { state } from "./store.js";
import { leaving } from "./talk.js";
import { App } from "./views/app.js";

document.documentElement.dataset.theme = localStorage.getItem("ivr.theme") ?? "auto";
listenToKeys();
addEventListener("pagehide", leaving);
addEventListener("beforeunload", (event) => {
  if (state.talk && state.phone.kind === "browser") event.preventDefault();
});
const root = document.querySelector("#app");
root.replaceChildren();
render(html`<${App} />`, root);
boot();
