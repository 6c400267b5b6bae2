// «Talks»: conversations found, heard, kept and taken away.
import { html, useEffect, useState } from "../../vendor/preact-htm.js";
import { get } from "../api.js";
import { attempt } from "../tell.js";
import { Button, Fault } from "../widgets.js";
import { useStore } from "./store.js";
import { Call } from "./talks/call.js";
import { Export } from "./talks/deeds.js";
import { SearchForm } from "./talks/form.js";
import { List, counted, useSort } from "./talks/list.js";
import { keep, viewed } from "./talks/place.js";
import { useSearch } from "./talks/search.js";
import { R } from "./texts-talks.js";

const NO_WORDS = { lines: {}, topics: {}, agents: {}, queues: {}, export_files: 0, export_bytes: 0, texts: false };

function useWords() {
  const [words, setWords] = useState(NO_WORDS);
  useEffect(() => {
    attempt(() => get("/recordings/words")).then((told) => told && setWords(told));
  }, []);
  return words;
}

/** Times are the company's: nothing is drawn before its zone is known. */
export const Talks = () => (useStore().read ? html`<${Part} />` : html`<p class="nothing">…</p>`);

function Part() {
  const words = useWords();
  const search = useSearch();
  const [sort, onSort] = useSort();
  const [{ call: chosen, recording }, setChosen] = useState(viewed());
  const [picked, setPicked] = useState(new Set());
  const [exporting, setExporting] = useState(false);
  const choose = (call, recording = "") => {
    keep({ call, recording });
    setChosen({ call, recording });
  };
  const { rows, with: asked } = search.found;
  useEffect(() => setPicked(new Set()), [asked]);
  return html`<div class="talks" data-part="talks">
    <${SearchForm} search=${search} words=${words} />
    <div class="talks-sides">
      <section class="talks-list" aria-busy=${search.busy}>
        <div class="row apart talks-head">
          <span role="status">${rows && counted(rows)}</span>
          <span class="talks-fault" id=${`${Object.keys(search.errors)[0] ?? "search"}-wrong`}
            ><${Fault} text=${search.fault}
          /></span>
          <${Button}
            label=${picked.size ? `${R.export.open.replace("…", "")} (${picked.size})…` : R.export.open}
            kind="low"
            disabled=${!rows?.length}
            onClick=${() => setExporting(true)}
          />
        </div>
        <${List}
          search=${search}
          words=${words}
          picked=${picked}
          onPick=${setPicked}
          chosen=${chosen}
          onChoose=${choose}
          sort=${sort}
          onSort=${onSort}
        />
      </section>
      <section class="talks-one">
        ${
          chosen
            ? html`<${Call}
                callId=${chosen}
                recordingId=${recording}
                row=${rows?.find((row) => row.call_id === chosen)}
                words=${words}
                onClose=${() => choose("")}
                onChange=${search.replace}
              />`
            : html`<p class="nothing">${R.call.choose}</p>`
        }
      </section>
    </div>
    ${exporting && html`<${Export} picked=${picked} asked=${asked} words=${words} onClose=${() => setExporting(false)} />`}
  </div>`;
}
