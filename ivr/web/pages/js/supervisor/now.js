// «Now»: is the standard kept, what goes on, who does what.
import { html } from "../../vendor/preact-htm.js";

export const Now = () => html`<div data-part="now"></div>`;
