// Between calls: the shift and bulletins on the left, work to be done on the right.
import { html } from "../../vendor/preact-htm.js";
import { clockTime, moment } from "../format.js";
import { update, useStore } from "../store.js";
import { T } from "../texts.js";
import { Button, Tabs } from "../widgets.js";
import { readBulletin } from "../work.js";
import { Knowledge } from "./kb.js";
import { WorkList, isLate } from "./lists.js";
import { Requests } from "./requests.js";

const LISTS = ["callbacks", "lost", "tasks", "requests", "kb"];

export function Home() {
  const s = useStore();
  const tabs = LISTS.map((id, at) => ({
    id, title: T.lists[id] ?? T.panes[id], k: `pane${at + 1}`, count: s[id]?.length, late: (s[id] ?? []).some?.(isLate),
  }));
  const view = { requests: Requests, kb: Knowledge }[s.list] ?? WorkList;
  return html`<main class="sides between" data-view="home">
    <aside class="side left"><${Shift} shift=${s.shift} /><${Bulletins} bulletins=${s.bulletins} /></aside>
    <section class="side right"><${Tabs} label=${T.home.work} tabs=${tabs} value=${s.list} onChange=${(list) => update({ list })} />
      <div class="pane" role="tabpanel" key=${s.list}><${view} name=${s.list} /></div></section></main>`;
}

function Shift({ shift }) {
  return html`<section class="stack" aria-label=${T.home.shift}><h2>${T.home.shift}</h2>
    ${shift ? html`<dl class="facts"><dt>${T.home.shift}</dt><dd class="strong">${span(shift)}</dd>
      ${(shift.breaks ?? []).length > 0 && html`<dt>${T.home.breaks}</dt><dd>${shift.breaks.map((one) => html`<div key=${one.starts_at ?? one.from}>${span(one)}${one.title ? `, ${one.title}` : ""}</div>`)}</dd>`}</dl>` : html`<p class="muted">${T.home.noShift}</p>`}</section>`;
}

const hour = (value) => (/^\d\d:\d\d/.test(value ?? "") ? value.slice(0, 5) : clockTime(value));
const span = (one) => `${hour(one.starts_at ?? one.from)} – ${hour(one.ends_at ?? one.to ?? one.until)}`;

function Bulletins({ bulletins }) {
  return html`<section class="part stack" aria-label=${T.home.bulletins} aria-live="polite"><h2>${T.home.bulletins}</h2>
    ${bulletins.length ? bulletins.map((one) => html`<article class="box note" key=${one.id}>${one.title && html`<strong class="words">${one.title}</strong>`}<p class="words">${one.text}</p>
      <div class="row apart"><span class="muted small">${one.author ?? ""}${one.until ? ` ${T.home.till} ${moment(one.until)}` : ""}</span><${Button} label=${T.home.read} kind="low" onClick=${() => readBulletin(one)} /></div></article>`) : html`<p class="muted">${T.home.noBulletins}</p>`}</section>`;
}
