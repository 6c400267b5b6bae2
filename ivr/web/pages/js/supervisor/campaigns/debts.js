// Which debtors of the company's own tables are to be called.
import { html, useState } from "../../../vendor/preact-htm.js";
import { listed } from "../../format.js";
import { Button, Dialog, Field, FormBody, Options, control } from "../../widgets.js";
import { C } from "../texts-campaigns.js";

const P = C.people;
const BLANK = { least: "1000", most: "", months: "", segment: "private", settlements: "", streets: "" };
const SEGMENTS = listed(P.segments);

const roubles = (text) => Number(text.replace(/\s/g, "").replace(",", "."));
const several = (text) => text.split(",").map((one) => one.trim()).filter(Boolean);

export function Debts({ close, take }) {
  const [values, setValues] = useState(BLANK);
  const [wrong, setWrong] = useState({});
  const set = (name) => ({ target }) => {
    setValues({ ...values, [name]: target.value });
    setWrong({});
  };
  const go = () => {
    const { least, most, months, segment, settlements, streets } = values;
    if (!(roubles(least) > 0)) return setWrong({ least: C.form.needed });
    take({
      least: String(roubles(least)),
      most: roubles(most) > 0 ? String(roubles(most)) : null,
      months: Number(months) > 0 ? Math.round(Number(months)) : null,
      segment: segment || null,
      settlements: several(settlements),
      streets: several(streets),
    });
    return close();
  };
  const text = (name, hint, rest = {}) =>
    html`<${Field} name=${`debts-${name}`} label=${P[name]} hint=${hint} error=${wrong[name]}
      ><input ...${control(`debts-${name}`, wrong[name])} maxlength="500" autocomplete="off" value=${values[name]} onInput=${set(name)} ...${rest} /></${Field}
    >`;
  return html`<${Dialog} title=${P.debtsTitle} onClose=${close}
    ><${FormBody} go=${go}>
      <p class="muted">${P.debtsHow}</p>
      <div class="two">
        ${text("least", "", { inputmode: "decimal", "data-first": true })} ${text("most", "", { inputmode: "decimal" })}
        ${text("months", P.monthsHow, { inputmode: "numeric" })}
        <${Field} name="debts-segment" label=${P.segment}
          ><select ...${control("debts-segment")} onChange=${set("segment")}><${Options} options=${SEGMENTS} value=${values.segment} none=${P.anybody} /></select></${Field}
        >
      </div>
      ${text("settlements", P.several)} ${text("streets", P.several)}
      <div class="row"><${Button} label=${P.take} kind="main" type="submit" /></div></${FormBody}
  ></${Dialog}>`;
}
