// Listening to an operator's talk on one's own telephone, whispering to him, joining; a bar tells of it.
import { html, useEffect } from "../../../vendor/preact-htm.js";
import { del, get, part, post, put } from "../../api.js";
import { attempt } from "../../tell.js";
import { Button, Timer, useKey } from "../../widgets.js";
import { onEvent } from "../events.js";
import { state, toast, update, useStore } from "../store.js";
import { F } from "../texts-floor.js";

const L = F.listen;
const MODES = { listen: "hearTalk", whisper: "whisper", join: "joinTalk" };

const mine = ({ listener }) => listener === state.session?.user.login;
const at = (login) => `/floor/${part(login)}/listen`;

function changed(told) {
  if (!mine(told)) return;
  if (!told.over) return update({ listening: told });
  if (state.listening?.order_id !== told.order_id) return;
  update({ listening: null });
  toast(L.over);
}

const read = () => attempt(async () => update({ listening: (await get("/listening")).mine }));

const listen = ({ login }) => attempt(async () => update({ listening: await post(at(login), { mode: "listen" }) }));

/** The deed at an operator. */
export function Listen({ agent }) {
  const { listening, session } = useStore();
  const talking = agent.state === "talking" && agent.login !== session.user.login;
  return html`<${Button}
    label=${L.deed}
    icon="◉"
    disabled=${!talking || Boolean(listening)}
    title=${talking ? undefined : L.idle}
    onClick=${() => listen(agent)}
  />`;
}

/** Whom one listens to, who hears one, and how to end it. */
export function ListeningBar() {
  const { listening } = useStore();
  useEffect(() => {
    read();
    const ends = [onEvent("listening", changed), onEvent("resync", read), onEvent("link-back", read)];
    return () => ends.forEach((end) => end());
  }, []);
  return listening ? html`<${Bar} one=${listening} />` : null;
}

function Bar({ one }) {
  const rings = one.stage === "ringing";
  const leave = () => attempt(() => del(at(one.agent)));
  return html`<div class=${`hear-bar ${one.mode}`} role="region" aria-label=${L.title} data-listening=${one.stage}>
    <strong class="cut" role="status">${rings ? `${L.rings} (${one.agent_name})` : `${L.title}: ${one.agent_name}`}</strong>
    <${Timer} since=${one.since} className="figure" />
    <span class="hear-modes" role="group" aria-label=${L.mode}>
      ${Object.keys(MODES).map((mode) => html`<${Mode} key=${mode} mode=${mode} one=${one} rings=${rings} />`)}
    </span>
    <span class="small cut" data-heard-by>${L.modes[one.mode][1]}</span>
    <${Button} label=${L.leave} k="hangUp" kind="no" onClick=${leave} />
  </div>`;
}

function Mode({ mode, one, rings }) {
  const set = () => attempt(async () => update({ listening: await put(at(one.agent), { mode }) }));
  const [title, hint] = L.modes[mode];
  const chosen = mode === one.mode;
  useKey(MODES[mode], set, !rings && !chosen);
  return html`<${Button}
    label=${title}
    k=${MODES[mode]}
    kind=${chosen ? "main" : ""}
    takeKey=${false}
    disabled=${rings}
    aria-pressed=${chosen}
    title=${hint}
    onClick=${() => (chosen ? undefined : set())}
  />`;
}
