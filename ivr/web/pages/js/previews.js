// Whom the operator may call next in campaigns, and what a campaign's call is about.
import { get, part, post } from "./api.js";
import { state, update } from "./store.js";
import { attempt } from "./tell.js";

/** Ask again; what can't be told now stays as it was. */
export async function readPreviews() {
  try {
    update({ previews: await get("/previews") });
  } catch {
    // the link's own sign tells that the server is away
  }
}

const mine = (told) => update({ previews: { ...state.previews, mine: told } });

export const takeNext = (campaign) =>
  attempt(async () => mine(await post(`/previews/${part(campaign)}/next`)));

/** What was asked is done or not; what stands then is read again either way. */
async function asked(path, body) {
  await attempt(() => post(path, body));
  await readPreviews();
}

export const callHim = () => asked("/previews/call");
export const skipHim = (why) => asked("/previews/skip", { why });
export const leaveHim = () => asked("/previews/leave");

/** What a campaign's call is about, once for each call. */
export async function readAbout(call) {
  if (state.abouts[call] !== undefined) return;
  update({ abouts: { [call]: null } });
  try {
    update({ abouts: { [call]: await get(`/previews/calls/${part(call)}`) } });
  } catch {
    update({ abouts: {} }); // the card tells the rest; it is asked for again when the view is drawn anew
  }
}
