// All figures of a period at a glance: what is kept, what is not, and how it went before.
import { html, useState } from "../../../vendor/preact-htm.js";
import { figure as number } from "../../format.js";
import { linkTo } from "../places.js";
import { F } from "../texts-figures.js";
import { Button, Mark, rowKeys } from "../../widgets.js";
import { elsewhere } from "./place.js";
import { Change, SortHead, Target, Verdict, days, inOrder } from "./parts.js";

const ORDER = ["missed", "met", "no-data", "no-target"];
const SHOWN = [
  ["aims", F.onlyAims],
  ["missed", `▲ ${F.onlyMissed}`],
];
const VALUES = {
  title: ({ title }) => title,
  verdict: ({ verdict }) => ORDER.indexOf(verdict),
  calls: ({ calls }) => calls,
};

export function Overview({ place, set, told, groups }) {
  const shown = told.kpis.filter((kpi) => isMeant(kpi, place));
  const ordered = place.sort ? [{ id: "", title: "", kpis: inOrder(shown, place.sort, VALUES) }] : inGroups(shown, groups);
  return html`<section class="fig-all" aria-label=${F.title}>
    <${Glance} told=${told} place=${place} />
    <div class="fig-filter row">
      <input
        type="search"
        class="input"
        id="figures-find"
        placeholder=${F.find}
        aria-label=${F.find}
        maxlength="60"
        value=${place.find}
        onInput=${({ target }) => set({ find: target.value })}
      />
      ${SHOWN.map(
        ([id, label]) =>
          html`<button
            type="button"
            key=${id}
            class="choice"
            aria-pressed=${place.show === id}
            onClick=${() => set({ show: place.show === id ? "" : id })}
          >
            ${label}
          </button>`,
      )}
      ${place.sort && html`<${Button} label=${F.grouped} kind="low" onClick=${() => set({ sort: "" })} />`}
      ${told.before && html`<span class="muted small fig-compared">${`${F.comparedWith}: ${days(told.before)}`}</span>`}
    </div>
    ${
      shown.length
        ? html`<${Table} place=${place} set=${set} told=${told} ordered=${ordered} />`
        : html`<p class="nothing">${place.show === "missed" && !place.find ? F.nothingMissed : F.nothingFound}</p>`
    }
  </section>`;
}

function isMeant(kpi, { find, show }) {
  if (show === "missed" && kpi.verdict !== "missed") return false;
  if (show === "aims" && kpi.target === null) return false;
  return kpi.title.toLocaleLowerCase("ru").includes(find.trim().toLocaleLowerCase("ru"));
}

function inGroups(kpis, groups) {
  const known = groups.map(({ id, title }) => ({ id, title, kpis: kpis.filter((kpi) => kpi.group === id) }));
  const rest = kpis.filter((kpi) => !groups.some(({ id }) => id === kpi.group));
  return [...known, { id: "", title: "", kpis: rest }].filter((group) => group.kpis.length);
}

const isTarget = ({ target, recommended }) => target !== null && !recommended;

/** Is the standard kept? In one line; recommendations are no targets. */
function Glance({ told, place }) {
  const count = (verdict) => told.kpis.filter((kpi) => isTarget(kpi) && kpi.verdict === verdict).length;
  const incoming = told.kpis.find(({ id }) => id === "incoming");
  const [met, missed, empty] = ["met", "missed", "no-data"].map(count);
  const late = told.kpis.filter((kpi) => isTarget(kpi) && kpi.verdict === "missed");
  return html`<div class="fig-glance">
    <h1 class="only-heard">${told.standard_title}</h1>
    <p class="row">
      <strong>${days(told)}</strong>
      ${told.goes_on && html`<${Mark} icon="…">${F.goesOn}</${Mark}>`}
      <span>${F.calls}: <strong>${incoming?.value_text ?? "—"}</strong></span>
      <span>${F.targets}: <strong>${met + missed + empty}</strong></span>
      <${Mark} kind="good" icon=${F.icons.met}>${`${F.met} ${met}`}</${Mark}>
      <${Mark} kind=${missed ? "bad" : ""} icon=${F.icons.missed}>${`${F.missed} ${missed}`}</${Mark}>
      ${empty > 0 && html`<${Mark} icon=${F.icons["no-data"]}>${`${F.noData} ${empty}`}</${Mark}>`}
    </p>
    ${
      late.length > 0 &&
      html`<p class="row small fig-late">
        <span class="bad strong">▲ ${F.verdicts.missed}:</span>
        ${late.map(
          (kpi) =>
            html`<span key=${kpi.id}
              ><a href=${linkTo("figures", elsewhere(place, { kpi: kpi.id }))}>${kpi.title}</a> ${kpi.value_text}</span
            >`,
        )}
      </p>`
    }
  </div>`;
}

function Table({ place, set, told, ordered }) {
  const head = { sort: place.sort, onSort: (sort) => set({ sort }) };
  return html`<table class="fig-table" onKeyDown=${rowKeys}>
    <thead>
      <tr>
        <${SortHead} id="title" label=${F.columns.title} ...${head} />
        <th class="figure" scope="col">${F.columns.value}</th>
        <th scope="col">${F.columns.target}</th>
        <${SortHead} id="verdict" label=${F.columns.verdict} ...${head} />
        <th scope="col">${F.columns.change}</th>
        <${SortHead} id="calls" label=${F.columns.calls} figure ...${head} />
        <th scope="col" class="fig-why">${F.columns.explanation}</th>
      </tr>
    </thead>
    ${ordered.map(
      ({ id, title, kpis }) =>
        html`<tbody key=${id || "all"} data-group=${id}>
          ${title && html`<tr class="fig-group"><th colspan="6" scope="rowgroup">${title}</th><td class="fig-why"></td></tr>`}
          ${kpis.map((kpi) => html`<${Row} key=${kpi.id} kpi=${kpi} place=${place} />`)}
        </tbody>`,
    )}
  </table>`;
}

function Row({ kpi, place }) {
  const [open, setOpen] = useState(false);
  const chosen = place.kpi === kpi.id;
  return html`<tr
      class=${`${kpi.verdict} ${chosen ? "chosen" : ""}`}
      data-row
      data-kpi=${kpi.id}
      aria-current=${chosen ? "true" : undefined}
    >
      <td>
        <div class="fig-name"><a href=${linkTo("figures", elsewhere(place, { kpi: kpi.id }))}>${kpi.title}</a>
        <button
          type="button"
          class="fig-how"
          aria-expanded=${open}
          aria-label=${`${F.how}: ${kpi.title}`}
          title=${F.how}
          onClick=${() => setOpen(!open)}
        >
          ?
        </button></div>
      </td>
      <td class="figure strong">${kpi.value_text}</td>
      <td><${Target} figure=${kpi} /></td>
      <td><${Verdict} of=${kpi.verdict} /></td>
      <td><${Change} before=${kpi.before} /></td>
      <td class="figure">${number(kpi.calls)}</td>
      <td class="fig-why small muted">${kpi.explanation}</td>
    </tr>
    ${open && html`<tr class="fig-told"><td colspan="6">${kpi.explanation}</td></tr>`}`;
}
