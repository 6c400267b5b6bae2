// Telling all callers something, or closing a line, for a time: the text and Enter.
import { html, useEffect, useState } from "../../../vendor/preact-htm.js";
import { del, download, get, part, post } from "../../api.js";
import { instant, joined, localInput, moment } from "../../format.js";
import { attempt, faultText } from "../../tell.js";
import { Button, Choice, Dialog, Fault, Field, FormBody, Mark, control } from "../../widgets.js";
import { onEvent } from "../events.js";
import { toast, update, useStore } from "../store.js";
import { F } from "../texts-floor.js";

const A = F.announce;
const EFFECTS = Object.entries(A.effects).map(([id, title]) => ({ id, title }));

const read = () => attempt(async () => update({ announcements: await get("/announcements") }));

/** Buttons in the row of tools, and what is in force beside them. */
export function Announce() {
  const { announcements } = useStore();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    read();
    const ends = ["announcements", "resync", "link-back"].map((type) => onEvent(type, read));
    return () => ends.forEach((end) => end());
  }, []);
  const now = (announcements?.announcements ?? []).filter(({ stage }) => stage === "now");
  return html`<${Button} label=${A.tool} k="announce" onClick=${() => setOpen(true)} />
    <span class="in-force">${now.map((one) => html`<${InForce} key=${one.id} one=${one} />`)}</span>
    ${open && announcements && html`<${Announcing} told=${announcements} shut=${() => setOpen(false)} />`}`;
}

const InForce = ({ one }) =>
  html`<${Mark} kind=${one.effect === "close" ? "bad" : "warn"} icon=${one.effect === "close" ? "▲" : "●"}
    ><span data-in-force=${one.effect} title=${one.text}
      >${`${one.effect === "close" ? A.closed : A.inForce}: ${one.line_title ?? A.allLines} ${A.till} ${moment(one.until)}`}</span
    ></${Mark}
  >`;

function Announcing({ told, shut }) {
  return html`<${Dialog} title=${A.title} onClose=${shut} wide
    ><${Draft} told=${told} />
    <h3 class="small muted">${A.listed}</h3>
    <ul class="list announced">
      ${told.announcements.map((one) => html`<${Row} key=${one.id} one=${one} />`)}
      ${!told.announcements.length && html`<li class="item muted">${A.none}</li>`}
    </ul></${Dialog}
  >`;
}

function Draft({ told }) {
  const blank = { effect: "tell", text: "", line: "", begins: "", until: localInput(Date.parse(told.end_of_day)) };
  const [values, setValues] = useState(blank);
  const [wrong, setWrong] = useState({});
  const set = (patch) => {
    setValues({ ...values, ...patch });
    setWrong({});
  };
  const go = async () => {
    try {
      await post("/announcements", bodyOf(values));
    } catch (error) {
      return setWrong({ [error.field ?? "*"]: faultText(error) });
    }
    setValues(blank);
    toast(A.made, "good");
    return read();
  };
  const hear = async () => {
    try {
      await played(values.text);
    } catch (error) {
      setWrong({ [error.field ?? "*"]: faultText(error) });
    }
  };
  const typed = (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    if (!event.repeat) go();
  };
  const lines = [{ name: "", title: A.allLines }, ...told.lines];
  return html`<${FormBody} go=${go} className="announce-form">
    <${Field} label=${A.text} name="announce-text" error=${wrong.text} hint=${A.hint} whole>
      <textarea
        ...${control("announce-text", wrong.text)}
        data-first
        rows="3"
        maxlength=${told.most_characters}
        value=${values.text}
        onInput=${({ target }) => set({ text: target.value })}
        onKeyDown=${typed}
      /></${Field}>
    <${Choice} label=${A.effect} name="announce-effect" options=${EFFECTS} value=${values.effect} onChange=${(effect) => set({ effect })} />
    <${Select} label=${A.ready} name="announce-ready" onChange=${(text) => text && set({ text })}
      options=${[{ id: "", title: A.own }, ...told.ready.map(({ text }) => ({ id: text, title: text }))]} value=${values.text} />
    <${Select} label=${A.line} name="announce-line" error=${wrong.line} value=${values.line} onChange=${(line) => set({ line })}
      options=${lines.map(({ name, title }) => ({ id: name, title }))} />
    <${When} label=${A.begins} name="announce-begins" hint=${A.now} value=${values.begins} onChange=${(begins) => set({ begins })} />
    <${When} label=${A.until} name="announce-until" error=${wrong.until} value=${values.until} onChange=${(until) => set({ until })} />
    <p class="whole small muted" role="status">${values.effect === "close" ? A.closing : ""}</p>
    <div class="row whole">
      <${Button} label=${A.go[values.effect]} kind=${values.effect === "close" ? "no" : "main"} onClick=${go} />
      <${Button} label=${A.hear} icon="▶" onClick=${hear} /><${Fault} text=${wrong["*"]} />
    </div></${FormBody}
  >`;
}

const bodyOf = ({ effect, text, line, begins, until }) => ({
  effect,
  text,
  line: line || null,
  begins_at: begins ? instant(begins) : null,
  until: until ? instant(until) : null,
});

/** As callers would hear it. */
async function played(text) {
  const { blob } = await download("/announcements/sound", { text });
  const url = URL.createObjectURL(blob);
  const sound = new Audio(url);
  sound.addEventListener("ended", () => URL.revokeObjectURL(url));
  await sound.play();
}

export const Select = ({ label, name, options, value, error, onChange }) =>
  html`<${Field} label=${label} name=${name} error=${error}>
    <select ...${control(name, error)} onChange=${({ target }) => onChange(target.value)}>
      ${options.map(({ id, title }) => html`<option key=${id} value=${id} selected=${id === value}>${title}</option>`)}
    </select></${Field}
  >`;

export const When = ({ label, name, hint, value, error, onChange }) =>
  html`<${Field} label=${label} name=${name} error=${error} hint=${hint}>
    <input ...${control(name, error)} type="datetime-local" value=${value} onInput=${({ target }) => onChange(target.value)} /></${Field}
  >`;

function Row({ one }) {
  const end = () =>
    attempt(async () => {
      await del(`/announcements/${part(one.id)}`);
      await read();
    });
  const closes = one.effect === "close";
  const when = `${moment(one.begins_at)} – ${moment(one.ended_at ?? one.until)}`;
  const who = joined([`${A.by}: ${one.made_by}`, one.ended_by && `${A.endedBy}: ${one.ended_by}`]);
  const kind = { now: closes ? "bad" : "good", coming: "warn", over: "" }[one.stage];
  return html`<li class="item" data-announcement=${one.id} data-stage=${one.stage}>
    <div>
      <div class="row">
        <${Mark} kind=${kind}>${one.stage === "now" && closes ? A.closes : A.stages[one.stage]}</${Mark}>
        <strong>${one.line_title ?? A.allLines}</strong><span class="muted small">${when}</span>
      </div>
      <div class="words">${one.text}</div>
      <div class="small muted">${who}</div>
    </div>
    ${one.stage !== "over" && html`<${Button} label=${A.end[one.effect]} onClick=${end} />`}
  </li>`;
}
