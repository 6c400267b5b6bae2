// Signing in; also over the page when the session has ended in the middle of work.
import { html, useState } from "../../vendor/preact-htm.js";
import { NoNetwork } from "../api.js";
import { changePassword, signIn } from "../entry.js";
import { useStore } from "../state.js";
import { faultText } from "../tell.js";
import { T } from "../texts.js";
import { unlock } from "../ringer.js";
import { Button, Dialog, Fault, Field, FormBody, control } from "../widgets.js";

function useEntry(go) {
  const [wrong, setWrong] = useState({});
  const submit = async (event) => {
    unlock();
    setWrong({});
    try {
      await go(Object.fromEntries(new FormData(event.target)));
    } catch (error) {
      setWrong({ [error.field ?? "*"]: error instanceof NoNetwork ? T.faults.network : faultText(error) });
    }
  };
  return [wrong, submit];
}

/** Login and password; `fixed` is the login that alone may come back. */
function Entry({ fixed }) {
  const [wrong, submit] = useEntry(({ login, password }) => signIn(fixed ?? login, password));
  return html`<${FormBody} go=${submit}>
    <${Field} label=${T.signIn.login} name="login" error=${wrong.login}>
      <input
        ...${control("login", wrong.login)}
        value=${fixed}
        readonly=${Boolean(fixed)}
        autocomplete="username"
        autocapitalize="none"
        spellcheck=${false}
        autofocus=${!fixed}
    /></${Field}>
    <${Field} label=${T.signIn.password} name="password" error=${wrong.password}>
      <input
        ...${control("password", wrong.password)}
        type="password"
        autocomplete="current-password"
        data-first
    /></${Field}>
    <${Fault} text=${wrong["*"]} steady />
    <div><${Button} type="submit" kind="main tall" label=${T.signIn.enter} /></div>
  </${FormBody}>`;
}

export function SignIn({ title = T.title }) {
  return html`<main class="middle" data-view="sign-in">
    <div class="sheet">
      <p class="muted">${title}</p>
      <h1>${T.signIn.title}</h1>
      <${Entry} />
    </div>
  </main>`;
}

/** Over everything; the work goes on below it. */
export function SignInAgain({ why = T.signIn.expired, other = T.signIn.other }) {
  const { session } = useStore();
  return html`<${Dialog} title=${T.signIn.again} onClose=${() => {}} locked>
    <div data-view="sign-in-again" class="stack loose">
      <p>${why}</p>
      <${Entry} fixed=${session.user.login} />
      <p class="muted small">${other}</p>
    </div></${Dialog}
  >`;
}

export function NewPassword() {
  const [wrong, submit] = useEntry(async ({ old, fresh, repeat }) => {
    if (fresh !== repeat) throw Object.assign(new Error(), { field: "repeat" });
    await changePassword(old, fresh);
  });
  const row = (name, label, autocomplete, error) =>
    html`<${Field} label=${label} name=${name} error=${error}>
      <input
        ...${control(name, error)}
        type="password"
        autocomplete=${autocomplete}
        autofocus=${name === "old"}
    /></${Field}>`;
  return html`<main class="middle" data-view="password">
    <${FormBody} className="sheet" go=${submit}>
      <h1>${T.password.title}</h1>
      <p>${T.password.why}</p>
      ${row("old", T.password.old, "current-password", wrong.old)}
      ${row("fresh", T.password.fresh, "new-password", wrong.new ?? wrong.fresh)}
      ${row("repeat", T.password.repeat, "new-password", wrong.repeat && T.password.differ)}
      <${Fault} text=${wrong["*"]} steady />
      <div><${Button} type="submit" kind="main tall" label=${T.password.save} /></div>
    </${FormBody}>
  </main>`;
}
