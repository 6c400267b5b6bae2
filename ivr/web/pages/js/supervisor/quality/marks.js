// What to look at in talks: heard, judged, and the next one comes.
import { html, useState } from "../../../vendor/preact-htm.js";
import { get, part, post } from "../../api.js";
import { duration, joined, listed, moment } from "../../format.js";
import { attempt, faultText } from "../../tell.js";
import { Button, Choice, Fault, Field, FormBody, Mark, Options, control, rowKeys } from "../../widgets.js";
import { linkTo } from "../places.js";
import { toast } from "../store.js";
import { useSound } from "../talks/sound.js";
import { Q } from "../texts-quality.js";
import { clauseOf, spanOf, useRead } from "./data.js";

const BEFORE_SECONDS = 2;
const KINDS = { open: "warn", confirmed: "bad", false: "good" };

export function Marks({ place, go, words }) {
  const question = { verdict: place.verdict, kind: place.kind, agent: place.agent, ...spanOf(place.month) };
  const [told, setTold] = useRead("/quality/marks", question);
  const marks = told?.marks ?? [];
  const chosen = marks.find(({ id }) => String(id) === place.mark) ?? marks[0];
  const next = () => marks[marks.indexOf(chosen) + 1] ?? marks.find((one) => one !== chosen);
  const done = (mark) => {
    const following = next();
    const stays = !place.verdict || place.verdict === mark.verdict;
    const counts = { ...told.counts };
    counts[chosen.verdict] -= 1;
    counts[mark.verdict] += 1;
    setTold({
      ...told,
      counts,
      marks: stays ? marks.map((one) => (one.id === mark.id ? mark : one)) : marks.filter(({ id }) => id !== mark.id),
    });
    go({ mark: following ? String(following.id) : "" });
  };
  const more = async () => {
    const last = marks.at(-1);
    const answer = await attempt(() => get("/quality/marks", { ...question, before_at: last.talk_at, before_id: last.id }));
    if (answer) setTold({ ...answer, marks: [...marks, ...answer.marks] });
  };
  return html`<div class="quality-sides">
    <section class="talks-list" aria-busy=${!told}>
      <div class="row talks-head"><${Filters} place=${place} go=${go} counts=${told?.counts} /></div>
      ${told && !marks.length && html`<p class="nothing">${place.verdict === "open" && !place.kind && !place.agent ? Q.marks.noneOpen : Q.marks.none}</p>`}
      ${marks.length > 0 && html`<${Rows} marks=${marks} words=${words} chosen=${chosen} onChoose=${(id) => go({ mark: String(id) })} />`}
      ${told?.more && html`<div class="row talks-more"><${Button} label=${Q.marks.more} onClick=${more} /></div>`}
    </section>
    <section class="talks-one">
      ${chosen ? html`<${One} key=${chosen.id} mark=${chosen} words=${words} onDone=${done} onSkip=${() => next() && go({ mark: String(next().id) })} />` : html`<p class="nothing">${told ? Q.marks.choose : "…"}</p>`}
    </section>
  </div>`;
}

function Filters({ place, go, counts }) {
  const verdicts = listed(Q.marks.verdicts).map(({ id, title }) => ({
    id,
    title: counts ? `${title} (${counts[id]})` : title,
  }));
  return html`<${Choice} label=${Q.marks.verdict} name="quality-verdict" options=${verdicts} value=${place.verdict} onChange=${(verdict) => go({ verdict, mark: "" })} whole=${false} />
    <${Field} name="quality-kind" label=${Q.marks.kind}
      ><select ...${control("quality-kind")} value=${place.kind} onChange=${({ target }) => go({ kind: target.value, mark: "" })}>
        <${Options} options=${listed(Q.marks.kinds)} value=${place.kind} none=${Q.marks.any} /></select
    ></${Field}>`;
}

