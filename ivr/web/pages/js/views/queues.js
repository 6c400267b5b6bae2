// All queues: who waits, how long, and who is there for them.
import { html } from "../../vendor/preact-htm.js";
import { duration } from "../format.js";
import { useStore } from "../store.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { Dialog, Timer } from "../widgets.js";
import { leave } from "./back.js";

export function Queues() {
  const { queues } = useStore();
  return html`<${Dialog} title=${O.queues.all} onClose=${() => leave()} wide
    ><table>
      <thead>
        <tr>
          <th>${O.queues.queue}</th>
          ${[T.queues.waiting, T.queues.longest, O.queues.estimate, T.queues.ready, O.queues.serving].map((name) => html`<th class="figure" key=${name}>${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${queues.map((queue) => html`<${Row} key=${queue.queue} queue=${queue} />`)}
      </tbody>
    </table></${Dialog}
  >`;
}

const Row = ({ queue: { queue, title, waiting, longest_since: longest, estimate_seconds: wait, ready, serving } }) =>
  html`<tr data-queue=${queue}>
    <td class="words">${title ?? queue}</td>
    <td class=${`figure strong ${waiting ? "warn" : ""}`}>${waiting}</td>
    <td class="figure">${longest ? html`<${Timer} since=${longest} />` : "–"}</td>
    <td class="figure">${wait === null || wait === undefined ? "–" : duration(wait)}</td>
    <td class="figure">${ready}</td>
    <td class="figure">${serving ?? "–"}</td>
  </tr>`;
