// Small parts that all views share.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact-htm.js";
import { secondsSince } from "./clock.js";
import { duration } from "./format.js";
import { KEYS, onKey } from "./keys.js";
import { T } from "./texts.js";

export const Kbd = ({ k }) => (k ? html`<kbd aria-hidden="true">${KEYS[k]?.shown ?? k}</kbd>` : null);

/** Take the key of an action while the component is shown and `on` is true. */
export function useKey(action, handler, on = true) {
  const latest = useRef(handler);
  latest.current = handler;
  useLayoutEffect(() => (on ? onKey(action, (event) => latest.current(event)) : undefined), [action, on]);
}

/**
 * A button with its key shown; the key works while the button can be pressed. While what it began goes on, it waits,
 * and keeps the focus.
 */
export function Button({
  label,
  k,
  kind = "",
  onClick,
  disabled = false,
  takeKey = true,
  type = "button",
  icon,
  ...rest
}) {
  const [busy, setBusy] = useState(false);
  const going = useRef(false);
  const press = async (event) => {
    if (going.current) return;
    const done = onClick?.(event);
    if (!(done instanceof Promise)) return;
    going.current = true;
    setBusy(true);
    try {
      await done;
    } finally {
      going.current = false;
      setBusy(false);
    }
  };
  useKey(k ?? "", press, Boolean(k && takeKey && !disabled && onClick));
  return html`<button
    type=${type}
    class=${`button ${kind}`}
    disabled=${disabled}
    aria-busy=${busy}
    aria-disabled=${busy || undefined}
    onClick=${onClick && press}
    aria-keyshortcuts=${k ? KEYS[k].shown : undefined}
    ...${rest}
  >
    ${icon && html`<span aria-hidden="true">${icon}</span>`}<span>${label}</span><${Kbd} k=${k} />
  </button>`;
}