const Rows = ({ marks, words, chosen, onChoose }) =>
  html`<table class="talks-table quality-marks" aria-label=${Q.marks.label} onKeyDown=${rowKeys}>
    <thead>
      <tr><th>${Q.marks.at}</th><th>${Q.agent}</th><th>${Q.marks.what}</th><th class="figure">${Q.marks.place}</th></tr>
    </thead>
    <tbody>
      ${marks.map(
        (row) =>
          html`<tr data-row data-mark=${row.id} key=${row.id} class=${row === chosen ? "chosen" : ""} aria-current=${row === chosen || undefined} onClick=${() => onChoose(row.id)}>
            <td class="nowrap"><button type="button" class="link" onClick=${() => onChoose(row.id)}>${moment(row.talk_at)}</button></td>
            <td class="cut">${words?.agents[row.agent] ?? row.agent ?? "—"}</td>
            <td class="about">${joined([Q.marks.kinds[row.kind], row.kind === "forbidden" && row.rule.split(" — ")[0]])}</td>
            <td class="figure">${duration(row.at_ms / 1000)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;

function One({ mark, words, onDone, onSkip }) {
  const [note, setNote] = useState(mark.note);
  const [fault, setFault] = useState("");
  const settle = async (verdict) => {
    try {
      const done = await post(`/quality/marks/${mark.id}`, { verdict, note });
      toast(Q.marks.saved, "good");
      onDone(done);
    } catch (error) {
      setFault(faultText(error));
    }
  };
  return html`<article class="talk-call" data-one=${mark.id}>
    <h2 class="words">${Q.marks.kinds[mark.kind]}</h2>
    <div class="row">
      <${Mark} kind=${KINDS[mark.verdict]}>${Q.marks.verdictsOne[mark.verdict]}</${Mark}>
      <${Mark} kind="accent">${clauseOf(mark)}</${Mark}>
      <span class="words">${joined([words?.agents[mark.agent] ?? mark.agent, moment(mark.talk_at)])}</span>
    </div>
    ${mark.kind === "forbidden" && html`<p class="words">${mark.rule}</p>`}
    <p class="words">${mark.words ? html`${Q.marks.said}: <q>${mark.words}</q>` : html`<span class="muted">${Q.marks.nothingSaid}</span>`}</p>
    <${Sound} mark=${mark} />
    <${FormBody} go=${() => settle("confirmed")}>
      <${Field} name="mark-note" label=${Q.marks.note}
        ><input ...${control("mark-note")} type="text" maxlength="500" autocomplete="off" value=${note} onInput=${({ target }) => setNote(target.value)}
      /></${Field}>
      <${Fault} text=${fault} />
      <div class="row">
        ${
          mark.verdict === "open"
            ? html`<${Button} label=${Q.marks.confirm} kind="main" k="save" onClick=${() => settle("confirmed")} /><${Button} label=${Q.marks.false} onClick=${() => settle("false")} />`
            : html`<${Button} label=${Q.marks.reopen} onClick=${() => settle("open")} />`
        }
        <${Button} label=${Q.marks.skip} onClick=${onSkip} />
      </div>
    </${FormBody}>
    ${mark.resolved_by && html`<p class="muted">${joined([`${Q.marks.by} ${words?.agents[mark.resolved_by] ?? mark.resolved_by}`, moment(mark.resolved_at)])}</p>`}
  </article>`;
}

function Sound({ mark }) {
  const src = `/api/recordings/${part(mark.recording_id)}/sound`;
  const sound = useSound(src, Number.POSITIVE_INFINITY, Q.marks.noSound);
  const press = () => {
    if (sound.playing) return sound.toggle();
    sound.seek(Math.max(0, mark.at_ms / 1000 - BEFORE_SECONDS));
    return sound.play();
  };
  return html`<div class="row">
    <audio ref=${sound.ref} src=${src} preload="none"></audio>
    <${Button} label=${sound.playing ? Q.marks.pause : Q.marks.listen} icon=${sound.playing ? "❚❚" : "▶"} kind="player-go" k="pause" onClick=${() => { press(); }} />
    <span role="timer">${duration(sound.at)}</span>
    <a href=${linkTo("talks", { call: mark.call_id })}>${Q.marks.whole}</a>
    <${Fault} text=${sound.fault} />
  </div>`;
}
