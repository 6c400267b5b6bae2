// Identification is a recorded step: who the caller says he is, and the account or the address that he named.
import { html, useState } from "../../vendor/preact-htm.js";
import { Refused, get, part, post } from "../api.js";
import { joined } from "../format.js";
import { callId, card, state, toast, update, useStore } from "../store.js";
import { attempt, faultText } from "../tell.js";
import { T } from "../texts.js";
import { Button, Dialog, Fault, Field, FormBody, control, rowKeys } from "../widgets.js";
import { shut } from "./back.js";

export function Identify() {
  const s = useStore();
  const [call] = useState(callId(s));
  const [values, setValues] = useState({ name: "", account: "", address: "" });
  const [wrong, setWrong] = useState({});
  const [found, setFound] = useState(null);
  const set =
    (name) =>
    ({ target }) => {
      setWrong({});
      setValues({ ...values, [name]: target.value });
    };
  const save = async () => {
    if (!values.name.trim()) return setWrong({ name: T.common.required });
    if (!values.account.trim() && !values.address.trim()) return setWrong({ account: T.identify.need });
    try {
      const known = await post(`/cards/${part(call)}/identify`, {
        name: values.name.trim(),
        account: values.account.trim() || null,
        address: values.address.trim() || null,
      });
      if (known?.call_id) update({ cards: { ...state.cards, [call]: known } });
      toast(T.card.identified, "good");
      return shut();
    } catch (error) {
      return setWrong({ [(error instanceof Refused && error.field) || "*"]: faultText(error) });
    }
  };
  const find = () =>
    attempt(async () => {
      const answer = await get("/accounts", {
        q: (values.account || values.address || values.name).trim(),
        call_id: call,
      });
      setFound(answer);
    });
  const attach = (account) =>
    attempt(async () => {
      const shown = await post(`/cards/${part(call)}/account`, { account });
      update({ cards: { ...state.cards, [call]: shown } });
    });
  const field = (name, label) =>
    html`<${Field} name=${`identify-${name}`} label=${label} error=${wrong[name]} whole=${name === "address"}>
      <input
        ...${control(`identify-${name}`, wrong[name])}
        value=${values[name]}
        maxlength="200"
        autocomplete="off"
        inputmode=${name === "account" ? "numeric" : undefined}
        onInput=${set(name)}
    /></${Field}>`;
  return html`<${Dialog} title=${T.identify.title} onClose=${shut}
    ><${FormBody} go=${save}>
      <p class="muted">${T.identify.note} ${card(s)?.caller?.name ?? ""}</p>
      <div class="two">
        ${field("name", T.identify.name)}${field("account", T.identify.account)}${field("address", T.identify.address)}
      </div>
      <${Fault} text=${wrong["*"]} steady />
      <div class="row">
        <${Button} label=${T.identify.save} kind="main" k="save" onClick=${save} /><${Button}
          label=${T.identify.find}
          onClick=${find}
        />
      </div>
      ${found && html`<${Found} found=${found} choose=${(account) => setValues({ ...values, account })} attach=${attach} />`}
    </${FormBody}></${Dialog}
  >`;
}

/** Accounts in part: whom one may ask about, and of namesakes no more than a few. */
function Found({ found: { accounts, more }, choose, attach }) {
  if (!accounts.length) return html`<p class="warn strong" role="status">${T.identify.nothing}</p>`;
  return html`<ul class="list" onKeyDown=${rowKeys} aria-label=${T.identify.found}>
      ${accounts.map(
        (one) =>
          html`<li class="item" key=${`${one.number} ${one.address} ${one.holder}`} data-row>
            <span class="words"><strong>№ ${one.number}</strong> ${joined([one.holder, one.address])}</span
            ><${Chosen} account=${one} choose=${() => choose(one.number)} attach=${() => attach(one.number)} />
          </li>`,
      )}
    </ul>
    ${more && html`<p class="muted" role="status">${T.identify.more}</p>`}`;
}

/** A number that the caller has not named is shown in part only, and can't be chosen. */
function Chosen({ account, choose, attach }) {
  if (!/^[0-9A-Za-z/-]+$/.test(account.number)) return null;
  return html`<span class="row"
    ><${Button} label=${T.identify.choose} kind="low" onClick=${choose} /><${Button}
      label=${T.identify.attach}
      kind="low"
      onClick=${attach}
  /></span>`;
}
