// The page: one view at a time, with the call bar above it and the queues below.
import { html, useEffect } from "../../vendor/preact-htm.js";
import { callId, screen, update, useStore } from "../store.js";
import { F } from "../supervisor/texts-floor.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { waiting } from "../outbox.js";
import { signOut } from "../entry.js";
import { leads } from "../leads.js";
import { Button, Timer, useKey } from "../widgets.js";
import { Band, Bar } from "./bar.js";
import { Dialogs } from "./dialogs.js";
import { Home } from "./home.js";
import { Ring } from "./ring.js";
import { Guard, Theme, Toasts, Unreached } from "./shell.js";
import { NewPassword, SignIn, SignInAgain } from "./signin.js";
import { Start } from "./start.js";
import { Talk } from "./talk.js";

const WHOLE = { "sign-in": SignIn, password: NewPassword, start: Start };
const AT_WORK = { ring: Ring, talk: Talk, wrap: Talk, home: Home };

export function App() {
  const s = useStore();
  const shown = screen(s);
  useEffect(() => {
    document.title = s.ring ? `☎ ${T.states.ringing}` : T.title;
  }, [s.ring]);
  if (s.boot === "loading") return html`<p class="boot" role="status">…</p>`;
  if (s.boot === "failed") return html`<${Unreached} />`;
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
    <${Ears} listeners=${s.listeners} hears=${s.hears} />
    ${held > 0 && html`<span class="warn strong">⏳ ${T.link.queued}: ${held}</span>`}
    <div class="grow" aria-label=${O.queues.all}><${Queues} queues=${s.queues} /></div>
    ${
      s.phone.kind === "browser" &&
      html`<${Button} label=${O.devices.open} kind="low" onClick=${() => update({ dialog: { kind: "devices" } })} />`
    }
    ${leads() && html`<a class="button low" href="supervisor.html" target="_blank" rel="noopener">${T.lead}</a>`}
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

/** Somebody listens to this talk, or one listens oneself: that is never hidden. */
function Ears({ listeners, hears }) {
  const told = [
    ...listeners.map((one) => `${one.listener_name} ${F.listen.toYouModes[one.mode]}`),
    hears && `${F.listen.title}: ${hears.agent_name}`,
  ].filter(Boolean);
  return told.length ? html`<strong class="warn" role="status" data-ears>◉ ${told.join("; ")}</strong>` : null;
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
