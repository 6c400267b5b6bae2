// The queues: who waits, how long, and who is there for them.
import { html } from "../../../vendor/preact-htm.js";
import { duration } from "../../format.js";
import { Timer } from "../../widgets.js";
import { useStore } from "../store.js";
import { N } from "../texts-now.js";
import { ToFigures } from "./links.js";

const estimated = (seconds) => (seconds === null || seconds === undefined ? "—" : duration(seconds));

export function Queues() {
  const { queues } = useStore();
  return html`<section class="now-box" aria-label=${N.queues.title}>
    <table class="now-table">
      <caption>
        ${N.queues.title}
      </caption>
      <thead>
        <tr>
          <th scope="col">${N.queues.queue}</th>
          ${[N.queues.waiting, N.queues.longest, N.queues.estimate, N.queues.ready].map((name) => html`<th scope="col" class="figure" key=${name}>${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${queues.map((one) => html`<${Row} key=${one.queue} queue=${one} />`)}
      </tbody>
    </table>
    ${!queues.length && html`<p class="nothing">${N.queues.none}</p>`}
  </section>`;
}

const Row = ({ queue: { queue, title, waiting, longest_since: longest, estimate_seconds: wait, ready, serving, widened } }) =>
  html`<tr data-queue=${queue}>
    <th scope="row">
      <${ToFigures} of=${{ queue }} title=${title} />${widened && serving > 0 && html`<span class="small muted">${` · ${N.queues.widened}`}</span>`}
    </th>
    <td class=${`figure strong ${waiting ? "warn" : ""}`}>${waiting}</td>
    <td class="figure">${longest ? html`<${Timer} since=${longest} />` : "—"}</td>
    <td class="figure">${estimated(wait)}</td>
    <td class="figure nowrap">${`${ready} ${N.queues.of} ${serving}`}</td>
  </tr>`;
