// The knowledge base: an answer is one search away, and one key turns it into text to read aloud.
import { html, useEffect, useRef, useState } from "../../vendor/preact-htm.js";
import { get, part } from "../api.js";
import { now } from "../clock.js";
import { day, telephone } from "../format.js";
import { markdown } from "../markdown.js";
import { state, update, useStore } from "../store.js";
import { attempt } from "../tell.js";
import { T } from "../texts.js";
import { Button, Mark, rowKeys, useKey } from "../widgets.js";

const TYPED_MS = 180;

/** Results of a search that follows the typing; an older answer never replaces a newer one. */
function useSearch(query) {
  const [found, setFound] = useState(null);
  const turn = useRef(0);
  useEffect(() => {
    const mine = ++turn.current;
    setFound(null);
    if (query.trim().length < 2) return undefined;
    const timer = setTimeout(async () => {
      const answer = await attempt(() => get("/kb/search", { q: query.trim() }));
      if (mine === turn.current && answer) setFound(answer.articles);
    }, TYPED_MS);
    return () => clearTimeout(timer);
  }, [query]);
  return found;
}

const open = (id) =>
  attempt(async () => update({ article: await get(`/kb/articles/${part(id)}`), aloud: false }));

function typed({ target }) {
  const began = state.prepare ?? (state.talk && target.value.length > 1 ? now() : null);
  update({ search: target.value, article: null, prepare: began });
}

export function Knowledge({ card }) {
  const s = useStore();
  const field = useRef(null);
  const found = useSearch(s.search);
  const suggested = card?.robot?.topic;
  useEffect(() => field.current.focus(), [s.focusSearch]);
  useKey("search", () => {
    field.current.focus();
    field.current.select();
  });
  const eager = useRef(false); // Enter came before the results
  useEffect(() => {
    if (eager.current && found?.[0]) open(found[0].id);
    eager.current = false;
  }, [found]);
  const go = (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      if (found?.[0]) open(found[0].id);
      else eager.current = true;
    }
    if (event.key === "ArrowDown") {
      event.preventDefault();
      event.currentTarget.closest("div.stack").querySelector("[data-row] button")?.focus();
    }
  };
  return html`<div class="stack">
    <label class="field"
      ><span class="label row apart"><span>${T.kb.search}</span><kbd>F9</kbd></span>
      <input
        ref=${field}
        class="input"
        type="search"
        name="kb-search"
        value=${s.search}
        maxlength="200"
        autocomplete="off"
        onInput=${typed}
        onKeyDown=${go}
    /></label>
    ${
      s.article
        ? html`<${Article} article=${s.article} />`
        : html`<${Found} found=${found} suggested=${s.search ? null : suggested} />`
    }
  </div>`;
}

function Found({ found, suggested }) {
  if (found?.length === 0) return html`<p class="nothing">${T.kb.empty}</p>`;
  const rows = found ?? (suggested ? [suggested] : []);
  if (!rows.length) return html`<p class="nothing">${T.kb.start}</p>`;
  return html`<ul class="list" onKeyDown=${rowKeys}>
    ${rows.map(
      ({ id, title, short, personal }) =>
        html`<li class="item" key=${id} data-row>
          <div>
            <strong class="words">${title}</strong>${personal && html` <${Mark}>${T.kb.personal}</${Mark}>`}
            <div class="muted small words">${short}</div>
          </div>
          <div class="doing"><${Button} label=${T.kb.full} kind="low" onClick=${() => open(id)} /></div>
        </li>`,
    )}
  </ul>`;
}

function Article({ article }) {
  const { aloud } = useStore();
  const turn = () => update({ aloud: !aloud });
  const facts = [
    article.sources.length && `${T.kb.sources}: ${article.sources.join("; ")}`,
    article.valid_to && `${T.kb.valid} ${day(article.valid_to)}`,
  ];
  return html`<article class="stack loose" data-article=${article.id}>
    <div class="row apart">
      <h2 class="words">${article.title}</h2>
      <${Button}
        label=${aloud ? T.kb.full : T.kb.aloud}
        k="aloud"
        kind=${aloud ? "on" : "main"}
        onClick=${turn}
      />
    </div>
    <div class=${`box ${aloud ? "say" : ""}`}>
      <div class=${`article ${aloud ? "aloud" : ""}`}>${aloud ? article.short : markdown(article.full)}</div>
    </div>
    <${Offices} offices=${article.offices ?? []} />
    <p class="muted small words">${facts.filter(Boolean).join(" · ")}</p>
  </article>`;
}

const Offices = ({ offices }) =>
  offices.length
    ? html`<ul class="list">
        ${offices.map(
          ({ id, title, address, phones, hours }) =>
            html`<li class="item" key=${id}>
              <div class="words">
                <strong>${title}</strong>
                <div>${address}</div>
                <div class="small muted">
                  ${[hours, ...phones.map(telephone)].filter(Boolean).join(" · ")}
                </div>
              </div>
            </li>`,
        )}
      </ul>`
    : null;
