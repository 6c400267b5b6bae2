// What is done with recordings, each with its reason: held, let go, taken away.
import { html, useState } from "../../../vendor/preact-htm.js";
import { NoNetwork, SignedOut, download, part, post } from "../../api.js";
import { figure } from "../../format.js";
import { faultText } from "../../tell.js";
import { T } from "../../texts.js";
import { Button, Dialog, Fault, Field, FormBody, control } from "../../widgets.js";
import { toast } from "../store.js";
import { R } from "../texts-talks.js";
import { bodyOf } from "./place.js";

const LONGEST = 500;
const MEGABYTE = 1_000_000;

/** A window that asks for a reason; `send(reason)` may throw what the API throws, or return false to stay open. */
export function WithReason({ title, label, hint, note, onClose, send }) {
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState({ field: "", fault: "" });
  const go = async () => {
    if (!reason.trim()) return setWrong({ field: T.common.required, fault: "" });
    setWrong({ field: "", fault: "" });
    try {
      await send(reason.trim());
      onClose();
    } catch (error) {
      if (!(error instanceof SignedOut)) setWrong({ field: "", fault: error.told ?? faultText(error) });
    }
    return undefined;
  };
  return html`<${Dialog} title=${title} onClose=${onClose}
    ><${FormBody} go=${go}>
      ${note}
      <${Field} name="reason" label=${R.export.reason} error=${wrong.field} hint=${hint}
        ><textarea
          ...${control("reason", wrong.field)}
          data-first
          rows="2"
          maxlength=${LONGEST}
          value=${reason}
          onInput=${({ target }) => setReason(target.value)}
      /></${Field}>
      <${Fault} text=${wrong.fault} />
      <div class="row">
        <${Button} label=${label} kind="main" k="save" onClick=${go} />
        <${Button} label=${T.common.cancel} onClick=${onClose} />
      </div>
    </${FormBody}></${Dialog}
  >`;
}

export function Hold({ recording, onClose, onDone }) {
  const held = recording.legal_hold;
  const send = async (reason) => {
    const told = await post(`/recordings/${part(recording.id)}/${held ? "release" : "hold"}`, { reason });
    toast(held ? R.hold.lifted : R.hold.done, "good");
    onDone(told);
  };
  return html`<${WithReason}
    title=${held ? R.hold.liftTitle : R.hold.title}
    label=${held ? R.hold.goLift : R.hold.go}
    hint=${R.hold.reasonHint}
    note=${html`<p>${held ? R.hold.whyLift : R.hold.why}</p>`}
    onClose=${onClose}
    send=${send}
  />`;
}

function save({ name, blob }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Those picked, or all that was found. */
export function Export({ picked, asked, words, onClose }) {
  const ids = [...picked];
  const send = async (reason) => {
    const what = ids.length ? { ids } : { sought: bodyOf(asked) };
    save(await download("/recordings/export", { ...what, reason }).catch(explain));
    toast(R.export.done, "good");
  };
  const [files, size] = [figure(words.export_files), figure(Math.floor(words.export_bytes / MEGABYTE))];
  const limit = `${R.export.limit} ${files} ${R.export.files} ${size} ${R.export.megabytes}.`;
  return html`<${WithReason}
    title=${R.export.title}
    label=${R.export.go}
    hint=${R.export.reasonHint}
    note=${html`<p>
      <strong>${ids.length ? `${R.export.picked}: ${ids.length}` : R.export.all}</strong>${" "}
      <span class="muted">${limit}</span>
    </p>`}
    onClose=${onClose}
    send=${send}
  />`;
}

/** No whole answer came: what was sent so far is no ZIP. */
function explain(error) {
  if (error instanceof NoNetwork) error.told = R.export.broken;
  throw error;
}
