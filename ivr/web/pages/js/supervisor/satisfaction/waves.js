// Which surveys are due, and what is done with them: begin, draw clients, take answers over, end.
import { html, useRef, useState } from "../../../vendor/preact-htm.js";
import { post } from "../../api.js";
import { figure, listed } from "../../format.js";
import { attempt, faultText } from "../../tell.js";
import { Button, Choice, Dialog, Fault, Field, FormBody, Mark, control } from "../../widgets.js";
import { U } from "../texts-satisfaction.js";
import { dotted } from "./period.js";
import { linesOf, parts } from "./sheet.js";

export function Waves({ planned, changed }) {
  return html`<section class="box" aria-label=${U.waves} data-waves>
    <h2>${U.waves}</h2>
    <ul class="list">
      ${planned.map((one) => html`<${Wave} key=${`${one.questionnaire}.${one.first_day}`} of=${one} changed=${changed} />`)}
    </ul>
  </section>`;
}

function Wave({ of, changed }) {
  const [drawing, setDrawing] = useState(false);
  const [loaded, setLoaded] = useState(null);
  const { wave } = of;
  const does = (path, body) => async () => {
    if (await attempt(() => post(path, body).then(() => true))) changed();
  };
  const clause = of.clause || U.own;
  const facts = [
    `${U.until} ${dotted(of.last_day)}`,
    clause,
    wave && `${U.got} ${figure(wave.answers)} ${U.of} ${figure(wave.sample)}`,
    wave && wave.invited > 0 && `${U.drawn} ${figure(wave.invited)}`,
    of.act_until && `${U.act} ${dotted(of.act_until)}`,
  ].filter(Boolean);
  return html`<li class="item sat-wave" data-wave=${of.questionnaire}>
    <span class="strong">${of.title}</span>
    <div class="small muted">
      <${Mark} kind=${U.kinds[of.standing]} icon=${U.icons[of.standing]}>${U.standings[of.standing]}</${Mark}> ${facts.join(" · ")}
    </div>
    <div class="row">
      ${!wave && of.standing === "due" && html`<${Button} label=${U.start} onClick=${does("/satisfaction/waves", { questionnaire: of.questionnaire })} />`}
      ${
        wave &&
        !wave.closed_at &&
        html`<${Button} label=${U.draw} kind="low" onClick=${() => setDrawing(true)} /><${Load} wave=${wave} done=${(sum) => {
            setLoaded(sum);
            changed();
          }} /><${Button} label=${U.stop} kind="low" onClick=${does(`/satisfaction/waves/${wave.id}/close`)} />`
      }
      ${wave?.closed_at && of.standing === "done" && html`<${Button} label=${U.again} kind="low" onClick=${does("/satisfaction/waves", { questionnaire: of.questionnaire })} />`}
    </div>
    ${loaded && html`<${Loaded} sum=${loaded} />`}
    ${drawing && html`<${Draw} of=${of} onClose=${() => setDrawing(false)} changed=${changed} />`}
  </li>`;
}

function Draw({ of, onClose, changed }) {
  const [wish, setWish] = useState({ among: "callers", count: "", ask: "tasks" });
  const [fault, setFault] = useState("");
  const [done, setDone] = useState(null);
  const set = (name) => (value) => setWish({ ...wish, [name]: value });
  const go = async () => {
    try {
      const body = { among: wish.among, count: Number(wish.count) || null, ask: wish.ask === "tasks" };
      setDone(await post(`/satisfaction/waves/${of.wave.id}/draw`, body));
      changed();
    } catch (error) {
      setFault(faultText(error));
    }
  };
  return html`<${Dialog} title=${U.drawTitle} onClose=${onClose}>
    <${FormBody} go=${go}>
      <p class="muted">${of.title}</p>
      <${Choice} label=${U.among} name="sat-among" options=${listed(U.amongs)} value=${wish.among} onChange=${set("among")} />
      <${Field} name="sat-count" label=${U.count} hint=${U.countHint}
        ><input ...${control("sat-count")} type="number" min="1" max="10000" value=${wish.count} onInput=${({ target }) => set("count")(target.value)}
      /></${Field}>
      <${Choice} label=${U.ask} name="sat-ask" options=${listed(U.asks)} value=${wish.ask} onChange=${set("ask")} />
      <${Fault} text=${fault} />
      ${done && html`<p class="good strong" role="status">✓ ${U.drawnNow} ${figure(done.drawn)}, ${U.askedNow} ${figure(done.asked)}</p>`}
      <div class="row"><${Button} label=${U.draw} kind="main" type="submit" /></div>
    </${FormBody}>
  </${Dialog}>`;
}

function Load({ wave, done }) {
  const input = useRef(null);
  const [busy, setBusy] = useState(false);
  const take = async ({ target }) => {
    const [file] = target.files;
    target.value = "";
    if (!file) return;
    setBusy(true);
    await attempt(async () => done(await send(wave, linesOf(await file.arrayBuffer()))));
    setBusy(false);
  };
  return html`<${Button} label=${U.load} kind="low" disabled=${busy} onClick=${() => input.current.click()} /><input
      ref=${input}
      class="hidden"
      hidden
      type="file"
      accept=".csv,text/csv"
      aria-label=${U.load}
      data-load=${wave.id}
      onChange=${take}
    />`;
}

/** Send a table part by part; what became of all of it, lines counted as in the file. */
async function send(wave, lines) {
  const sum = { added: 0, changed: 0, unchanged: 0, twice: 0, refused: 0, bad: [], ignored: [] };
  for (const { csv, before } of parts(lines)) {
    const told = await post(`/satisfaction/waves/${wave.id}/import`, { csv });
    for (const name of ["added", "changed", "unchanged", "twice", "refused"]) sum[name] += told[name];
    sum.bad.push(...told.bad.map(({ line, column }) => ({ line: line + before, column })));
    sum.ignored = told.ignored;
  }
  return sum;
}

function Loaded({ sum }) {
  const counts = [
    [U.loaded, sum.added],
    [U.changed, sum.changed],
    [U.same, sum.unchanged],
    [U.twice, sum.twice],
    [U.refused, sum.refused],
  ].filter(([title, count]) => count > 0 || title === U.loaded);
  return html`<div role="status" data-loaded>
    <p class="good strong">✓ ${counts.map(([title, count]) => `${title} ${figure(count)}`).join(", ")}</p>
    ${
      sum.bad.length > 0 &&
      html`<p class="bad">▲ ${U.bad} ${sum.bad.map(({ line, column }) => `${U.line} ${line}${column && `, ${U.column} ${column}`}`).join("; ")}</p>`
    }
    ${sum.ignored.length > 0 && html`<p class="muted small">${U.columns} ${sum.ignored.join(", ")}</p>`}
  </div>`;
}
