// Lists of targets on their way: sent, watched until the end, broken off; known again after a reload.
import { useEffect, useRef, useState } from "../../../vendor/preact-htm.js";
import { NoNetwork, Refused, get, part, post, upload } from "../../api.js";
import { figure } from "../../format.js";
import { attempt, faultText } from "../../tell.js";
import { useAnswer } from "../figures/answers.js";
import { C } from "../texts-campaigns.js";

const P = C.people;
const AGAIN_MS = 1_000;
const BLANK = { key: "", lines: [], ignored: [], complaints: 0 };

/** A text with its bytes told in megabytes. */
export const megabytes = (text, bytes) => text.replace("{most}", figure(Math.floor(bytes / 1_000_000)));

/** `now` is the list that is looked at, `all` are those that were sent; `again` when targets have come. */
export function useImports(path, most, again) {
  const { told, again: read } = useAnswer(`${path}/targets`);
  const [now, setNow] = useState(null);
  const turn = useRef(0); // only the last list is looked at
  const one = (key) => `${path}/targets/${part(key)}`;

  const follow = async (base, begin) => {
    const mine = ++turn.current;
    const show = (value) => mine === turn.current && setNow(value);
    show(base);
    try {
      let last = await begin();
      while (last.state === "running" && mine === turn.current) {
        show(last);
        await new Promise((done) => setTimeout(done, AGAIN_MS));
        last = await asked(one(last.key), last);
      }
      show(last);
    } catch (error) {
      show({ ...base, state: "failed", fault: error instanceof NoNetwork ? P.broken : faultText(error) });
    }
    if (mine === turn.current && base.state === "running") {
      read();
      again();
    }
  };
  const look = (of) => follow({ ...BLANK, ...of }, () => get(one(of.key)));
  const send = (file) => {
    const key = crypto.randomUUID();
    const base = { ...BLANK, name: file.name, state: "running" };
    if (file.size > most) return setNow({ ...base, state: "failed", fault: megabytes(P.large, most) });
    return follow(base, () => sent(() => upload(`${path}/targets`, { key, name: file.name }, file), one(key)));
  };
  const takeDebts = (wanted) => {
    const key = crypto.randomUUID();
    const base = { ...BLANK, name: P.debtsTitle, state: "running" };
    return follow(base, () => sent(() => post(`${path}/debts`, { key, ...wanted }), one(key)));
  };
  const stop = () => attempt(() => post(`${one(now.key)}/stop`));

  const newest = told?.imports[0];
  useEffect(() => {
    if (newest && !now) look(newest);
  }, [newest?.key]);
  useEffect(() => () => void (turn.current += 1), []);
  return { now, all: told?.imports ?? [], send, takeDebts, stop, look };
}

/** What the server says of a list; without an answer it may have come nevertheless. */
async function sent(send, path) {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof NoNetwork)) throw error;
    return get(path).catch(() => Promise.reject(error));
  }
}

/** How far it is; a link that is away for a while does not end the watch. */
async function asked(path, last) {
  try {
    return await get(path);
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return { ...last, state: "failed", fault: P.broken };
    if (error instanceof NoNetwork || error.status === 503) return last;
    throw error;
  }
}
