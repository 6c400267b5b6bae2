// Targets: a file is sent, and every line that was refused is told.
import { html, useEffect, useRef, useState } from "../../../vendor/preact-htm.js";
import { NoNetwork, Refused, get, part, post, upload } from "../../api.js";
import { figure, listed } from "../../format.js";
import { faultText } from "../../tell.js";
import { Button, Mark } from "../../widgets.js";
import { C } from "../texts-campaigns.js";
import { Debts } from "./debts.js";

const P = C.people;
const AGAIN_MS = 1_000;
const filled = (text, most) => text.replace("{most}", figure(Math.floor(most / 1_000_000)));

export function People({ told: { campaign, course }, path, words, again }) {
  const { now, send, take: takeDebts } = useImport(path, words.upload_bytes, again);
  const [choosing, setChoosing] = useState(false);
  const input = useRef(null);
  const take = ({ target }) => {
    const [file] = target.files;
    target.value = "";
    if (file) send(file);
  };
  const kind = words.kinds.find(({ id }) => id === campaign.kind);
  const own = kind?.fields.filter(({ of }) => of === "target") ?? [];
  const columns = own.map(({ title }) => `, ${title.toLowerCase()}`).join("");
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
            <${Button} label=${P.load} kind=${course.total ? "" : "main"} disabled=${now?.state === "running"} onClick=${() => input.current.click()} /><input
              ref=${input} type="file" hidden accept=".csv,.xlsx,.txt,text/csv" aria-label=${P.load} data-load onChange=${take} />
            ${kind?.debt && html`<${Button} label=${P.debts} disabled=${now?.state === "running"} onClick=${() => setChoosing(true)} />`}
          </div>
          <p class="muted small">${filled(P.how, words.upload_bytes).replace("{fields}", columns)}</p>`
      }
    </section>
    ${now && html`<${Import} of=${now} />`}
    ${choosing && html`<${Debts} close=${() => setChoosing(false)} take=${takeDebts} />`}
  </div>`;
}

/** What is sent, and watched until it is done; `again` when targets have come. */
function useImport(path, most, again) {
  const [now, setNow] = useState(null);
  const shown = useRef(true);
  useEffect(() => () => void (shown.current = false), []);
  const show = (value) => shown.current && setNow(value);
  const watch = async (base, begin) => {
    show(base);
    const key = crypto.randomUUID();
    try {
      let last = await begin(key);
      while (last.state === "running" && shown.current) {
        show({ ...base, ...last, name: base.name });
        await new Promise((done) => setTimeout(done, AGAIN_MS));
        last = await asked(`${path}/targets/${part(key)}`, last);
      }
      show({ ...last, name: base.name });
    } catch (error) {
      show({ ...base, state: "failed", fault: error instanceof NoNetwork ? P.broken : faultText(error) });
    }
    return again();
  };
  const send = (file) => {
    const base = { name: file.name, state: "running", lines: [], ignored: [] };
    if (file.size > most) return show({ ...base, state: "failed", fault: filled(P.large, most) });
    return watch(base, (key) => upload(`${path}/targets`, { key, name: file.name }, file));
  };
  const take = (wanted) =>
    watch({ name: P.debtsTitle, state: "running", lines: [], ignored: [] }, (key) => post(`${path}/debts`, { key, ...wanted }));
  return { now, send, take };
}

/** How far it is; a link that is away for a while does not end the watch. */
async function asked(path, last) {
  try {
    return await get(path);
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return { ...last, state: "failed", fault: P.broken };
    if (error instanceof NoNetwork) return last;
    throw error;
  }
}

function Import({ of }) {
  const counts = [
    [P.fresh, of.new, "good", "✓"],
    [P.known, of.known, "", ""],
    [P.repeated, of.repeated, "", ""],
    [P.refused, of.refused, of.refused ? "bad" : "", of.refused ? "▲" : ""],
  ];
  return html`<section class=${`box ${of.state === "failed" ? "late" : ""}`} data-import=${of.state} role="status">
    <h2>${of.name}</h2>
    ${of.state === "running" && html`<p>${P.checking}</p>`}
    ${of.fault && html`<p class="bad strong">▲ ${of.fault}</p>`}${of.fix && html`<p>${of.fix}</p>`}
    ${of.state !== "running" && of.new !== undefined && html`<p class="row">${counts.map(([title, count, kind, icon]) => html`<${Mark} key=${title} kind=${kind} icon=${icon}>${`${title} ${figure(count ?? 0)}`}</${Mark}>`)}</p>`}
    ${of.ignored?.length > 0 && html`<p class="small muted">${P.ignored} ${of.ignored.join(", ")}</p>`}
    ${of.lines?.length > 0 && html`<${Lines} of=${of} />`}
  </section>`;
}

const Lines = ({ of }) =>
  html`<table aria-label=${P.refused}>
      <thead><tr><th scope="col" class="figure">${P.line}</th><th scope="col">${P.field}</th><th scope="col">${P.why}</th><th scope="col">${P.fix}</th></tr></thead>
      <tbody>
        ${of.lines.map((one, at) => html`<tr key=${at} data-refused=${one.line}><td class="figure">${figure(one.line)}</td><td>${one.field}</td><td>${one.why}</td><td>${one.fix}${!one.left_out && html` <span class="muted">${P.partly}</span>`}</td></tr>`)}
      </tbody>
    </table>
    ${of.complaints > of.lines.length && html`<p class="small muted">${P.first} ${figure(of.lines.length)} ${C.of} ${figure(of.complaints)}.</p>`}`;
