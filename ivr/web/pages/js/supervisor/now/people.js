// The operators: who does what and since when; what is done about one of them stands beneath the list.
import { html, useState } from "../../../vendor/preact-htm.js";
import { fromAddress, toAddress } from "../../address.js";
import { joined } from "../../format.js";
import { T } from "../../texts.js";
import { Mark, Timer } from "../../widgets.js";
import { may, useStore } from "../store.js";
import { N } from "../texts-now.js";
import { DEEDS } from "./deeds.js";
import { ToFigures } from "./links.js";

export const ORDER = ["ringing", "talking", "wrap-up", "ready", "paused"];

const byName = (a, b) => a.name.localeCompare(b.name, "ru");
const bySince = (a, b) => Date.parse(a.since) - Date.parse(b.since);
const SORTS = {
  name: byName,
  state: (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || bySince(a, b),
  since: bySince,
};
const BLANK = { state: "", sort: "name", agent: "" };

/** Arrows go from one operator to the next; Enter chooses him. */
function listKeys(event) {
  const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
  const row = event.target.closest("[data-agent]");
  if (!step || !row) return;
  event.preventDefault();
  const rows = [...event.currentTarget.querySelectorAll("[data-agent]")];
  rows[Math.min(rows.length - 1, Math.max(0, rows.indexOf(row) + step))].focus();
}

export function People() {
  const { floor } = useStore();
  const [place, setPlace] = useState(fromAddress(BLANK));
  const go = (patch) => {
    setPlace({ ...place, ...patch });
    toAddress(patch);
  };
  const all = floor ?? [];
  const shown = all.filter(({ state }) => !place.state || state === place.state).sort(SORTS[place.sort] ?? byName);
  const chosen = all.find(({ login }) => login === place.agent);
  const entry = shown.includes(chosen) ? chosen : shown[0];
  return html`<section class="now-box now-people" aria-label=${N.people.title}>
    <${States} all=${all} value=${place.state} go=${go} /><${Sort} value=${place.sort} go=${go} />
    <div class="now-scroll" role="listbox" aria-label=${N.people.title} onKeyDown=${listKeys}>
      ${shown.map((one) => html`<${Person} key=${one.login} agent=${one} chosen=${one === chosen} entry=${one === entry} go=${go} />`)}
    </div>
    ${!shown.length && html`<p class="nothing now-none">${all.length ? N.people.noneOf : N.people.none}</p>`}
    <${Doing} agent=${chosen} asked=${Boolean(place.agent)} />
  </section>`;
}

const States = ({ all, value, go }) =>
  html`<div class="now-filter" role="group" aria-label=${N.people.state}>
    ${["", ...ORDER].map((state) => {
      const count = state ? all.filter((one) => one.state === state).length : all.length;
      return html`<button
        type="button"
        key=${state}
        class="choice now-state"
        aria-pressed=${value === state}
        data-filter=${state || "all"}
        onClick=${() => go({ state })}
      >
        ${state ? T.states[state] : N.people.all}
        <strong>${count}</strong>
      </button>`;
    })}
  </div>`;

/** The heads of the list, each of which puts it in its order. */
const Sort = ({ value, go }) =>
  html`<div class="now-person now-heads" role="group" aria-label=${N.people.sort}>
    ${Object.keys(SORTS).map(
      (id) =>
        html`<button type="button" key=${id} class="now-name" aria-pressed=${value === id} onClick=${() => go({ sort: id })}>
          ${N.people[id]}<span aria-hidden="true">${value === id ? " ▼" : ""}</span>
        </button>`,
    )}
  </div>`;

function Person({ agent, chosen, entry, go }) {
  const { queues, words } = useStore();
  const known = [...queues.map((one) => ({ id: one.queue, title: one.title })), ...(words.queues ?? [])];
  const skills = agent.skills.map((skill) => known.find(({ id }) => id === skill)?.title ?? skill);
  return html`<div
    role="option"
    class="now-person"
    aria-selected=${chosen}
    tabindex=${entry ? 0 : -1}
    data-agent=${agent.login}
    data-state=${agent.state}
    onClick=${() => go({ agent: agent.login })}
    onKeyDown=${(event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      go({ agent: agent.login });
    }}
  >
    <span class="cut" title=${joined([agent.name, agent.extension, ...skills], ", ")}
      ><strong>${agent.name}</strong> <span class="muted small">${joined([agent.extension, skills.join(", ")])}</span></span
    >
    <${Is} agent=${agent} />
    <${Timer} since=${agent.since} className="figure" />
  </div>`;
}

/** His state in a word; a telephone that is away is told once. */
function Is({ agent }) {
  const said = joined([T.states[agent.state], agent.state === "paused" && agent.reason_title], ": ");
  return html`<span class=${`now-is ${agent.state}`}
    ><span aria-hidden="true">${T.lamps[agent.state]}</span><span class="cut" title=${said}>${said}</span
    ><${Trouble} agent=${agent}
  /></span>`;
}

function Trouble({ agent: { reachable, reason, missed } }) {
  if (!reachable) return reason !== "unreachable" && html`<${Mark} kind="bad" icon="▲">${N.people.away}</${Mark}>`;
  return missed > 0 && html`<${Mark} kind="warn">${`${N.people.missed} ${missed}`}</${Mark}>`;
}

/** The deeds have a place of their own, so that the list does not jump when one is chosen. */
function Doing({ agent, asked }) {
  const deeds = DEEDS.filter(({ right }) => may(right));
  if (!deeds.length) return html`<div class="now-deeds muted small">${N.people.noRight}</div>`;
  if (!agent) return html`<div class="now-deeds muted small">${asked ? N.people.gone : N.people.choose}</div>`;
  return html`<div class="now-deeds" role="toolbar" aria-label=${`${N.people.deeds}: ${agent.name}`}>
    <strong class="cut"><${ToFigures} of=${{ agent: agent.login }} title=${agent.name} /></strong>
    ${deeds.map(({ id, view: View }) => html`<${View} key=${`${id}.${agent.login}`} agent=${agent} />`)}
  </div>`;
}