/** Seconds since an instant, drawn by itself once a second. */
export function useSeconds(since) {
  const [, draw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => draw((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return since === null || since === undefined ? 0 : secondsSince(since);
}

export const Timer = ({ since, className = "" }) =>
  html`<span class=${className} role="timer">${duration(useSeconds(since))}</span>`;

/** A quiet bar: how much of the norm has gone. */
export function Norm({ label, since, seconds }) {
  const gone = useSeconds(since);
  const over = gone > seconds;
  const more = over ? `, ${T.norm.over} +${duration(gone - seconds)}` : "";
  const told = `${label}: ${duration(gone)} ${T.norm.of} ${duration(seconds)}${more}`;
  return html`<div class="norm">
    <meter
      min="0"
      max=${seconds * 1.5}
      low=${seconds}
      high=${seconds * 1.5}
      optimum="0"
      value=${Math.min(gone, seconds * 1.5)}
      aria-label=${label}
    ></meter>
    <span class=${over ? "over" : ""}>${told}</span>
  </div>`;
}

/** A modal window, from the moment it is drawn; the browser keeps the focus in it and Esc closes it, unless it is locked. */
export function Dialog({ title, onClose, wide = false, locked = false, children }) {
  const ref = useRef(null);
  useLayoutEffect(() => {
    ref.current.showModal();
    const first =
      ref.current.querySelector("[data-first]") ?? ref.current.querySelector("input, textarea, select");
    first?.focus();
  }, []);
  return html`<dialog
    ref=${ref}
    class=${wide ? "wide" : ""}
    aria-label=${title}
    onCancel=${(event) => {
      event.preventDefault();
      if (!locked) onClose();
    }}
    onClose=${() => {
      if (locked) ref.current?.showModal();
    }}
  >
    <div class="inside">
      <div class="head">
        <h2>${title}</h2>
        ${!locked && html`<${Button} label=${T.common.close} kind="low" onClick=${onClose} icon="✕" />`}
      </div>
      ${children}
    </div>
  </dialog>`;
}

/** A form that is sent by `go`: by Enter in a field, or by a button of its own. */
export const FormBody = ({ go, formRef, className = "stack loose", children }) =>
  html`<form
    ref=${formRef}
    class=${className}
    novalidate
    onSubmit=${(event) => {
      event.preventDefault();
      go(event);
    }}
  >
    ${children}
  </form>`;

/** What is wrong with the whole of a form; `steady`: its place is kept while nothing is. */
export const Fault = ({ text, steady = false, className = "" }) =>
  text || steady
    ? html`<p class=${`bad strong ${className}`} role="alert">${text && `▲ ${text}`}</p>`
    : null;

/** A label, its control, and what is wrong with it, in words. */
export function Field({ label, name, error, hint, children, whole = false }) {
  return html`<div class=${`field ${whole ? "whole" : ""}`}>
    <label class="label" for=${name}>${label}</label>
    ${children} ${hint && !error && html`<span class="hint" id=${`${name}-hint`}>${hint}</span>`}
    ${error && html`<span class="wrong" id=${`${name}-wrong`} role="alert">${error}</span>`}
  </div>`;
}

/** Attributes of a control within a Field. */
export const control = (name, error) => ({
  id: name,
  name,
  class: "input",
  "aria-invalid": error ? "true" : undefined,
  "aria-describedby": error ? `${name}-wrong` : undefined,
});

/** The options of a select, with none chosen at first: [{id, title}]. */
export const Options = ({ options, value, none = `${T.common.choose}…` }) => [
  html`<option value="">${none}</option>`,
  ...options.map(
    ({ id, title }) => html`<option key=${id} value=${id} selected=${id === value}>${title}</option>`,
  ),
];

/** A text for which a list is proposed: what is chosen is the `id`, shown beside its title. */
export const Suggested = ({ name, label, options, value, error, onChange }) =>
  html`<${Field} name=${name} label=${label} error=${error}
    ><input
      ...${control(name, error)}
      type="text"
      list=${`${name}-list`}
      value=${value ?? ""}
      maxlength="64"
      autocomplete="off"
      onInput=${({ target }) => onChange(target.value.trim())}
    /><datalist id=${`${name}-list`}>
      ${options.map(({ id, title }) => html`<option key=${id} value=${id}>${title}</option>`)}
    </datalist></${Field}
  >`;

/** One of a few, by mouse, Tab and arrows. `options`: [{id, title}]. */
export function Choice({ label, name, options, value, onChange, error, whole = true }) {
  const move = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = options.findIndex(({ id }) => id === value);
    const next = (at + step + options.length) % options.length;
    onChange(options[next].id);
    event.currentTarget.children[next].focus();
  };
  const entry = options.some(({ id }) => id === value) ? value : options[0]?.id;
  return html`<div class=${`field ${whole ? "whole" : ""}`}>
    <span class="label" id=${`${name}-label`}>${label}</span>
    <div class="choices" id=${name} role="radiogroup" aria-labelledby=${`${name}-label`} onKeyDown=${move}>
      ${options.map(
        ({ id, title }) =>
          html`<button
            type="button"
            key=${id}
            role="radio"
            class="choice"
            aria-checked=${id === value}
            tabindex=${id === entry ? 0 : -1}
            onClick=${() => onChange(id)}
          >
            ${id === value ? "● " : "○ "}${title}
          </button>`,
      )}
    </div>
    ${error && html`<span class="wrong" role="alert">${error}</span>`}
  </div>`;
}

/** Tabs by keys Alt+1…: [{id, title, k, count, late}]. */
export function Tabs({ label, tabs, value, onChange }) {
  return html`<div class="tabs" role="tablist" aria-label=${label}>
    <span class="before" aria-hidden="true">Alt +</span>
    ${tabs.map((tab) => html`<${Tab} key=${tab.id} tab=${tab} chosen=${tab.id === value} onChange=${onChange} />`)}
  </div>`;
}

function Tab({ tab: { id, title, k, count, late }, chosen, onChange }) {
  useKey(k ?? "", () => onChange(id), Boolean(k));
  return html`<button
    type="button"
    class="tab"
    role="tab"
    aria-selected=${chosen}
    onClick=${() => onChange(id)}
    aria-keyshortcuts=${k && KEYS[k].shown}
  >
    ${title}${count ? html`<span class=${`count ${late ? "late" : ""}`}>${count}</span>` : null}
    <kbd aria-hidden="true">${k && KEYS[k].shown.replace("Alt+", "")}</kbd>
  </button>`;
}

/** Arrows go from row to row; Enter does what the row's first button does. */
export function rowKeys(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = event.target.closest("[data-row]");
  if (!step || !row || event.target.matches("input, textarea, select")) return;
  const rows = [...event.currentTarget.querySelectorAll("[data-row]")];
  const next = rows[rows.indexOf(row) + step];
  if (!next) return;
  event.preventDefault();
  (next.querySelector("button, a, input") ?? next).focus();
}

export const Mark = ({ kind = "", icon, children }) =>
  html`<span class=${`mark ${kind}`}
    >${icon && html`<span aria-hidden="true">${icon}</span>`}${children}</span
  >`;
