// Every call with what came of it; a click leads to the conversation and its recording.
import { html, useEffect, useState } from "../../../vendor/preact-htm.js";
import { get, part } from "../../api.js";
import { duration, figure, moment, telephone } from "../../format.js";
import { attempt } from "../../tell.js";
import { Button, Field, FormBody, Options, control, rowKeys } from "../../widgets.js";
import { linkTo } from "../places.js";
import { may } from "../store.js";
import { C } from "../texts-campaigns.js";

const A = C.attempts;
const BLANK = { disposition: "", outcome: "", account: "", number: "" };

/** What is looked for stays out of the address: numbers and accounts are personal. */
function useAttempts(path, target) {
  const [asked, setAsked] = useState(BLANK);
  const [found, setFound] = useState({ rows: null, next: null });
  const read = async (before = null) => {
    const told = await attempt(() => get(`${path}/attempts`, { ...asked, target, before }));
    if (told) setFound((last) => ({ rows: before ? [...last.rows, ...told.attempts] : told.attempts, next: told.next }));
  };
  useEffect(() => {
    read();
  }, [asked, target]);
  return { ...found, asked, setAsked, more: () => read(found.next) };
}

export function Attempts({ told, path, words, place, show }) {
  const search = useAttempts(path, place.person);
  const titles = { outcome: (id) => words.outcomes[id] ?? id, disposition: (id) => words.dispositions[id] ?? id };
  const ofPerson = (person) => show("attempts", { person });
  return html`<div class="camp-attempts" data-attempts>
    ${
      place.person
        ? html`<div class="row"><strong>${A.person}</strong><${Button} label=${A.everyone} kind="low" onClick=${() => ofPerson("")} /><a class="button low" href=${`/api${path}/proof?target=${part(place.person)}`} target="_blank" rel="noopener">${C.proof}</a></div>`
        : html`<${Filter} search=${search} course=${told.course} titles=${titles} />`
    }
    ${search.rows && (search.rows.length ? html`<${Table} rows=${search.rows} titles=${titles} ofPerson=${ofPerson} />` : html`<p class="nothing">${A.none}</p>`)}
    ${search.next && html`<div class="row"><${Button} label=${A.more} onClick=${search.more} /></div>`}
  </div>`;
}

function Filter({ search, course, titles }) {
  const [wish, setWish] = useState(search.asked);
  const options = (of, counts) => Object.keys(counts).filter(Boolean).map((id) => ({ id, title: titles[of](id) }));
  const chosen = (name) => ({ target }) => {
    const next = { ...wish, [name]: target.value };
    setWish(next);
    search.setAsked(next);
  };
  const digits = (name) => ({ target }) => setWish({ ...wish, [name]: target.value.replace(/\D/g, "") });
  const select = (name, label, list) =>
    html`<${Field} name=${`camp-${name}`} label=${label}><select ...${control(`camp-${name}`)} onChange=${chosen(name)}><${Options} options=${list} value=${wish[name]} none=${A.all} /></select></${Field}>`;
  const typed = (name, label, hint) =>
    html`<${Field} name=${`camp-${name}`} label=${label}><input ...${control(`camp-${name}`)} inputmode="numeric" autocomplete="off" placeholder=${hint} maxlength="16" value=${wish[name]} onInput=${digits(name)} /></${Field}>`;
  return html`<${FormBody} go=${() => search.setAsked(wish)} className="camp-filter">
    ${select("disposition", A.disposition, options("disposition", course.dispositions))}
    ${select("outcome", A.outcome, options("outcome", course.outcomes))}
    ${typed("account", A.account)} ${typed("number", A.number, A.last)}
    <${Button} label=${A.find} type="submit" />
  </${FormBody}>`;
}

function Table({ rows, titles, ofPerson }) {
  return html`<table aria-label=${C.views.attempts} onKeyDown=${rowKeys}>
    <thead>
      <tr>
        <th scope="col">${A.at}</th><th scope="col">${A.account}</th><th scope="col">${A.number}</th><th scope="col">${A.disposition}</th>
        <th scope="col" class="figure">${A.talk}</th><th scope="col">${A.outcome}</th><th scope="col">${A.evidence}</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (one) =>
          html`<tr key=${one.id} data-row data-attempt=${one.call_id}>
            <td class="nowrap"><button type="button" class="link" title=${A.person} onClick=${() => ofPerson(String(one.target_id))}>${moment(one.dialled_at ?? one.written_at)}</button></td>
            <td>${one.account}</td>
            <td class="nowrap">${telephone(one.number)}</td>
            <td>${one.disposition ? titles.disposition(one.disposition) : A.open}${one.cause > 0 && html` <span class="small muted nowrap">${A.cause} ${figure(one.cause)}</span>`}</td>
            <td class="figure">${one.talk_seconds === null ? "" : duration(one.talk_seconds)}</td>
            <td class="words">${one.outcome && titles.outcome(one.outcome)}<span class="small muted"> ${one.gathered}</span></td>
            <td class="nowrap">${one.recorded && may("recordings") && html`<a href=${linkTo("talks", { call: one.call_id })}>${A.hear}</a>`}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
