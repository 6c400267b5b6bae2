// The keypad: tones into the talk, or a number to call.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { callOut, sendTone } from "../talk.js";
import { faultText } from "../tell.js";
import { T } from "../texts.js";
import { Button, Dialog, Field, FormBody, control } from "../widgets.js";
import { shut } from "./back.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const TAKEN = /^[\d*#]$/;
const NUMBER = /^(\+7\d{10}|8\d{10}|\d{2,6})$/;

const Pad = ({ press }) =>
  html`<div class="pad">
    ${KEYS.map(
      (key, at) =>
        html`<${Button}
          key=${key}
          label=${key}
          data-first=${at === 0 || undefined}
          onClick=${() => {
            press(key);
          }}
        />`,
    )}
  </div>`;

export function Tones() {
  const [sent, setSent] = useState("");
  const press = (key) => {
    sendTone(key);
    setSent((old) => (old + key).slice(-24));
  };
  useEffect(() => {
    const typed = (event) => {
      if (!TAKEN.test(event.key) || event.ctrlKey || event.altKey) return;
      event.preventDefault();
      press(event.key);
    };
    document.addEventListener("keydown", typed);
    return () => document.removeEventListener("keydown", typed);
  }, []);
  return html`<${Dialog} title=${T.keypad.title} onClose=${shut}
    ><p class="muted">${T.keypad.tones}</p>
    <output class="pad-read">${sent}</output><${Pad} press=${press}
  /></${Dialog}>`;
}

export function Dial() {
  const [number, setNumber] = useState("");
  const [wrong, setWrong] = useState(null);
  const change = (next) => {
    setWrong(null);
    setNumber(next);
  };
  const go = async () => {
    const plain = number.replace(/[\s()-]/g, "");
    if (!NUMBER.test(plain)) return setWrong(T.keypad.bad);
    try {
      await callOut(plain);
    } catch (error) {
      setWrong(faultText(error));
    }
    return undefined;
  };
  return html`<${Dialog} title=${T.keypad.title} onClose=${shut}
    ><${FormBody} go=${go}>
      <${Field} name="dial" label=${T.keypad.number} error=${wrong}
        ><input
          ...${control("dial", wrong)}
          type="tel"
          value=${number}
          maxlength="24"
          autocomplete="off"
          onInput=${({ target }) => change(target.value)}
      /></${Field}>
      <${Pad} press=${(key) => change(number + key)} />
      <div class="row">
        <${Button} label=${T.keypad.call} kind="yes" type="submit" icon="☎" /><${Button}
          label=${T.keypad.erase}
          onClick=${() => change(number.slice(0, -1))}
        />
      </div></${FormBody}
  ></${Dialog}>`;
}
