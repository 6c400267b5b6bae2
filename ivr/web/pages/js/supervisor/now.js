// «Now»: is the standard kept, then why, then who.
import { html } from "../../vendor/preact-htm.js";
import { may, useStore } from "./store.js";
import { Alarms } from "./now/alarms.js";
import { useNow } from "./now/data.js";
import { Figures } from "./now/figures.js";
import { People } from "./now/people.js";
import { Queues } from "./now/queues.js";
import { Standing } from "./now/standing.js";
import { TOOLS } from "./now/tools.js";
import { N } from "./texts-now.js";

export function Now() {
  const { now } = useStore();
  useNow();
  if (!now?.figures) return html`<p class="nothing" role="status">${N.wait}</p>`;
  const tools = TOOLS.filter(({ right }) => may(right));
  return html`<div class="now" data-part="now">
    <div class="now-over">
      <${Standing} />
      ${
        tools.length > 0 &&
        html`<div class="now-tools" role="toolbar" aria-label=${N.tools}>
          ${tools.map(({ id, view: View }) => html`<${View} key=${id} />`)}
        </div>`
      }
    </div>
    <div class="now-left"><${Figures} /></div>
    <div class="now-right"><${Alarms} /><${Queues} /><${People} /></div>
  </div>`;
}
