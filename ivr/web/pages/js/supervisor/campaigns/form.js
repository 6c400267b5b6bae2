// A campaign is made, or a draft changed: kind first, then what the kind's text needs.
import { html, useState } from "../../../vendor/preact-htm.js";
import { part, post, put } from "../../api.js";
import { listed, today } from "../../format.js";
import { faultText } from "../../tell.js";
import { Button, Choice, Fault, Field, FormBody, Options, control } from "../../widgets.js";
import { C } from "../texts-campaigns.js";

const F = C.form;
const TYPES = { date: "date", moment: "datetime-local", number: "text", amount: "text" };
const MODES = listed(C.modes);
const KEPT = ["kind", "title", "mode", "opens", "closes", "lines", "calls_per_second", "queue", "caller_id", "fields"];

function blank(of, words) {
  const plain = { kind: "", title: "", first_day: today(), last_day: today(), mode: "agentless", opens: "", closes: "", lines: 10, calls_per_second: 2, queue: "", caller_id: words.caller_ids[0]?.id ?? "", fields: {} };
  if (!of) return plain;
  const kept = Object.fromEntries(KEPT.map((name) => [name, of[name] ?? ""]));
  return { ...plain, ...kept, opens: kept.opens.slice(0, 5), closes: kept.closes.slice(0, 5) };
}

const edited = (of, words) => ({ ...blank(of, words), first_day: of.first_day, last_day: of.last_day });

/** What is wrong, by field. */
function faultsOf({ kind, title, first_day, last_day, mode, queue, opens, closes }) {
  const wrong = {};
  if (!kind) wrong.kind = F.needed;
  if (!title.trim()) wrong.title = F.needed;
  if (last_day < first_day) wrong.last_day = F.backwards;
  if (opens && closes && closes <= opens) wrong.closes = F.shut;
  if (mode !== "agentless" && !queue) wrong.queue = F.needed;
  return wrong;
}

function bodyOf(values) {
  const fields = Object.fromEntries(Object.entries(values.fields).filter(([, value]) => String(value).trim()));
  const number = (name) => Number(String(values[name]).replace(",", ".")) || 0;
  const queue = values.mode === "agentless" ? "" : values.queue;
  return { ...values, fields, queue, opens: values.opens || null, closes: values.closes || null, lines: number("lines"), calls_per_second: number("calls_per_second") };
}

export function Form({ of, edit, words, made, back }) {
  const [values, setValues] = useState(() => (edit ? edited(of, words) : blank(of, words)));
  const [wrong, setWrong] = useState({});
  const set = (patch) => {
    setValues({ ...values, ...patch });
    setWrong({});
  };
  const go = async () => {
    const found = faultsOf(values);
    if (Object.keys(found).length) return setWrong(found);
    try {
      const body = bodyOf(values);
      return made(await (edit ? put(`/campaigns/${part(of.id)}`, body) : post("/campaigns", body)));
    } catch (error) {
      return setWrong({ [error.field ?? "*"]: faultText(error) });
    }
  };
  const kind = words.kinds.find(({ id }) => id === values.kind);
  const fields = kind?.fields.filter(({ of: owner }) => owner === "campaign") ?? [];
  const told = { values, wrong, set, words };
  return html`<h1>${edit ? F.change : F.title}</h1>
    <${FormBody} go=${go} className="camp-form">
      <${Terms} ...${told} />
      <${Ways} ...${told} />
      ${fields.length > 0 && html`<${Fields} ...${told} fields=${fields} />`}
      <${Fault} text=${wrong["*"]} />
      <div class="row">
        <${Button} label=${edit ? F.keep : F.save} kind="main" type="submit" />
        <${Button} label=${edit ? F.cancel : F.back} onClick=${back} />
      </div>
    </${FormBody}>`;
}

/** A field of the form by the name of its value. */
function Input({ name, label, hint, type = "text", values, wrong, set, ...rest }) {
  return html`<${Field} name=${`camp-${name}`} label=${label} hint=${hint} error=${wrong[name]}
    ><input ...${control(`camp-${name}`, wrong[name])} type=${type} value=${values[name]} autocomplete="off" onInput=${({ target }) => set({ [name]: target.value })} ...${rest} /></${Field}
  >`;
}

function Select({ name, label, options, none, values, wrong, set }) {
  return html`<${Field} name=${`camp-${name}`} label=${label} error=${wrong[name]}
    ><select ...${control(`camp-${name}`, wrong[name])} onChange=${({ target }) => set({ [name]: target.value })}>
      <${Options} options=${options} value=${values[name]} none=${none} /></select
  ></${Field}>`;
}

/** How a kind is usually dialled. */
const usual = ({ words }, id) => ({ mode: words.kinds.find((kind) => kind.id === id)?.mode ?? "agentless" });

const Terms = (told) =>
  html`<fieldset class="box camp-terms">
    <${Select} ...${{ ...told, set: ({ kind }) => told.set({ kind, ...usual(told, kind) }) }} name="kind" label=${F.kind} options=${told.words.kinds} />
    <${Input} ...${told} name="title" label=${F.name} hint=${F.nameHint} maxlength="200" />
    <div class="camp-pair">
      <${Input} ...${told} name="first_day" label=${F.first} type="date" /><${Input} ...${told} name="last_day" label=${F.last} type="date" />
    </div>
    <div>
      <div class="camp-pair">
        <${Input} ...${told} name="opens" label=${`${F.hours} ${F.opens}`} type="time" /><${Input} ...${told} name="closes" label=${F.closes} type="time" />
      </div>
      <span class="hint muted small">${F.hoursHint}</span>
    </div>
  </fieldset>`;

const Ways = (told) =>
  html`<fieldset class="box camp-ways">
    <${Choice} label=${F.mode} name="camp-mode" options=${MODES} value=${told.values.mode} onChange=${(mode) => told.set({ mode })} />
    <p class="hint muted small">${C.modeHow[told.values.mode]}</p>
    <div class="camp-row">
      ${told.values.mode !== "agentless" && html`<${Select} ...${told} name="queue" label=${F.queue} options=${told.words.queues} />`}
      <${Input} ...${told} name="lines" label=${F.lines} type="number" min="1" max="1000" />
      <${Input} ...${told} name="calls_per_second" label=${F.perSecond} type="number" min="0.1" max="100" step="0.1" />
      ${told.words.caller_ids.length > 0 && html`<${Select} ...${told} name="caller_id" label=${F.callerId} options=${told.words.caller_ids} />`}
    </div>
  </fieldset>`;

function Fields({ fields, values, wrong, set }) {
  return html`<fieldset class="box camp-fields" data-fields>
    <legend class="only-heard">${F.fields}</legend>
    <h2>${F.fields}</h2>
    <div class="camp-row">
      ${fields.map(({ name, title, type, clause, optional }) => {
        const id = `camp-field-${name}`;
        const error = wrong[`fields.${name}`];
        const change = ({ target }) => set({ fields: { ...values.fields, [name]: target.value } });
        return html`<${Field} key=${name} name=${id} label=${title} hint=${optional ? F.optional : clause && `${F.clause} ${clause}`} error=${error}
          ><input ...${control(id, error)} type=${TYPES[type] ?? "text"} value=${values.fields[name] ?? ""} autocomplete="off" maxlength="500" onInput=${change}
        /></${Field}>`;
      })}
    </div>
  </fieldset>`;
}
