// Who does what now; who may, readies a colleague, pauses him, or signs him out.
import { html, useState } from "../../vendor/preact-htm.js";
import { part, put } from "../api.js";
import { useFloor } from "../floor.js";
import { joined } from "../format.js";
import { may, useStore } from "../state.js";
import { attempt } from "../tell.js";
import { O } from "../texts-office.js";
import { T } from "../texts.js";
import { Button, Dialog, Mark, Timer, rowKeys } from "../widgets.js";

/** The event `agent` draws what came of it. */
export const move = ({ login }, state, reason) =>
  attempt(async () => {
    await put(`/floor/${part(login)}/state`, { state, reason });
    return true;
  });

export function Team() {
  const agents = useFloor();
  const [asked, ask] = useState(null); // {View, agent}
  if (!agents?.length) return html`<p class="nothing">${agents ? O.lead.nobody : "…"}</p>`;
  return html`<ul class="list" onKeyDown=${rowKeys} aria-label=${O.lead.floor}>
      ${agents.map((one) => html`<${Agent} key=${one.login} agent=${one} ask=${ask} />`)}
    </ul>
    ${asked && html`<${asked.View} agent=${asked.agent} shut=${() => ask(null)} />`}`;
}

function Agent({ agent, ask }) {
  const { queues } = useStore();
  const titles = agent.skills.map((skill) => queues.find(({ queue }) => queue === skill)?.title ?? skill);
  return html`<li class="item" data-row data-agent=${agent.login} data-state=${agent.state}>
    <div>
      <div class="row">
        <strong>${agent.name}</strong><span class="muted">${agent.extension}</span>
        ${!agent.reachable && agent.state !== "offline" && html`<${Mark} kind="bad" icon="▲">${O.lead.unreachable}</${Mark}>`}
        ${agent.missed > 0 && html`<${Mark} kind="warn">${`${O.lead.missed}: ${agent.missed}`}</${Mark}>`}
      </div>
      <div class="row">
        <span aria-hidden="true">${T.lamps[agent.state]}</span
        ><strong>${joined([T.states[agent.state], agent.state === "paused" && agent.reason_title], ": ")}</strong
        >${agent.since && html`<${Timer} since=${agent.since} />`}
      </div>
      <div class="small muted words">${titles.join(", ")}</div>
    </div>
    ${may("floor") && agent.state !== "offline" && html`<${Deeds} agent=${agent} ask=${ask} />`}
  </li>`;
}

const Deeds = ({ agent, ask }) =>
  html`<div class="doing" role="group" aria-label=${agent.name}>
    <${Button}
      label=${O.lead.ready}
      disabled=${agent.state === "ready"}
      onClick=${() => move(agent, "ready")}
    /><${Button} label=${T.state.pause} onClick=${() => ask({ View: Pause, agent })} /><${Button}
      label=${O.lead.signOut}
      onClick=${() => ask({ View: SignOut, agent })}
    />
  </div>`;

export function Pause({ agent, shut }) {
  const { words } = useStore();
  const go = async (reason) => {
    if (await move(agent, "paused", reason)) shut();
  };
  return html`<${Dialog} title=${`${T.state.reason}: ${agent.name}`} onClose=${shut}
    ><ul class="list" onKeyDown=${rowKeys}>
      ${(words.pause_reasons ?? []).map(
        ({ id, title }, at) =>
          html`<li class="item" key=${id} data-row>
            <span>${title}</span
            ><${Button} label=${T.state.pause} data-first=${at === 0 || undefined} onClick=${() => go(id)} />
          </li>`,
      )}
    </ul>
    <p class="muted">${O.lead.afterTalk}</p></${Dialog}
  >`;
}

export function SignOut({ agent, shut }) {
  const go = async () => {
    if (await move(agent, "offline")) shut();
  };
  return html`<${Dialog} title=${`${O.lead.signOut}: ${agent.name}`} onClose=${shut}
    ><p>${O.lead.signOutAsk}</p>
    <p class="muted">${O.lead.afterTalk}</p>
    <div class="row">
      <${Button} label=${O.lead.signOut} kind="no" data-first onClick=${go} /><${Button}
        label=${T.common.cancel}
        onClick=${shut}
      />
    </div></${Dialog}
  >`;
}
