// What stands in the way of a start, and a call to one's own telephone.
import { html, useState } from "../../../vendor/preact-htm.js";
import { post } from "../../api.js";
import { listed, moment } from "../../format.js";
import { faultText } from "../../tell.js";
import { state } from "../../state.js";
import { Button, Choice, Fault, Field, FormBody, Mark, control } from "../../widgets.js";
import { S } from "../texts.js";
import { C } from "../texts-campaigns.js";

const K = C.check;
const TO = listed(K.where);

export function Check({ told, path, words }) {
  const kind = words.kinds.find(({ id }) => id === told.campaign.kind);
  return html`<div class="camp-two camp-check" data-check><${Findings} path=${path} kind=${kind} /><${Rehearse} path=${path} kind=${kind} /></div>`;
}

function Findings({ path, kind }) {
  const [checked, setChecked] = useState(null);
  const [fault, setFault] = useState("");
  const go = async () => {
    setFault("");
    try {
      setChecked(await post(`${path}/check`));
    } catch (error) {
      setFault(faultText(error));
    }
  };
  return html`<section class="box">
    <div class="row"><${Button} label=${K.go} kind="main" onClick=${go} /></div>
    <p class="muted small">${K.how}</p>
    <${Fault} text=${fault} />
    ${checked && html`<${Result} checked=${checked} kind=${kind} />`}
  </section>`;
}

function Result({ checked: { ready, findings, opens_at: opens }, kind }) {
  const told = ready ? (findings.length ? K.warned : K.good) : K.bad;
  const where = (id) => kind?.fields.find(({ name }) => name === id)?.title ?? id;
  return html`<div class="stack" role="status" data-ready=${ready}>
    <p class=${`strong ${ready ? "good" : "bad"}`}>${ready ? "✓" : "▲"} ${told}</p>
    ${opens && html`<p class="muted">${K.opens} ${moment(opens)}.</p>`}
    ${
      findings.length > 0 &&
      html`<ul class="list">
        ${findings.map(
          (one, at) =>
            html`<li class="item camp-finding" key=${at} data-finding=${one.severity}>
              <div class="row"><${Mark} kind=${one.severity === "error" ? "bad" : "warn"} icon="▲">${K[one.severity]}</${Mark}><span class="small muted words">${where(one.where)}</span></div>
              <span>${one.what}</span>${one.fix && html`<span class="muted">${one.fix}</span>`}
            </li>`,
        )}
      </ul>`
    }
  </div>`;
}

function Rehearse({ path, kind }) {
  const fields = kind?.fields.filter(({ of }) => of === "target") ?? [];
  const { extension } = state.session.user;
  const [values, setValues] = useState({ own: false, number: "", fields: {} });
  const [fault, setFault] = useState({});
  const [called, setCalled] = useState(false);
  const go = async () => {
    setCalled(false);
    if (!values.own && !values.number.trim()) return setFault({ number: C.form.needed });
    setFault({});
    try {
      await post(`${path}/rehearsal`, { ...values, number: values.own ? "" : values.number });
      setCalled(true);
    } catch (error) {
      setFault({ [error.field ?? "*"]: faultText(error) });
    }
    return undefined;
  };
  const field = (id, label, value, error, change) =>
    html`<${Field} key=${id} name=${id} label=${label} error=${error}><input ...${control(id, error)} value=${value} autocomplete="off" maxlength="300" onInput=${({ target }) => change(target.value)} /></${Field}>`;
  return html`<section class="box">
    <h2>${K.rehearse}</h2>
    <p class="muted small">${K.rehearseHow}</p>
    <${FormBody} go=${go} className="stack">
      ${extension && html`<${Choice} label=${K.to} name="camp-to" options=${TO} value=${values.own ? "own" : "number"} onChange=${(to) => setValues({ ...values, own: to === "own" })} />`}
      ${
        values.own
          ? html`<p class="muted small">${K.ownHow} <a href="./" target="_blank" rel="noopener">${S.workspace}</a></p>`
          : field("camp-number", K.number, values.number, fault.number, (number) => setValues({ ...values, number }))
      }
      <div class="camp-row">
        ${fields.map(({ name, title }) => field(`camp-try-${name}`, title, values.fields[name] ?? "", fault[`fields.${name}`], (value) => setValues({ ...values, fields: { ...values.fields, [name]: value } })))}
      </div>
      <${Fault} text=${fault["*"]} />
      ${called && html`<p class="good strong" role="status">✓ ${values.own ? K.calledOwn : K.called}</p>`}
      <div class="row"><${Button} label=${K.call} type="submit" /></div>
    </${FormBody}>
  </section>`;
}
