// Targets: how many there are, and lists that are sent.
import { html, useRef, useState } from "../../../vendor/preact-htm.js";
import { figure, listed } from "../../format.js";
import { Button } from "../../widgets.js";
import { C } from "../texts-campaigns.js";
import { Debts } from "./debts.js";
import { Import, Imports } from "./imports.js";
import { megabytes, useImports } from "./sending.js";

const P = C.people;

export function People({ told: { campaign, course }, path, words, again }) {
  const imports = useImports(path, words.upload_bytes, again);
  const runs = imports.now?.state === "running";
  const [choosing, setChoosing] = useState(false);
  const input = useRef(null);
  const take = ({ target }) => {
    const [file] = target.files;
    target.value = "";
    if (file) imports.send(file);
  };
  const kind = words.kinds.find(({ id }) => id === campaign.kind);
  const own = kind?.fields.filter(({ of }) => of === "target") ?? [];
  const columns = own.map(({ title }) => `, ${title.toLowerCase().replace(/\.$/, "")}`).join("");
  const standing = listed(P.states).filter(({ id }) => course.states[id] > 0);
  return html`<div class="camp-people" data-people>
    <section class="box">
      ${
        course.total
          ? html`<p><strong>${P.total} ${figure(course.total)}</strong> <span class="muted">${standing.map(({ id, title }) => `${title} ${figure(course.states[id])}`).join(", ")}</span></p>`
          : html`<p><strong>${P.none}</strong></p>`
      }
      ${
        campaign.state !== "stopped" &&
        html`<div class="row">
            <${Button} label=${P.load} kind=${course.total ? "" : "main"} disabled=${runs} onClick=${() => input.current.click()} /><input
              ref=${input} type="file" hidden accept=".csv,.xlsx,.txt,text/csv" aria-label=${P.load} data-load onChange=${take} />
            ${kind?.debt && html`<${Button} label=${P.debts} disabled=${runs} onClick=${() => setChoosing(true)} />`}
          </div>
          <p class="muted small">${megabytes(P.how, words.upload_bytes).replace("{fields}", columns)}</p>`
      }
    </section>
    ${imports.now && html`<${Import} of=${imports.now} path=${path} stop=${imports.stop} />`}
    ${imports.all.length > 1 && html`<${Imports} all=${imports.all} now=${imports.now} look=${imports.look} />`}
    ${choosing && html`<${Debts} close=${() => setChoosing(false)} take=${imports.takeDebts} />`}
  </div>`;
}
