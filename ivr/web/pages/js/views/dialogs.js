// Windows that one opens by a key and leaves by Esc.
import { html, useState } from "../../vendor/preact-htm.js";
import { localInput } from "../format.js";
import { now } from "../clock.js";
import { keyRows } from "../keys.js";
import { finish, pause } from "../shift.js";
import { card, may, useStore } from "../store.js";
import * as talk from "../talk.js";
import { faultText } from "../tell.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { Button, Dialog, Field, FormBody, Kbd, control, rowKeys } from "../widgets.js";
import { close, postpone } from "../work.js";
import { shut } from "./back.js";
import { BlockForm } from "./block.js";
import { Case } from "./case.js";
import { Cancel, Move } from "./days.js";
import { Headset } from "./headset.js";
import { Identify } from "./identify.js";
import { ControlDone } from "./control.js";
import { Dial, Tones } from "./keypad.js";
import { Skip } from "./preview.js";
import { Queues } from "./queues.js";
import { Calls, Story } from "./story.js";
import { Transfer } from "./transfer.js";

function Pause() {
  const { words } = useStore();
  const reasons = words.pause_reasons ?? [];
  return html`<${Dialog} title=${T.state.reason} onClose=${shut}
    ><ul class="list" onKeyDown=${rowKeys}>
      ${reasons
        .filter(({ choosable }) => choosable !== false)
        .map(
          ({ id, title }, at) =>
            html`<li class="item" key=${id} data-row>
              <span>${title}</span
              ><${Button}
                label=${T.state.pause}
                data-first=${at === 0 || undefined}
                onClick=${async () => {
                  await pause(id);
                  shut();
                }}
              />
            </li>`,
        )}
    </ul></${Dialog}
  >`;
}

const Finish = () =>
  html`<${Dialog} title=${T.state.finish} onClose=${shut}
    ><p>${T.state.finishAsk}</p>
    <div class="row">
      <${Button}
        label=${T.state.finish}
        kind="main"
        data-first
        onClick=${async () => {
          await finish();
          shut();
        }}
      /><${Button} label=${T.common.cancel} onClick=${shut} /></div
  ></${Dialog}>`;

const Help = () =>
  html`<${Dialog} title=${T.help.title} onClose=${shut} wide
    ><div class="keymap">
      ${keyRows().map(([what, shown]) => html`<div key=${what}><span>${what}</span><${Kbd} k=${shown} /></div>`)}
    </div>
    <p class="muted">${T.help.note}</p></${Dialog}
  >`;

function More() {
  const known = card();
  const [warned, setWarned] = useState(false);
  const warn = async () => setWarned((await talk.abusive("warn")) === true);
  return html`<${Dialog} title=${T.more.title} onClose=${shut}>
    <section class="stack">
      <p>${T.more.warnHint}</p>
      <div class="row">
        <${Button} label=${T.more.warn} onClick=${warn} disabled=${warned} data-first />
        <${Button}
          label=${T.more.end}
          kind="no"
          onClick=${async () => {
            if (await talk.abusive("end")) shut();
          }}
        />
      </div>
      <p class="good strong" role="status">${warned ? `✓ ${T.more.warned}` : ""}</p>
    </section>
    <section class="part stack">
      <p>${T.more.silentHint}</p>
      <div><${Button} label=${T.more.silent} onClick=${talk.silent} /></div>
    </section>
    ${
      may("block") &&
      known?.caller?.number &&
      html`<section class="part stack">
        <p>${O.lead.blockHint}</p>
        <${BlockForm} phone=${known.caller.number} call=${known.call_id} onDone=${shut} />
      </section>`
    }</${Dialog}
  >`;
}

/** One field, one deed; what is wrong stays beside the field. */
function Ask({ title, label, type, value: initial, go }) {
  const [value, setValue] = useState(initial);
  const [wrong, setWrong] = useState(null);
  const save = async () => {
    if (!value.trim()) return setWrong(T.common.required);
    try {
      await go(value);
      return shut();
    } catch (error) {
      return setWrong(faultText(error));
    }
  };
  return html`<${Dialog} title=${title} onClose=${shut}
    ><${FormBody} go=${save}>
      <${Field} name="ask" label=${label} error=${wrong}
        ><input
          ...${control("ask", wrong)}
          type=${type}
          value=${value}
          onInput=${({ target }) => {
            setWrong(null);
            setValue(target.value);
          }}
      /></${Field}>
      <div><${Button} label=${T.common.save} kind="main" k="save" onClick=${save} /></div></${FormBody}
  ></${Dialog}>`;
}

const Close = ({ name, row }) =>
  row.kind === "control-call" ? html`<${ControlDone} row=${row} onClose=${shut} />` : html`<${Ask}
    title=${T.lists.done}
    label=${T.lists.result}
    type="text"
    value=""
    go=${(result) => close(name, row, result)}
  />`;
const Postpone = ({ name, row }) =>
  html`<${Ask}
    title=${T.lists.postpone}
    label=${T.lists.onDay}
    type="datetime-local"
    value=${localInput(now() + 3_600_000)}
    go=${(due) => postpone(name, row, due)}
  />`;

const VIEWS = {
  pause: Pause,
  skip: Skip,
  finish: Finish,
  help: Help,
  more: More,
  close: Close,
  postpone: Postpone,
  transfer: Transfer,
  tones: Tones,
  dial: Dial,
  identify: Identify,
  request: Case,
  story: Story,
  calls: Calls,
  cancel: Cancel,
  devices: Headset,
  queues: Queues,
  move: Move,
};

export function Dialogs() {
  const { dialog } = useStore();
  const View = dialog && VIEWS[dialog.kind];
  return View ? html`<${View} key=${`${dialog.kind}.${dialog.number ?? dialog.id ?? ""}`} ...${dialog} />` : null;
}
