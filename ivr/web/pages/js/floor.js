// Colleagues: who is signed in, and in which state. Those who lead the desk are told of every change.
import { useEffect } from "../vendor/preact-htm.js";
import { get } from "./api.js";
import { state, update, useStore } from "./state.js";
import { attempt } from "./tell.js";

const readFloor = () => attempt(async () => update({ floor: (await get("/floor")).agents }));

/** An operator's state has changed. */
export function agentChanged(agent) {
  if (!state.floor) return;
  update({ floor: [...state.floor.filter(({ login }) => login !== agent.login), agent] });
}

/** Those who are signed in, by name; null until they are known. */
export function useFloor() {
  const { floor } = useStore();
  useEffect(() => {
    readFloor();
  }, []);
  return floor && [...floor].sort((a, b) => a.name.localeCompare(b.name, "ru"));
}

/** Colleagues to choose from, this user first: [{id: login, title: name}]. */
export function usePeople() {
  const { session } = useStore();
  const { login: me, name } = session.user;
  const others = (useFloor() ?? []).filter(({ login }) => login !== me);
  return [{ id: me, title: name }, ...others.map((one) => ({ id: one.login, title: one.name }))];
}
