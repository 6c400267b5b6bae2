// Forms: fields by description, typed text kept as a draft, what waits for the server shown so, errors beside fields.
import { html, useEffect, useRef, useState } from "../vendor/preact-htm.js";
import { useDraft } from "./drafts.js";
import { forget, send, useSending } from "./outbox.js";
import { T } from "./texts.js";
import { Button, Choice, Fault, Field, FormBody, Options, Suggested, control } from "./widgets.js";

const text =
  (type) =>
  ({ name, value, error, set, field }) =>
    html`<input
      type=${type}
      ...${control(name, error)}
      value=${value ?? ""}
      inputmode=${field.inputmode}
      maxlength=${field.max ?? 200}
      autocomplete="off"
      onInput=${({ target }) => set(target.value)}
    />`;

const CONTROLS = {
  text: text("text"),
  tel: text("tel"),
  date: text("date"),
  time: text("time"),
  moment: text("datetime-local"),
  area: ({ name, value, error, set }) =>
    html`<textarea
      ...${control(name, error)}
      maxlength="4000"
      rows="4"
      value=${value ?? ""}
      onInput=${({ target }) => set(target.value)}
    />`,
  select: ({ name, value, error, set, field }) =>
    html`<select ...${control(name, error)} onChange=${({ target }) => set(target.value)}>
      <${Options} options=${field.options} value=${value} />
    </select>`,
};

export function Control({ form, field, value, error, onChange }) {
  const name = `${form}-${field.name}`;
  const set = (next) => onChange({ [field.name]: next });
  if (field.type === "suggested")
    return html`<${Suggested}
      name=${name}
      label=${field.label}
      options=${field.options}
      value=${value}
      error=${error}
      onChange=${set}
    />`;
  if (field.type === "choice")
    return html`<${Choice}
      name=${name}
      label=${field.label}
      options=${field.options}
      value=${value}
      error=${error}
      onChange=${set}
    />`;
  if (field.type === "check") {
    return html`<label class="check whole"
      ><input
        type="checkbox"
        checked=${Boolean(value)}
        onChange=${({ target }) => set(target.checked)}
      />${field.label}</label
    >`;
  }
  return html`<${Field}
    label=${field.label}
    name=${name}
    error=${error}
    hint=${field.hint}
    whole=${field.whole || field.type === "area"}
  >
    ${CONTROLS[field.type ?? "text"]({ name, value, error, set, field })}</${Field}
  >`;
}

/** Errors by field: what is missing here, else what the server said. */
export function missing(fields, values) {
  const empty = (value) => value === undefined || value === null || String(value).trim() === "";
  return Object.fromEntries(
    fields
      .filter((field) => field.required && empty(values[field.name]))
      .map(({ name }) => [name, T.common.required]),
  );
}

function serverErrors({ state, error }, fields) {
  if (state !== "refused") return {};
  const known = fields.some(({ name }) => name === error.field);
  return { [known ? error.field : "*"]: error.message || T.faults.unknown };
}

/** How the sending stands, in a place of its own, so that nothing jumps. */
export function Sent({ status, saved }) {
  const words = { ...T.sending, idle: "", saved: saved ?? T.sending.saved };
  return html`<span class=${`sent ${status.state}`} role="status">${words[status.state]}</span>`;
}

const freshKey = () => crypto.randomUUID();

/**
 * A form whose fields are [{name, type, label, options, required, hint, whole, shown(values)}].
 * `request(values, key)` → {method, path, body}; the key stays the same until it is saved, so that a repetition
 * registers once. `onSaved(answer, values)`; `done(answer)` draws what was registered.
 */
export function Form({
  call,
  form,
  fields,
  initial = {},
  request,
  submit,
  onSaved,
  done,
  again,
  onChange,
  children,
}) {
  const id = `${call}.${form}`;
  const [values, set, reset] = useDraft(call, form, { key: freshKey(), ...initial });
  const [tried, setTried] = useState({});
  const status = useSending(id);
  const ref = useRef(null);
  const shown = fields.filter((field) => !field.shown || field.shown(values));
  const errors = { ...serverErrors(status, shown), ...tried };

  useEffect(() => {
    if (status.state === "refused") focusWrong(ref.current);
    if (status.state === "saved") {
      reset({ key: freshKey(), ...initial });
      onSaved?.(status.answer, values);
    }
  }, [status.state]);

  const change = (patch) => {
    if (status.state === "refused") forget(id);
    setTried({});
    set(patch);
    onChange?.({ ...values, ...patch });
  };
  const go = () => {
    const wrong = missing(shown, values);
    setTried(wrong);
    if (Object.keys(wrong).length) return setTimeout(() => focusWrong(ref.current));
    return send({ id, ...request(values, values.key) });
  };

  if (status.state === "saved" && done) {
    return html`<div class="stack">
      ${done(status.answer)}
      <div class="row"><${Button} label=${again} onClick=${() => forget(id)} /></div>
    </div>`;
  }
  const busy = status.state === "sending" || status.state === "waiting";
  return html`<${FormBody} formRef=${ref} go=${go}>
    <fieldset class="two plain" disabled=${busy}>
      ${shown.map(
        (field) =>
          html`<${Control}
            key=${field.name}
            form=${form}
            field=${field}
            value=${values[field.name]}
            error=${errors[field.name]}
            onChange=${change}
          />`,
      )}
    </fieldset>
    ${children?.(values, change)}
    <${Fault} text=${errors["*"]} />
    <div class="row saving">
      <${Button} label=${submit} k="save" kind="main" onClick=${go} disabled=${busy} /><${Sent}
        status=${status}
      />
    </div>
  </${FormBody}>`;
}

function focusWrong(form) {
  form?.querySelector('[aria-invalid="true"]')?.focus();
}
