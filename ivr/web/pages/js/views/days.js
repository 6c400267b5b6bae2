// The visits of a day: appointments in offices and visits at home, who came, moving and giving back.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { fromAddress, toAddress } from "../address.js";
import { get, part, post } from "../api.js";
import { now } from "../clock.js";
import { clockTime, dateOf, joined, today } from "../format.js";
import { update, useStore } from "../store.js";
import { attempt, faultText } from "../tell.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { Button, Choice, Dialog, Field, Mark, Options, control, rowKeys } from "../widgets.js";
import { leave } from "./back.js";
import { Slots, useSlots } from "./visit.js";

const KINDS = {
  office: {
    path: "/appointments",
    rows: (told) => told.appointments,
    query: ({ day, office }) => ({ day, office }),
    met: (came) => ({ came }),
    words: [O.visits.came, O.visits.noShow],
    when: (row) => clockTime(row.starts_at),
    where: (row) => joined([row.office_title, row.address], ", "),
  },
  home: {
    path: "/visits",
    rows: (told) => told.visits,
    query: ({ day }) => ({ since: day, until: day }),
    met: (tookPlace) => ({ took_place: tookPlace }),
    words: [O.visits.done, O.visits.failed],
    when: (row) => row.window,
    where: (row) => joined([row.address, row.reason], ", "),
  },
};
const TABS = ["office", "home"].map((id) => ({ id, title: O.visits[id] }));
const SEGMENTS = [
  { id: "private", title: O.visits.people },
  { id: "corporate", title: O.visits.companies },
];
const sooner = (a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at);

function useVisits(kind, filter) {
  const { visited } = useStore();
  const [rows, setRows] = useState(null);
  useEffect(() => {
    setRows(null);
    if (!filter.day) return undefined;
    let latest = true;
    const { path, query, rows: rowsOf } = KINDS[kind];
    attempt(async () => {
      const told = rowsOf(await get(path, query(filter)));
      if (latest) setRows([...told].sort(sooner));
    });
    return () => {
      latest = false;
    };
  }, [kind, filter.day, filter.office, visited]);
  return rows;
}

/** A list of its own between calls; within a talk beside the forms that book. */
export function Days() {
  const { words } = useStore();
  const [filter, setFilter] = useState(() => fromAddress({ visits: "office", day: today(), office: "" }));
  const kind = KINDS[filter.visits] ? filter.visits : "office";
  const rows = useVisits(kind, filter);
  const set = (patch) => {
    setFilter({ ...filter, ...patch });
    toAddress(patch);
  };
  return html`<div class="stack">
    <div class="filters">
      <${Choice}
        name="days-kind"
        label=${O.visits.day}
        options=${TABS}
        value=${kind}
        onChange=${(visits) => set({ visits })}
      />
      <${Field} name="days-day" label=${T.visit.day}
        ><input
          ...${control("days-day")}
          type="date"
          value=${filter.day}
          onInput=${({ target }) => set({ day: target.value })}
      /></${Field}>
      ${
        kind === "office" &&
        html`<${Field} name="days-office" label=${T.visit.office}
          ><select ...${control("days-office")} onChange=${({ target }) => set({ office: target.value })}>
            <${Options} options=${words.offices ?? []} value=${filter.office} none=${O.visits.all} /></select
        ></${Field}>`
      }
    </div>
    ${
      rows?.length
        ? html`<ul class="list" onKeyDown=${rowKeys} aria-label=${O.visits[kind]}>
            ${rows.map((row) => html`<${Row} key=${row.number} kind=${kind} row=${row} />`)}
          </ul>`
        : html`<p class="nothing">${rows ? O.visits.none : "…"}</p>`
    }
  </div>`;
}

const changed = () => update({ visited: {} });

const note = (kind, row, took) =>
  attempt(async () => {
    await post(`${KINDS[kind].path}/${part(row.number)}/met`, KINDS[kind].met(took));
    changed();
  });

function Row({ kind, row }) {
  const { when, where, words } = KINDS[kind];
  const open = row.status === "booked";
  const begun = Date.parse(row.starts_at) <= now();
  const ask = (dialog) => () => update({ dialog: { kind: dialog, visits: kind, row } });
  return html`<li class="item" data-row data-visit=${row.number} tabindex=${open ? undefined : 0}>
    <div>
      <div class="row">
        <strong class="nowrap">${when(row)}</strong><span class="words">${row.client}</span>
        ${!open && html`<${Mark} kind=${row.status === "came" ? "good" : ""}>${O.visits.statuses[row.status]}</${Mark}>`}
      </div>
      <div class="small muted words">
        ${joined([where(row), row.account && `№ ${row.account}`, row.phone, row.number])}
      </div>
    </div>
    ${
      open &&
      html`<div class="doing">
        ${begun && html`<${Button} label=${words[0]} onClick=${() => note(kind, row, true)} />`}
        ${begun && html`<${Button} label=${words[1]} onClick=${() => note(kind, row, false)} />`}
        ${kind === "office" && !begun && html`<${Button} label=${O.visits.move} onClick=${ask("move")} />`}
        ${!begun && html`<${Button} label=${O.visits.cancel} onClick=${ask("cancel")} />`}
      </div>`
    }
  </li>`;
}

/** Give the time back, once one is sure. */
export function Cancel({ visits, row }) {
  const go = () =>
    attempt(async () => {
      await post(`${KINDS[visits].path}/${part(row.number)}/cancel`);
      changed();
      leave();
    });
  return html`<${Dialog} title=${O.visits.cancel} onClose=${() => leave()}
    ><p>${joined([KINDS[visits].when(row), row.client, KINDS[visits].where(row)])}</p>
    <p>${O.visits.sure}</p>
    <div class="row">
      <${Button} label=${O.visits.cancel} kind="no" data-first onClick=${go} /><${Button}
        label=${T.common.cancel}
        onClick=${() => leave()}
      /></div
  ></${Dialog}>`;
}

/** Another time at the same office. */
export function Move({ row }) {
  const [segment, setSegment] = useState("private");
  const [day, setDay] = useState(dateOf(Date.parse(row.starts_at)));
  const [at, setAt] = useState("");
  const [wrong, setWrong] = useState(null);
  const slots = useSlots("/appointments/slots", { office: row.office, day, segment });
  const go = async () => {
    try {
      await post(`/appointments/${part(row.number)}/move`, { starts_at: at, segment });
      changed();
      leave();
    } catch (error) {
      setWrong(faultText(error));
    }
  };
  return html`<${Dialog} title=${`${O.visits.move} ${row.number}`} onClose=${() => leave()} wide
    ><p>${joined([row.office_title, row.client])}</p>
    <${Choice} name="move-segment" label=${O.visits.whose} options=${SEGMENTS} value=${segment} onChange=${setSegment} />
    <${Field} name="move-day" label=${T.visit.day}
      ><input ...${control("move-day")} type="date" value=${day} onInput=${({ target }) => setDay(target.value)}
    /></${Field}>
    <${Slots} slots=${slots} value=${at} onChange=${setAt} />
    ${wrong && html`<p class="bad strong" role="alert">▲ ${wrong}</p>`}
    <div><${Button} label=${O.visits.move} k="save" kind="main" disabled=${!at} onClick=${go} /></div></${Dialog}
  >`;
}
