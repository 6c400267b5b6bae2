// What is done with a request: one form for each step, and taking it over by one press.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { get, part, post } from "../api.js";
import { usePeople } from "../floor.js";
import { Form } from "../form.js";
import { forget } from "../outbox.js";
import { state, update, useStore } from "../store.js";
import { attempt } from "../tell.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { Button, Choice } from "../widgets.js";

const OPEN = new Set(["registered", "in_progress", "prolonged"]);
const text = (label, required = true) => ({ name: "text", type: "area", label, required });

/** Step → what has to be said for it. `words`: channels, grounds; `people`: who may answer. */
const FIELDS = {
  answer: ({ words, told }) => [
    { name: "channel", type: "choice", label: O.step.channel, options: words.channels, required: true },
    text(O.step.answer, false),
    { name: "satisfied", type: "check", label: O.step.satisfied, shown: ({ channel }) => channel === "phone" },
    {
      name: "unreachable",
      type: "check",
      label: `${O.step.unreachable}: ${T.request.channels[told.channel]}`,
      shown: ({ channel }) => channel !== told.channel,
    },
  ],
  interim: () => [text(O.step.interim)],
  assign: ({ people }) => [
    { name: "responsible", type: "suggested", label: T.lists.who, options: people, required: true },
  ],
  refuse: ({ words }) => [
    { name: "ground", type: "select", label: O.request.ground, options: words.grounds, required: true },
    text(O.step.said, false),
  ],
  withdraw: () => [text(O.step.why, false)],
  note: () => [text(O.step.note)],
};

const possible = ({ status, prolonged_at: prolonged }) =>
  Object.keys(FIELDS).filter((step) => step === "note" || (OPEN.has(status) && !(step === "interim" && prolonged)));

function useWords() {
  const [words, setWords] = useState(null);
  useEffect(() => {
    attempt(async () => setWords(await get("/requests/words")));
  }, []);
  return words;
}

export function Steps({ told, onDone }) {
  const { session } = useStore();
  const [step, setStep] = useState("");
  const words = useWords();
  const people = usePeople();
  const me = session.user.login;
  const done = (answer) => {
    onDone(answer);
    setStep("");
    update({ steps: state.steps + 1 });
  };
  const take = () =>
    attempt(async () => {
      const key = crypto.randomUUID();
      done(await post(`/requests/${part(told.number)}/assign`, { responsible: me, key }));
    });
  const takeable = OPEN.has(told.status) && told.responsible !== me && !(told.masked && told.responsible);
  if (!words) return null;
  const steps = told.masked ? [] : possible(told);
  return html`<section class="stack" aria-label=${O.step.title}>
    <div class="row">
      ${takeable && html`<${Button} label=${O.step.take} kind="main" onClick=${take} />`}
      ${
        steps.length > 0 &&
        html`<${Choice}
          name="step"
          label=${O.step.title}
          whole=${false}
          options=${steps.map((id) => ({ id, title: O.step.titles[id] }))}
          value=${step}
          onChange=${setStep}
        />`
      }
    </div>
    ${step && html`<${Step} key=${step} step=${step} told=${told} given=${{ words, people, told }} onDone=${done} />`}
  </section>`;
}

function Step({ step, told, given, onDone }) {
  const call = `request-${told.number}`;
  const initial = { text: "", ...(step === "answer" ? { channel: told.channel, satisfied: false, unreachable: false } : {}) };
  const fields = FIELDS[step](given);
  const request = (values, key) => {
    const shown = fields.filter((field) => !field.shown || field.shown(values)).map(({ name }) => name);
    const said = shown.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]);
    return {
      method: "POST",
      path: `/requests/${part(told.number)}/${step}`,
      body: { ...Object.fromEntries(said), key },
    };
  };
  const saved = (answer) => {
    forget(`${call}.${step}`);
    onDone(answer);
  };
  return html`<${Form}
    call=${call}
    form=${step}
    fields=${fields}
    initial=${initial}
    request=${request}
    submit=${O.step.titles[step]}
    onSaved=${saved}
  />`;
}
