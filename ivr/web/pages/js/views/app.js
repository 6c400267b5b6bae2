// The page: one view at a time, with the call bar above it and the queues below.
import { Component, html, useEffect } from "../../vendor/preact-htm.js";
import { callId, dismiss, screen, update, useStore } from "../store.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { waiting } from "../outbox.js";
import { signOut } from "../session.js";
import { Button, Timer, useKey } from "../widgets.js";
import { Band, Bar } from "./bar.js";
import { Dialogs } from "./dialogs.js";
import { Home } from "./home.js";
import { Ring } from "./ring.js";
import { NewPassword, SignIn, SignInAgain } from "./signin.js";
import { Start } from "./start.js";
import { Talk } from "./talk.js";

const WHOLE = { "sign-in": SignIn, password: NewPassword, start: Start };
const AT_WORK = { ring: Ring, talk: Talk, wrap: Talk, home: Home };
const THEMES = ["auto", "light", "dark"];

/** A fault of one view leaves the call bar alone. */
class Guard extends Component {
  componentDidCatch(error) {
    console.error(error);
    this.setState({ broken: true });
  }

  render({ children }, { broken }) {
    if (!broken) return children;
    return html`<main class="middle">
      <div class="sheet">
        <p class="bad strong" role="alert">${T.faults.view}</p>
        <${Button} label=${T.faults.again} onClick=${() => this.setState({ broken: false })} />
      </div>
    </main>`;
  }
}

export function App() {
  const s = useStore();
  const shown = screen(s);
  useEffect(() => {
    document.title = s.ring ? `☎ ${T.states.ringing}` : T.title;
  }, [s.ring]);
  if (s.boot === "loading") return html`<p class="boot" role="status">…</p>`;
  if (s.boot === "failed")
    return html`<main class="middle">
      <div class="sheet"><p class="warn strong" role="alert">${T.signIn.failed}</p></div>
    </main>`;
  const Whole = WHOLE[shown];
  return html`${Whole ? html`<${Whole} />` : html`<${Desk} view=${AT_WORK[shown]} shown=${shown} />`}
    <${Toasts} />${s.expired && s.session && html`<${SignInAgain} />`}`;
}

function Desk({ view: View, shown }) {
  const s = useStore();
  useKey("help", () => update({ dialog: { kind: "help" } }));
  useKey("identify", () => update({ dialog: { kind: "identify" } }), Boolean(s.talk || s.wrap));
  useKey("search", () => update(callId(s) ? { pane: "kb" } : { list: "kb" }), shown !== "ring");
  useEffect(() => {
    if (shown === "wrap") update({ pane: "wrap" });
  }, [shown]);
  return html`<div class="desk">
      <${Bar} /><${Band} /><${Guard} key=${`${shown}.${callId(s)}`}><${View} /></${Guard}><${Strip} />
    </div>
    <${Dialogs} />`;
}

function Strip() {
  const s = useStore();
  const held = waiting();
  return html`<footer class=${`strip ${s.link.up ? "" : "cut-off"}`}>
    ${s.link.up ? html`<span class="good">● ${T.link.up}</span>` : html`<strong>▲ ${T.link.down}</strong>`}
    <span>${`☎ ${phoneText(s.phone)}`}</span>
    ${held > 0 && html`<span class="warn strong">⏳ ${T.link.queued}: ${held}</span>`}
    <div class="grow" aria-label=${O.queues.all}><${Queues} queues=${s.queues} /></div>
    ${
      s.phone.kind === "browser" &&
      html`<${Button} label=${O.devices.open} kind="low" onClick=${() => update({ dialog: { kind: "devices" } })} />`
    }
    <${Theme} /><${Button}
      label=${T.help.title}
      k="help"
      kind="low"
      takeKey=${false}
      onClick=${() => update({ dialog: { kind: "help" } })}
    />
    ${!s.talk && !s.ring && html`<${Button} label=${T.signIn.out} kind="low" onClick=${signOut} />`}
  </footer>`;
}

const phoneText = ({ kind, state, extension }) =>
  kind === "desk" ? `${T.phone.desk} ${extension ?? ""}` : T.phone[state];

const openQueues = () => update({ dialog: { kind: "queues" } });
const pressed = (a, b) => b.waiting - a.waiting || Date.parse(a.longest_since) - Date.parse(b.longest_since);

/** The queue in which most wait; all of them are one press away. */
function Queues({ queues }) {
  if (!queues.length) return html`<span class="muted">${T.queues.none}</span>`;
  const [first, ...rest] = [...queues].sort(pressed);
  return html`<${Queue} queue=${first} />
    ${rest.length > 0 && html`<${Button} label=${`${O.queues.more} ${rest.length}`} kind="low" onClick=${openQueues} />`}`;
}

const Queue = ({ queue: { queue, title, waiting: callers, longest_since: longest, ready } }) =>
  html`<span class="queue"
    ><span class="cut" title=${title ?? queue}>${`${title ?? queue}:`}</span
    ><strong class=${callers ? "warn" : ""}>${`${T.queues.waiting} ${callers}`}</strong>
    ${longest && html`<${Timer} since=${longest} />`}<span>${`${T.queues.ready} ${ready}`}</span></span
  >`;

function Theme() {
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

function Toasts() {
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
