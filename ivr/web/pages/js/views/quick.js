// A short form that is sent once, when one presses: no draft, no waiting for the network. What is wrong stays beside
// its field.
import { html, useState } from "../../vendor/preact-htm.js";
import { Refused } from "../api.js";
import { Control, missing } from "../form.js";
import { faultText } from "../tell.js";
import { Button, Fault, FormBody } from "../widgets.js";

/** `fields` as those of a Form; `go(values)` throws what the API throws. */
export function Quick({ name, fields, initial = {}, submit, kind = "main", go }) {
  const [values, setValues] = useState(initial);
  const [wrong, setWrong] = useState({});
  const change = (patch) => {
    setWrong({});
    setValues({ ...values, ...patch });
  };
  const send = async () => {
    const empty = missing(fields, values);
    setWrong(empty);
    if (Object.keys(empty).length) return;
    try {
      await go(values);
      setValues(initial);
    } catch (error) {
      setWrong({ [fieldOf(error, fields)]: faultText(error) });
    }
  };
  return html`<${FormBody} className="stack" go=${send}>
    <div class="two">
      ${fields.map(
        (field) =>
          html`<${Control}
            key=${field.name}
            form=${name}
            field=${field}
            value=${values[field.name]}
            error=${wrong[field.name]}
            onChange=${change}
          />`,
      )}
    </div>
    <${Fault} text=${wrong["*"]} />
    <div><${Button} label=${submit} kind=${kind} k="save" onClick=${send} /></div>
  </${FormBody}>`;
}

const fieldOf = (error, fields) =>
  error instanceof Refused && fields.some(({ name }) => name === error.field) ? error.field : "*";
