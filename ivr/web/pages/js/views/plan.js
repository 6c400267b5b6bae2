// The plan of a week: a row for everybody who can take calls, a cell for each day. Whoever should be here now and is
// not is marked.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { del, get, part, put } from "../api.js";
import { now } from "../clock.js";
import { useFloor } from "../floor.js";
import { day as dayTitle, span, today } from "../format.js";
import { toast } from "../store.js";
import { attempt } from "../tell.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { Button, Dialog, Field, Mark, control } from "../widgets.js";
import { hoursOf, later, shiftOf, weekOf } from "../week.js";
import { Quick } from "./quick.js";

const FIELDS = [
  { name: "begins", type: "time", label: O.plan.begins, required: true },
  { name: "ends", type: "time", label: O.plan.ends, hint: O.plan.endsHint, required: true },
  { name: "breaks", label: T.home.breaks, hint: O.plan.breaksHint, whole: true },
];
const USUAL = { begins: "08:00", ends: "20:00", breaks: "" };

const between = async (first, last) => (await get("/shifts", { first, last, everybody: "true" })).shifts;
const at = ({ login, day }) => `${login} ${day}`;

/** People and their shifts of a week, with the evening before it: a shift may last into Monday. */
function usePlan(week) {
  const [told, setTold] = useState(null);
  const read = () =>
    attempt(async () => {
      const [{ people }, shifts] = await Promise.all([
        get("/floor/people"),
        between(later(week[0], -1), week[6]),
      ]);
      setTold({ people, shifts });
    });
  useEffect(() => {
    read();
  }, [week[0]]);
  return [told, read];
}

/** Everybody known, and whoever is still planned. */
function rowsOf({ people, shifts }) {
  const known = new Set(people.map(({ login }) => login));
  const others = [...new Set(shifts.map(({ login }) => login))].filter((login) => !known.has(login));
  return [...people, ...others.map((login) => ({ login, name: login }))];
}

export function Plan() {
  const [day, setDay] = useState(today());
  const week = weekOf(day || today());
  const [told, read] = usePlan(week);
  const [asked, ask] = useState(null); // {person, day, shift}
  const shut = () => ask(null);
  const done = async () => {
    await read();
    shut();
  };
  return html`<div class="stack">
    <div class="row">
      <${Button} label="◀" aria-label=${O.plan.before} onClick=${() => setDay(later(week[0], -7))} />
      <${Button} label=${O.plan.present} onClick=${() => setDay(today())} />
      <${Button} label="▶" aria-label=${O.plan.after} onClick=${() => setDay(later(week[0], 7))} />
      <${Field} name="plan-day" label=${O.plan.day}
        ><input ...${control("plan-day")} type="date" value=${day} onInput=${({ target }) => setDay(target.value)}
      /></${Field}>
      <${Button} label=${O.plan.repeat} onClick=${() => repeat(week, told, read)} disabled=${!told} />
    </div>
    ${told ? html`<${Week} week=${week} told=${told} ask=${ask} />` : html`<p class="nothing">…</p>`}
    <p class="small muted">${O.plan.keys}</p>
    ${asked && html`<${Shift} ...${asked} done=${done} shut=${shut} />`}
  </div>`;
}

function Week({ week, told, ask }) {
  const here = new Set((useFloor() ?? []).map(({ login }) => login));
  const shifts = new Map(told.shifts.map((shift) => [at(shift), shift]));
  const rows = rowsOf(told);
  const [entry, setEntry] = useState(null);
  const first = entry ?? (rows[0] && `${rows[0].login} ${week[0]}`);
  const due = (login) =>
    told.shifts.some(
      (one) => one.login === login && Date.parse(one.begins_at) <= now() && now() < Date.parse(one.ends_at),
    );
  const cell = (person, day) => {
    const id = `${person.login} ${day}`;
    const shift = shifts.get(id);
    return html`<${Cell}
      key=${day}
      name=${`${person.name}, ${dayTitle(day)}`}
      shift=${shift}
      id=${id}
      entry=${id === first}
      onFocus=${() => setEntry(id)}
      onClick=${() => ask({ person, day, shift })}
    />`;
  };
  return html`<table class="week" role="grid" aria-label=${O.lead.shifts} onKeyDown=${cellKeys}>
    <thead>
      <tr>
        <th scope="col">${O.plan.person}</th>
        ${week.map(
          (day, n) =>
            html`<th key=${day} scope="col" aria-current=${day === today() ? "date" : undefined}>
              ${O.plan.days[n]} <span class="nowrap">${dayTitle(day)}</span>
            </th>`,
        )}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (person) =>
          html`<tr key=${person.login} data-shift=${person.login}>
            <th scope="row" class="words">
              ${person.name}
              ${due(person.login) && !here.has(person.login) && html`<${Mark} kind="bad" icon="▲">${O.lead.missing}</${Mark}>`}
            </th>
            ${week.map((day) => cell(person, day))}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

const Cell = ({ name, shift, id, entry, onFocus, onClick }) => {
  const hours = shift && span(shift.begins_at, shift.ends_at);
  const breaks = shift?.breaks.length;
  return html`<td role="gridcell">
    <button
      type="button"
      class=${`cell ${shift ? "planned" : ""}`}
      data-cell=${id}
      tabindex=${entry ? 0 : -1}
      aria-label=${`${name}: ${hours ?? O.plan.free}`}
      onFocus=${onFocus}
      onClick=${onClick}
    >
      ${hours ?? "+"}${breaks ? html`<span class="muted">${`${O.plan.breaks}: ${breaks}`}</span>` : null}
    </button>
  </td>`;
};

/** Arrows go from cell to cell; Tab leaves the table. */
function cellKeys(event) {
  const [down, right] =
    { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] ?? [];
  const own = event.target.closest(".cell");
  if (down === undefined || !own) return;
  event.preventDefault();
  const rows = [...event.currentTarget.tBodies[0].rows].map((row) => [...row.querySelectorAll(".cell")]);
  const row = rows.findIndex((cells) => cells.includes(own));
  rows[row + down]?.[rows[row].indexOf(own) + right]?.focus();
}

/** Make, change or remove one shift. */
function Shift({ person, day, shift, done, shut }) {
  const save = async (hours) => {
    await put("/shifts", { shifts: [shiftOf(person.login, day, hours)] });
    await done();
  };
  const remove = () =>
    attempt(async () => {
      await del(`/shifts/${part(person.login)}/${day}`);
      await done();
    });
  return html`<${Dialog} title=${`${person.name}, ${dayTitle(day)}`} onClose=${shut}
    ><${Quick}
      name="shift"
      fields=${FIELDS}
      initial=${shift ? hoursOf(shift) : USUAL}
      submit=${T.common.save}
      go=${save}
    />
    ${shift && html`<div><${Button} label=${O.plan.remove} kind="no" onClick=${remove} /></div>`}</${Dialog}
  >`;
}

/** Plan this week as the one before, where nothing is planned yet. */
const repeat = (week, { people, shifts }, read) =>
  attempt(async () => {
    const taken = new Set(shifts.map(at));
    const known = new Set(people.map(({ login }) => login));
    const before = await between(later(week[0], -7), later(week[6], -7));
    const planned = before
      .filter(({ login }) => known.has(login))
      .map((shift) => shiftOf(shift.login, later(shift.day, 7), hoursOf(shift)))
      .filter((shift) => !taken.has(at(shift)));
    if (!planned.length) return toast(O.plan.nothing);
    await put("/shifts", { shifts: planned });
    return read();
  });
