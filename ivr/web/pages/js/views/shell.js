// What surrounds the views of every page.
import { Component, html } from "../../vendor/preact-htm.js";
import { dismiss, update, useStore } from "../state.js";
import { T } from "../texts.js";
import { Button, useSeconds } from "../widgets.js";

const THEMES = ["auto", "light", "dark"];

/** A fault of one view leaves what is around it alone. */
export class Guard extends Component {
  componentDidCatch(error) {
    console.error(error);
    this.setState({ broken: true });
  }

  render({ children, fault = T.faults.view }, { broken }) {
    if (!broken) return children;
    return html`<main class="middle">
      <div class="sheet">
        <p class="bad strong" role="alert">${fault}</p>
        <${Button} label=${T.faults.again} onClick=${() => this.setState({ broken: false })} />
      </div>
    </main>`;
  }
}

/** The server has not answered yet. */
export const Unreached = () =>
  html`<main class="middle">
    <div class="sheet"><p class="warn strong" role="alert">${T.signIn.failed}</p></div>
  </main>`;

/** When the link is tried again. */
export function Retry({ at }) {
  useSeconds(null);
  const left = Math.ceil((at - Date.now()) / 1000);
  return html`<span class="nowrap"
    >${left > 0 ? `${T.link.retry} ${left} ${T.link.seconds}` : T.link.now}</span
  >`;
}

export function Theme() {
  const root = document.documentElement;
  const turn = () => {
    const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "auto") + 1) % THEMES.length];
    root.dataset.theme = next;
    localStorage.setItem("ivr.theme", next);
    update({});
  };
  return html`<${Button}
    label=${`${T.common.theme}: ${T.common.themes[root.dataset.theme ?? "auto"]}`}
    kind="low"
    onClick=${turn}
  />`;
}

export function Toasts() {
  const { toasts } = useStore();
  return html`<div class="toasts" role="status" aria-live="polite">
    ${toasts.map(
      ({ id, text, kind }) =>
        html`<div class=${`toast ${kind}`} key=${id}>
          <span class="words">${text}</span>
          <${Button} label="✕" kind="low" aria-label=${T.common.close} onClick=${() => dismiss(id)} />
        </div>`,
    )}
  </div>`;
}
