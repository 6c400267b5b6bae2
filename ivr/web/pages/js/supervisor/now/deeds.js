// What may be done about the operator who is chosen: components that are given his `agent` and draw their buttons.
// `right` is what it takes; a deed with a window of its own opens it itself.
import { html, useState } from "../../../vendor/preact-htm.js";
import { T } from "../../texts.js";
import { O } from "../../texts-office.js";
import { Pause, SignOut, move } from "../../views/team.js";
import { Button } from "../../widgets.js";
import { Listen } from "./listen.js";

const Ready = ({ agent }) =>
  html`<${Button} label=${O.lead.ready} disabled=${agent.state === "ready"} onClick=${() => move(agent, "ready")} />`;

/** A deed that asks in a window first. */
const asking = (label, Window) =>
  function Asking({ agent }) {
    const [open, setOpen] = useState(false);
    return html`<${Button} label=${label} onClick=${() => setOpen(true)} />${
      open && html`<${Window} agent=${agent} shut=${() => setOpen(false)} />`
    }`;
  };

export const DEEDS = [
  { id: "listen", right: "listen", view: Listen },
  { id: "ready", right: "floor", view: Ready },
  { id: "pause", right: "floor", view: asking(T.state.pause, Pause) },
  { id: "sign-out", right: "floor", view: asking(O.lead.signOut, SignOut) },
];
