// Who does not want to be called: found, written down, and taken back.
import { html, useEffect, useState } from "../../../vendor/preact-htm.js";
import { get, part, post } from "../../api.js";
import { moment, telephone } from "../../format.js";
import { attempt, faultText } from "../../tell.js";
import { Button, Dialog, Fault, Field, FormBody, Options, control } from "../../widgets.js";
import { toast } from "../store.js";
import { C } from "../texts-campaigns.js";

const R = C.refuse;

export function Refusals() {
  const [told, setTold] = useState(null);
  const [sought, setSought] = useState("");
  const [lifting, setLifting] = useState(null);
  const read = async (who = sought) => {
    const answer = await attempt(() => get("/campaigns/refusals", { who }));
    if (answer) setTold(answer);
  };
  useEffect(() => {
    read();
  }, []);
  return html`<h1>${R.title}</h1>
    <p class="muted">${R.how}</p>
    <div class="camp-two camp-refusals" data-refusals>
      ${told && html`<${Add} scopes=${told.scopes} added=${() => read()} />`}
      <section class="stack">
        <${FormBody} go=${() => read()} className="row camp-seek"
          ><input ...${control("camp-seek")} aria-label=${R.who} placeholder=${R.whoHint} maxlength="64" autocomplete="off" value=${sought} onInput=${({ target }) => setSought(target.value)} /><${Button} label=${R.find} type="submit" /></${FormBody}
        >
        ${told && html`<${Table} rows=${told.refusals} scopes=${told.scopes} lift=${setLifting} />`}
      </section>
    </div>
    ${lifting && html`<${Lift} of=${lifting} close=${() => setLifting(null)} lifted=${() => read()} />`}`;
}

function Add({ scopes, added }) {
  const [values, setValues] = useState({ who: "", scope: scopes[0]?.id ?? "", note: "" });
  const [wrong, setWrong] = useState({});
  const set = (name) => ({ target }) => {
    setValues({ ...values, [name]: target.value });
    setWrong({});
  };
  const go = async () => {
    if (!values.who.trim()) return setWrong({ who: C.form.needed });
    try {
      await post("/campaigns/refusals", values);
      toast(R.added, "good");
      setValues({ ...values, who: "", note: "" });
      added();
    } catch (error) {
      setWrong({ [error.field ?? "*"]: faultText(error) });
    }
    return undefined;
  };
  const text = (name, label, hint) =>
    html`<${Field} name=${`refuse-${name}`} label=${label} hint=${hint} error=${wrong[name]}><input ...${control(`refuse-${name}`, wrong[name])} maxlength="200" autocomplete="off" value=${values[name]} onInput=${set(name)} /></${Field}>`;
  return html`<section class="box"><${FormBody} go=${go} className="stack">
    ${text("who", R.who, R.whoHint)}
    <${Field} name="refuse-scope" label=${R.scope}><select ...${control("refuse-scope")} onChange=${set("scope")}><${Options} options=${scopes} value=${values.scope} /></select></${Field}>
    ${text("note", R.note, R.noteHint)}
    <${Fault} text=${wrong["*"]} />
    <div class="row"><${Button} label=${R.add} kind="main" type="submit" /></div>
  </${FormBody}></section>`;
}

function Lift({ of, close, lifted }) {
  const [why, setWhy] = useState("");
  const [fault, setFault] = useState("");
  const go = async () => {
    if (why.trim().length < 3) return setFault(R.liftNeeds);
    try {
      await post(`/campaigns/refusals/${part(of.id)}/lift`, { why });
      toast(R.lifted, "good");
      close();
      lifted();
    } catch (error) {
      setFault(faultText(error));
    }
    return undefined;
  };
  return html`<${Dialog} title=${R.liftTitle(telephone(of.who))} onClose=${close}
    ><${FormBody} go=${go}>
      <p>${R.liftHow}</p>
      <${Field} name="lift-why" label=${R.note} hint=${R.liftHint} error=${fault}
        ><input ...${control("lift-why", fault)} maxlength="200" autocomplete="off" value=${why} onInput=${({ target }) => setWhy(target.value)} /></${Field}
      >
      <div class="row"><${Button} label=${R.lift} kind="main" type="submit" /></div></${FormBody}
  ></${Dialog}>`;
}

function Table({ rows, scopes, lift }) {
  if (!rows.length) return html`<p class="nothing">${R.none}</p>`;
  const scope = (id) => scopes.find((one) => one.id === id)?.title ?? id;
  return html`<table aria-label=${R.title}>
    <thead><tr><th scope="col">${R.since}</th><th scope="col">${R.who}</th><th scope="col">${R.scope}</th><th scope="col">${R.source}</th><th scope="col">${R.state}</th></tr></thead>
    <tbody>
      ${rows.map(
        (one) =>
          html`<tr key=${one.id} data-refusal=${one.id} class=${one.lifted_at ? "muted" : ""}><td class="nowrap">${moment(one.at)}</td><td class="nowrap">${telephone(one.who)}</td><td>${scope(one.scope)}</td><td>${one.source}</td><td><${Standing} of=${one} lift=${lift} /></td></tr>`,
      )}
    </tbody>
  </table>`;
}

function Standing({ of, lift }) {
  if (of.lifted_at) return R.liftedBy(moment(of.lifted_at), of.lifted_by, of.lifted_why);
  const holds = !of.until ? R.holds : new Date(of.until) > new Date() ? R.until(moment(of.until)) : R.over;
  return html`${holds} ${holds !== R.over && html`<${Button} label=${R.liftAsk} kind="low" onClick=${() => lift(of)} />`}`;
}
