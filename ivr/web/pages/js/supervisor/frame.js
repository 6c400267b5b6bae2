// What is around every part: its tab, the link's state, the user.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { toAddress } from "../address.js";
import { now } from "../clock.js";
import { signOut } from "../entry.js";
import { clockTime } from "../format.js";
import { keyRows } from "../keys.js";
import { leads } from "../leads.js";
import { T } from "../texts.js";
import { Guard, Retry, Theme, Toasts, Unreached } from "../views/shell.js";
import { NewPassword, SignIn, SignInAgain } from "../views/signin.js";
import { Button, Dialog, Kbd, Tabs, useKey } from "../widgets.js";
import { useAlarms } from "./now/data.js";
import { PARTS } from "./parts.js";
import { goTo, keepPlace } from "./places.js";
import { may, update, useStore } from "./store.js";
import { S } from "./texts.js";

const allowed = () => PARTS.filter(({ right }) => may(right));

function screen({ boot, session, expired, read }) {
  if (boot !== "ready") return boot;
  if (!session || (expired && !read)) return "sign-in";
  if (session.must_change) return "password";
  return allowed().length ? "parts" : "nothing";
}

const VIEWS = {
  loading: () => html`<p class="boot" role="status">…</p>`,
  failed: Unreached,
  "sign-in": () => html`<${SignIn} title=${S.title} />`,
  password: NewPassword,
  parts: Parts,
  nothing: Nothing,
};

export function Frame() {
  const s = useStore();
  const View = VIEWS[screen(s)];
  return html`<${View} /><${Toasts} />${
    s.expired && s.session && html`<${SignInAgain} why=${S.expired} other=${S.other} />`
  }${s.dialog === "help" && html`<${Help} />`}`;
}

function Nothing() {
  return html`<main class="middle" data-view="nothing">
    <div class="sheet">
      <h1>${S.title}</h1>
      <p>${S.nothing}</p>
      <p class="muted">${leads() ? "" : S.nothingHow}</p>
      <div class="row">
        <a class="button main" href="./">${S.workspace}</a><${Button} label=${T.signIn.out} onClick=${signOut} />
      </div>
    </div>
  </main>`;
}

const help = () => update({ dialog: "help" });

function Parts() {
  const s = useStore();
  const parts = allowed();
  const { id, title, view: View } = parts.find((one) => one.id === s.part) ?? parts[0];
  const alarms = useAlarms();
  useKey("help", help);
  useEffect(() => {
    toAddress({ part: id });
  }, [id]);
  useEffect(() => {
    document.title = `${alarms ? `▲ ${alarms} ` : ""}${title} – ${S.title}`;
  }, [id, alarms]);
  const choose = (part) => {
    if (part === id) return;
    keepPlace();
    goTo(part);
  };
  const counts = { now: alarms && `▲ ${alarms}` };
  const tabs = parts.map((part) => ({ ...part, k: part.key, count: counts[part.id], late: true }));
  return html`<div class="lead-page" data-view="parts">
    <header class="lead-head">
      <${Tabs} label=${S.all} tabs=${tabs} value=${id} onChange=${choose} />
      <span class="company cut">${s.words.company}</span>
    </header>
    <main class="lead-part" aria-label=${title}>
      <${Guard} key=${`${id}.${s.visit}`} fault=${S.fault}><${View} /></${Guard}>
    </main>
    <${Strip} />
  </div>`;
}

function Strip() {
  const { link, session } = useStore();
  return html`<footer class=${`strip ${link.up ? "" : "cut-off"}`}>
    ${link.up ? html`<span class="good">● ${T.link.up}</span>` : html`<${Down} link=${link} />`}
    <span class="grow"></span>
    <span class="cut">${session.user.name}</span>
    ${may("work") && html`<a class="button low" href="./" target="_blank" rel="noopener">${S.workspace}</a>`}
    <${Theme} /><${Button} label=${T.help.title} k="help" kind="low" takeKey=${false} onClick=${help} /><${Button}
      label=${T.signIn.out}
      kind="low"
      onClick=${signOut}
    />
  </footer>`;
}

/** The link is away: of what time what is shown is, and when it is tried again. */
function Down({ link }) {
  const [since] = useState(now);
  if (link.pages) return html`<strong role="alert" data-alert="link">▲ ${T.link.pages}</strong>`;
  return html`<strong role="alert" data-alert="link"
      >${`▲ ${S.down}. ${S.stale} ${clockTime(new Date(since).toISOString())}.`}</strong
    ><${Retry} at=${link.retryAt} />`;
}

function Help() {
  const has = new Set(allowed().flatMap(({ key, keys = [] }) => [key, ...keys]));
  const told = Object.fromEntries(Object.entries(S.keys).filter(([key]) => key === "help" || has.has(key)));
  return html`<${Dialog} title=${T.help.title} onClose=${() => update({ dialog: null })}
    ><div class="keymap">
      ${keyRows(told).map(([what, shown]) => html`<div key=${what}><span>${what}</span><${Kbd} k=${shown} /></div>`)}
    </div>
    <p class="muted">${T.help.note}</p></${Dialog}
  >`;
}
