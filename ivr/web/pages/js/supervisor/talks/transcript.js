// The words of a recording follow its sound; a press on them leads there.
import { html, useEffect, useRef, useState } from "../../../vendor/preact-htm.js";
import { SignedOut, get, part } from "../../api.js";
import { duration, joined } from "../../format.js";
import { faultText } from "../../tell.js";
import { Fault } from "../../widgets.js";
import { clauseOf, useWords } from "../quality/data.js";
import { may } from "../store.js";
import { Q } from "../texts-quality.js";

/** What was said in a recording: {told, fault}. */
function useTranscript(recordingId) {
  const [read, setRead] = useState({ told: null, fault: "" });
  useEffect(() => {
    let mine = true;
    setRead({ told: null, fault: "" });
    get(`/recordings/${part(recordingId)}/transcript`)
      .then((told) => mine && setRead({ told, fault: "" }))
      .catch((error) => mine && setRead({ told: null, fault: error instanceof SignedOut ? "" : faultText(error) }));
    return () => {
      mine = false;
    };
  }, [recordingId]);
  return read;
}

export const Transcript = ({ recordingId, at, seek }) =>
  recordingId && may("quality")
    ? html`<${Words} key=${recordingId} recordingId=${recordingId} at=${at} seek=${seek} />`
    : null;

function Words({ recordingId, at, seek }) {
  const { told, fault } = useTranscript(recordingId);
  if (fault) return html`<${Fault} text=${fault} />`;
  if (!told || told.state === "none") return null;
  return html`<section class="stack" aria-label=${Q.words.title} data-transcript=${recordingId}>
    <h3>${Q.words.title}</h3>
    ${
      told.state === "done" && told.utterances.length
        ? html`<${Said} told=${told} at=${at * 1000} seek=${(ms) => seek(recordingId, ms / 1000)} />`
        : html`<p class="muted">${told.state === "done" ? Q.words.empty : joined([Q.words[told.state], Q.words.reasons[told.reason]], " ")}</p>`
    }
  </section>`;
}

/** Index of what is heard now: the last that has begun. */
export const heardAt = (utterances, ms) => utterances.findLastIndex(({ begin_ms }) => begin_ms <= ms + 50);

/** Marks by the utterance in which they lie, or before which. */
export function marksBy(utterances, marks) {
  const found = utterances.map(() => []);
  for (const mark of marks) found[Math.max(0, heardAt(utterances, mark.at_ms))]?.push(mark);
  return found;
}

function Said({ told: { utterances, marks }, at, seek }) {
  const names = useWords()?.agents ?? {};
  const who = ({ side, agent }) => (side === "person" ? (names[agent] ?? Q.words.person) : Q.words[side]);
  const list = useRef(null);
  const here = at > 0 ? heardAt(utterances, at) : -1;
  useEffect(() => {
    const row = list.current?.children[here];
    if (!row) return;
    const box = list.current;
    const away = row.offsetTop < box.scrollTop || row.offsetTop + row.offsetHeight > box.scrollTop + box.clientHeight;
    if (away) box.scrollTop = row.offsetTop - box.clientHeight / 3;
  }, [here]);
  const marked = marksBy(utterances, marks);
  return html`<ol class="words-list" ref=${list} tabindex="-1">
    ${utterances.map(
      (said, n) =>
        html`<li key=${n} class=${`${said.side} ${n === here ? "heard" : ""}`} aria-current=${n === here || undefined}>
          <button type="button" class="words-one" onClick=${() => seek(said.begin_ms)} aria-label=${`${who(said)}: ${said.text}. ${Q.words.from} ${duration(said.begin_ms / 1000)}`}>
            <span class="from">${duration(said.begin_ms / 1000)} ${who(said)}</span>${said.text}
          </button>
          ${marked[n].map((mark) => html`<${MarkHere} key=${mark.id} mark=${mark} />`)}
        </li>`,
    )}
  </ol>`;
}

const MarkHere = ({ mark }) =>
  html`<span class=${`words-mark ${mark.verdict}`}
    ><span aria-hidden="true">▲ </span>${joined([Q.marks.kinds[mark.kind], mark.kind === "forbidden" && mark.rule, clauseOf(mark), mark.verdict !== "open" && Q.marks.verdictsOne[mark.verdict]])}</span
  >`;
