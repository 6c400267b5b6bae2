// What became of lists that were sent: how far the one is that runs, and every line that was refused.
import { html, useEffect, useState } from "../../../vendor/preact-htm.js";
import { part } from "../../api.js";
import { figure, joined, moment } from "../../format.js";
import { Button, Mark, rowKeys } from "../../widgets.js";
import { C } from "../texts-campaigns.js";

const P = C.people;
const LATE = new Set(["failed", "lost"]);

export function Import({ of, path, stop }) {
  return html`<section class=${`box ${LATE.has(of.state) ? "late" : ""}`} data-import=${of.state}>
    <h2 class="words">${of.name}</h2>
    ${of.at && html`<p class="small muted">${joined([moment(of.at), of.by])}</p>`}
    ${of.state === "running" ? html`<${Going} key=${of.key} of=${of} stop=${stop} />` : html`<${Ended} of=${of} />`}
    ${of.ignored.length > 0 && html`<p class="small muted">${P.ignored} ${of.ignored.join(", ")}</p>`}
    ${of.lines.length > 0 && html`<${Lines} of=${of} path=${path} />`}
  </section>`;
}

function Going({ of, stop }) {
  const [stopping, setStopping] = useState(false);
  useEffect(() => setStopping(false), [of.key]);
  if (!of.key) return html`<p role="status">${P.sending}</p>`;
  const go = async () => {
    setStopping(true);
    if (!(await stop())) setStopping(false);
  };
  return html`<p role="status">${stopping ? P.stopping : P.checking}</p>
    <div class="row">
      <span><span class="muted">${P.soFar}</span> <strong class="figure">${figure(of.read)}</strong></span>
      <${Counts} of=${of} />
      <${Button} label=${P.stop} icon="■" title=${P.stopHow} disabled=${stopping} onClick=${go} />
    </div>`;
}

const Ended = ({ of }) =>
  html`<div class="stack" role="status">
    ${of.fault && html`<p class="bad strong">▲ ${of.fault}</p>`}${of.fix && html`<p>${of.fix}</p>`}
    ${of.state === "stopped" && html`<p class="strong">■ ${P.stopped}</p>`}
    ${(of.state === "done" || of.read > 0) && html`<p class="row"><${Counts} of=${of} /></p>`}
  </div>`;

function Counts({ of }) {
  const counts = [
    [P.fresh, of.new, "good", "✓"],
    [P.known, of.known, "", ""],
    [P.repeated, of.repeated, "", ""],
    [P.refused, of.refused, of.refused ? "bad" : "", of.refused ? "▲" : ""],
  ];
  return counts.map(([title, count, kind, icon]) => html`<${Mark} key=${title} kind=${kind} icon=${icon}>${`${title} ${figure(count)}`}</${Mark}>`);
}

const Lines = ({ of, path }) =>
  html`<table aria-label=${P.refused}>
      <thead><tr><th scope="col" class="figure">${P.line}</th><th scope="col">${P.field}</th><th scope="col">${P.why}</th><th scope="col">${P.fix}</th></tr></thead>
      <tbody>
        ${of.lines.map((one, at) => html`<tr key=${at} data-refused=${one.line}><td class="figure">${figure(one.line)}</td><td>${one.field}</td><td>${one.why}</td><td>${one.fix}${!one.left_out && html` <span class="muted">${P.partly}</span>`}</td></tr>`)}
      </tbody>
    </table>
    <p class="row">
      ${of.complaints > of.lines.length && html`<span class="small muted">${P.first} ${figure(of.lines.length)} ${C.of} ${figure(of.complaints)}.</span>`}
      <a class="button low" href=${`/api${path}/targets/${part(of.key)}/lines`} download>${P.allLines}</a>
    </p>`;

/** The lists that were sent, the latest first; one is looked at by a click. */
export const Imports = ({ all, now, look }) =>
  html`<section class="stack">
    <h2>${P.before}</h2>
    <table aria-label=${P.before} data-imports onKeyDown=${rowKeys}>
      <thead><tr><th scope="col">${P.at}</th><th scope="col">${P.by}</th><th scope="col">${P.file}</th><th scope="col">${P.what}</th><th scope="col" class="figure">${P.fresh}</th><th scope="col" class="figure">${P.refused}</th></tr></thead>
      <tbody>
        ${all.map((one) => html`<tr key=${one.key} data-row aria-current=${one.key === now?.key ? "true" : null}>
          <td class="nowrap"><button type="button" class="link" onClick=${() => look(one)}>${moment(one.at)}</button></td>
          <td>${one.by}</td><td class="words">${one.name}</td><td>${P.ends[one.state]}</td>
          <td class="figure">${figure(one.new)}</td><td class="figure">${figure(one.refused)}</td>
        </tr>`)}
      </tbody>
    </table>
  </section>`;
