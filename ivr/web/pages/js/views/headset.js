// Another headset in mid-shift, in a talk too: what is chosen is taken at once.
import { html } from "../../vendor/preact-htm.js";
import { O } from "../texts-office.js";
import { Dialog } from "../widgets.js";
import { leave } from "./back.js";
import { Devices } from "./start.js";

export const Headset = () =>
  html`<${Dialog} title=${O.devices.title} onClose=${() => leave()} wide
    ><${Devices} />
    <p class="muted">${O.devices.note}</p></${Dialog}
  >`;
