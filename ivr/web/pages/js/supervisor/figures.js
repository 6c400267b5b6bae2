// «Показатели»: how the standard is kept, down to the calls. What is chosen stands in the address.
import { html, useLayoutEffect, useRef, useState } from "../../vendor/preact-htm.js";
import { useAnswer, useLast } from "./figures/answers.js";
import { Choose } from "./figures/choose.js";
import { Deliveries } from "./figures/deliveries.js";
import { One } from "./figures/one.js";
import { Overview } from "./figures/overview.js";
import { keep, placeNow, questionOf } from "./figures/place.js";
import { Stale } from "./figures/parts.js";
import { F } from "./texts-figures.js";

let left = { scroll: 0, kpi: "" }; // where one was in the overview before a figure was opened

/** Come back to where one was. */
function useReturn(kpi, ready) {
  const pane = useRef(null);
  useLayoutEffect(() => {
    if (!ready) return;
    pane.current.scrollTop = left.scroll;
    if (!kpi && left.kpi) pane.current.querySelector(`[data-kpi="${left.kpi}"] a`)?.focus({ preventScroll: true });
    left.kpi = kpi;
  }, [ready]);
  return pane;
}

export function Figures() {
  const [place, setPlace] = useState(placeNow);
  const set = (patch) => {
    keep(patch.from || patch.to ? { from: place.from, to: place.to, ...patch } : patch);
    setPlace({ ...place, ...patch });
  };
  const choices = useAnswer("/kpi/choices").told;
  const answer = useAnswer(place.from <= place.to ? "/kpi/report" : null, { ...questionOf(place), before: "true" });
  const told = useLast(answer.told);
  const pane = useReturn(place.kpi, Boolean(told));
  return html`<div class=${`fig ${place.kpi ? "with-one" : ""}`} data-part="figures">
    <${Choose} place=${place} set=${set} choices=${choices} />
    <div class="fig-panes">
      <div class="fig-pane fig-overview" ref=${pane} onScroll=${({ target }) => (left.scroll = target.scrollTop)}>
        ${place.from > place.to && html`<p class="box late strong" role="alert">▲ ${F.badPeriod}</p>`}
        <${Stale} answer=${answer} />
        ${told?.empty && !answer.refused && html`<div class="box note"><p><strong>${F.empty}</strong> ${F.emptyHow}</p></div>`}
        ${
          told &&
          !answer.refused &&
          html`<${Overview} place=${place} set=${set} told=${told} groups=${choices?.groups ?? []} />`
        }
        ${!told && answer.busy && html`<p class="nothing" role="status">${F.loading}</p>`}
        <p class="row fig-foot"><${Deliveries} /></p>
      </div>
      ${place.kpi && html`<div class="fig-pane"><${One} place=${place} set=${set} /></div>`}
    </div>
  </div>`;
}
