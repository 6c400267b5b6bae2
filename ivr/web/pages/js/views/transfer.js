// Whom to ask, or to whom to send the call: one search over colleagues, queues, desks, flows and numbers.
import { html, useEffect, useRef, useState } from "../../vendor/preact-htm.js";
import { get } from "../api.js";
import { telephone } from "../format.js";
import { useStore } from "../store.js";
import * as talk from "../talk.js";
import { attempt } from "../tell.js";
import { T } from "../texts.js";
import { Button, Dialog, Field, Mark, control } from "../widgets.js";
import { shut } from "./back.js";

const TYPED_MS = 150;
const NUMBER = /^[+\d][\d\s()-]{2,}$/;

function useTargets(query) {
  const [found, setFound] = useState([]);
  const turn = useRef(0);
  useEffect(() => {
    const mine = ++turn.current;
    const timer = setTimeout(
      async () => {
        const answer = await attempt(() => get("/targets", { q: query.trim() }));
        if (mine === turn.current && answer) setFound(answer.targets ?? []);
      },
      query ? TYPED_MS : 0,
    );
    return () => clearTimeout(timer);
  }, [query]);
  const number = query.replace(/[\s()-]/g, "");
  return NUMBER.test(query)
    ? [...found, { kind: "outside", value: number, title: telephone(number), free: true }]
    : found;
}

const asked = ({ kind, value }) => ({ kind, value });
const canConsult = ({ kind }) => kind !== "queue" && kind !== "robot";

export function Transfer() {
  const { me } = useStore();
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const [note, setNote] = useState("");
  const targets = useTargets(query).filter(
    ({ kind, value }) => !(kind === "colleague" && value === me?.login),
  );
  const chosen = targets[Math.min(at, targets.length - 1)];
  const consult = () => chosen && canConsult(chosen) && talk.consult(asked(chosen), chosen.title);
  const blind = () => chosen && talk.transfer(asked(chosen), note.trim());
  const keys = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt(Math.max(0, Math.min(targets.length - 1, at + step)));
    }
    if (event.key === "Enter" && !event.ctrlKey) {
      event.preventDefault();
      (chosen && !canConsult(chosen) ? blind : consult)();
    }
  };
  return html`<${Dialog} title=${T.transfer.title} onClose=${shut} wide>
    <${Field} name="target" label=${T.transfer.find} hint=${T.transfer.hint}>
      <input
        ...${control("target")}
        type="search"
        role="combobox"
        aria-expanded="true"
        aria-controls="targets"
        aria-activedescendant=${chosen && `target-${at}`}
        autocomplete="off"
        value=${query}
        onInput=${({ target }) => {
          setQuery(target.value);
          setAt(0);
        }}
        onKeyDown=${keys}
    /></${Field}>
    <ul class="list targets" id="targets" role="listbox">
      ${
        targets.length
          ? targets.map(
              (one, n) =>
                html`<li
                  key=${`${one.kind}.${one.value}`}
                  id=${`target-${n}`}
                  role="option"
                  aria-selected=${one === chosen}
                  class=${`item ${one === chosen ? "chosen" : ""}`}
                  onClick=${() => setAt(n)}
                >
                  <span class="strong words">${one === chosen ? "▸ " : ""}${one.title}</span
                  ><span class="row"
                    ><span class="muted">${one.detail ?? ""}</span
                    >${one.free === false && html`<${Mark} kind="warn">${T.transfer.busy}</${Mark}>`}<${Mark}
                      >${T.transfer.kinds[one.kind] ?? one.kind}</${Mark}
                    ></span
                  >
                </li>`,
            )
          : html`<li class="nothing">${T.transfer.nothing}</li>`
      }
    </ul>
    <${Field} name="transfer-note" label=${T.transfer.note}
      ><input
        ...${control("transfer-note")}
        value=${note}
        maxlength="500"
        autocomplete="off"
        onInput=${({ target }) => setNote(target.value)}
    /></${Field}>
    <div class="row">
      <${Button}
        label=${T.transfer.consult}
        kind="main"
        disabled=${!chosen || !canConsult(chosen)}
        onClick=${consult}
      /><${Button} label=${T.transfer.blind} k="save" disabled=${!chosen} onClick=${blind} /></div
  ></${Dialog}>`;
}
