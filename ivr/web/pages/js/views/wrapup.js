// Wrap-up: topic, result, flags, promised term. It can be filled in during the talk; the server keeps a copy of the
// draft, so that another workplace would show it too.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { part, put } from "../api.js";
import { readDraft, useDraft } from "../drafts.js";
import { instant, localInput } from "../format.js";
import { Sent } from "../form.js";
import { forget, send, useSending } from "../outbox.js";
import { useStore } from "../store.js";
import { faultText } from "../tell.js";
import { T } from "../texts.js";
import { Button, Choice, Fault, Field, FormBody, Options, control } from "../widgets.js";

const COPY_AFTER_MS = 1_500;
const ASKED = [
  { id: true, title: T.wrap.yes },
  { id: false, title: T.wrap.no },
  { id: null, title: T.wrap.unasked },
];
const YES_NO = [
  { id: true, title: T.wrap.yes },
  { id: false, title: T.wrap.no },
];

const pathOf = (call) => `/calls/${part(call)}/wrap-up`;
const bodyOf = ({ topic, result, personal, alone, promised_at: promised, note, survey }) => ({
  topic: topic || null,
  result: result || null,
  personal,
  alone,
  promised_at: instant(promised),
  note,
  survey,
});

/** What the server has of the draft, as the fields take it. */
const fieldsOf = ({ topic, result, personal, alone, promised_at: promised, note }) => ({
  topic: topic ?? "",
  result: result ?? "",
  personal,
  alone,
  note,
  promised_at: promised ? localInput(Date.parse(promised)) : "",
});

function initialOf(card, wrap, topics) {
  const topic = card?.robot?.topic?.id ?? "";
  const personal =
    topics.find(({ id }) => id === topic)?.personal ?? card?.identification?.level === "identified";
  return {
    topic,
    result: "",
    personal: Boolean(personal),
    alone: true,
    promised_at: "",
    note: "",
    survey: null,
    ...(wrap?.draft ? fieldsOf(wrap.draft) : {}),
  };
}

/** The server's copy of the draft, a moment after the typing. */
function useCopy(call, values) {
  const typed = JSON.stringify(values);
  useEffect(() => {
    if (!readDraft(call, "wrap-up")) return undefined;
    const timer = setTimeout(() => put(pathOf(call), bodyOf(values)).catch(() => {}), COPY_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed]);
}

export function WrapUp({ call, card }) {
  const { words, wrap } = useStore();
  const topics = words.topics ?? [];
  const [values, set] = useDraft(call, "wrap-up", initialOf(card, wrap, topics));
  const [wrong, setWrong] = useState({});
  const id = `${call}.wrap-up`;
  const status = useSending(id);
  useCopy(call, values);
  useEffect(() => {
    if (status.state === "refused") setWrong({ [status.error.field ?? "*"]: faultText(status.error) });
  }, [status.state]);
  const change = (patch) => {
    setWrong({});
    if (status.state === "refused") forget(id);
    set(patch);
  };
  const choose = (result) => {
    const helped = words.results.find(({ id: one }) => one === result)?.alone === false;
    change(helped ? { result, alone: false } : { result });
  };
  const save = () => {
    const empty = {
      ...(values.topic ? {} : { topic: T.wrap.needTopic }),
      ...(values.result ? {} : { result: T.wrap.needResult }),
    };
    setWrong(empty);
    if (Object.keys(empty).length) return undefined;
    return send({ id, method: "POST", path: pathOf(call), body: bodyOf(values) });
  };
  const busy = status.state === "sending" || status.state === "waiting";
  return html`<${FormBody} go=${save}>
    ${!wrap && html`<p class="muted">${T.wrap.later}</p>`}
    <fieldset class="plain stack loose" disabled=${busy}>
      <${Field} name="wrap-topic" label=${T.wrap.topic} error=${wrong.topic}>
        <select
          ...${control("wrap-topic", wrong.topic)}
          onChange=${({ target }) => change({ topic: target.value })}
        >
          <${Options} options=${topics} value=${values.topic} /></select
      ></${Field}>
      <${Choice}
        name="wrap-result"
        label=${T.wrap.result}
        options=${words.results ?? []}
        value=${values.result}
        error=${wrong.result}
        onChange=${choose}
      />
      <div class="two">
        <${Choice}
          name="wrap-alone"
          whole=${false}
          label=${T.wrap.alone}
          options=${YES_NO}
          value=${values.alone}
          onChange=${(alone) => change({ alone })}
        />
        <${Choice}
          name="wrap-personal"
          whole=${false}
          label=${T.wrap.personal}
          options=${YES_NO}
          value=${values.personal}
          onChange=${(personal) => change({ personal })}
        />
        <${Choice}
          name="wrap-survey"
          whole=${false}
          label=${T.wrap.survey}
          options=${ASKED}
          value=${values.survey}
          onChange=${(survey) => change({ survey })}
        />
        <${Field} name="wrap-promised" label=${T.wrap.promised} error=${wrong.promised_at}>
          <input
            ...${control("wrap-promised", wrong.promised_at)}
            type="datetime-local"
            value=${values.promised_at}
            onInput=${({ target }) => change({ promised_at: target.value })}
        /></${Field}>
      </div>
      <${Field} name="wrap-note" label=${T.wrap.note} error=${wrong.note}>
        <textarea
          ...${control("wrap-note", wrong.note)}
          rows="2"
          maxlength="2000"
          value=${values.note}
          onInput=${({ target }) => change({ note: target.value })}
        />
      </${Field}>
    </fieldset>
    <${Fault} text=${wrong["*"]} />
    <div class="row saving">
      <${Button}
        label=${T.wrap.save}
        k="save"
        kind="main tall"
        onClick=${save}
        disabled=${busy || !wrap}
      /><${Sent} status=${status} />
    </div>
  </${FormBody}>`;
}
