// The first glance: is the standard kept now, and how much goes on.
import { html } from "../../../vendor/preact-htm.js";
import { plural } from "../../format.js";
import { linkTo } from "../places.js";
import { useStore } from "../store.js";
import { T } from "../../texts.js";
import { N } from "../texts-now.js";
import { Timer } from "../../widgets.js";
import { ORDER } from "./people.js";
import { figuresOf } from "./data.js";

const LOOKS = {
  kept: { kind: "good", icon: "●" },
  missed: { kind: "bad", icon: "▲" },
  unknown: { kind: "muted", icon: "○" },
};

/** What binds: recommendations are shown in the table, but do not break the standard. */
const binding = (figures) => figures.filter(({ target, recommended }) => target !== null && !recommended);

function verdictOf(aims) {
  if (aims.some(({ verdict }) => verdict === "missed")) return "missed";
  return aims.some(({ verdict }) => verdict === "met") ? "kept" : "unknown";
}

export function Standing() {
  const { now, words, floor } = useStore();
  const aims = binding(figuresOf(now));
  const missed = aims.filter(({ verdict }) => verdict === "missed");
  const verdict = verdictOf(aims);
  const { kind, icon } = LOOKS[verdict];
  const { moment } = now;
  return html`<section class="now-top" aria-label=${N.standing.title}>
    <div class=${`now-tile now-verdict ${kind}`} data-verdict=${verdict} role="status">
      <span class="small cut" title=${words.standard_title}>${N.standing.title}</span>
      <strong class="now-big"
        ><span aria-hidden="true">${icon} </span>${N.standing[verdict]}${
          missed.length > 0 && html`<span class="now-unit">${` ${missed.length} ${N.standing.of} ${aims.length} ${N.standing.aims}`}</span>`
        }</strong
      >
      <span class="small cut">${missed.map((one, at) => html`${at > 0 && "; "}<${Missed} key=${one.id} figure=${one} day=${moment.day} />`)}</span>
    </div>
    <${Tile} name="in-robot" title=${N.tiles.robot} value=${moment.in_robot} unit=${plural(moment.in_robot, ...N.tiles.calls).split(" ").at(-1)} />
    <${Tile} name="queued" title=${N.tiles.queued} value=${moment.queued} kind=${moment.queued ? "warn" : ""}>
      ${
        moment.longest_since
          ? html`${`${N.tiles.longest} `}<${Timer} since=${moment.longest_since} className="strong" />`
          : N.tiles.nobody
      }
    </${Tile}>
    <${Tile} name="talking" title=${N.tiles.talking} value=${moment.talking}>
      ${moment.dialling > 0 && `${N.tiles.dialling} ${moment.dialling}`}
    </${Tile}>
    <${Tile} name="people" title=${N.tiles.people} value=${floor?.length ?? 0}><${States} floor=${floor ?? []} /></${Tile}>
  </section>`;
}

const Missed = ({ figure, day }) =>
  html`<a href=${linkTo("figures", { kpi: figure.id, from: day, to: day })} title=${N.standing.calls}>${figure.title}</a>`;

const Tile = ({ name, title, value, unit, kind = "", children }) =>
  html`<div class=${`now-tile ${kind}`} data-tile=${name}>
    <span class="small">${title}</span>
    <strong class="now-big">${value}${unit && html`<span class="now-unit">${` ${unit}`}</span>`}</strong>
    <span class="small nowrap">${children}</span>
  </div>`;

const States = ({ floor }) =>
  ORDER.map((state) => {
    const count = floor.filter((one) => one.state === state).length;
    return html`<span key=${state} class="now-count" title=${T.states[state]}
      ><span aria-hidden="true">${T.lamps[state]}</span><span class="only-heard">${T.states[state]}</span>${` ${count}`}</span
    >`;
  });
