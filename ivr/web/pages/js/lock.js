// Only one tab of a browser holds the telephone (Web Locks). Another may take it over, but not out of a talk.
const LOCK = "ivr.phone";
const CHANNEL = "ivr.phone";
const ANSWER_WITHIN_MS = 400;

let release = null;
const channel = new BroadcastChannel(CHANNEL);
const holder = { busy: () => false, lost: () => {} };

channel.onmessage = ({ data }) => {
  if (data === "busy?" && release && holder.busy()) channel.postMessage("busy");
};

/** Tell this tab's state, and what to do when another tab has taken the telephone. */
export const watchLock = (hooks) => Object.assign(holder, hooks);

/** Take the telephone for this tab; false: another has it. With `steal` it is taken over. */
export function takeLock({ steal = false } = {}) {
  if (release) return Promise.resolve(true);
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    const held = (lock) => {
      resolve(lock !== null);
      return (
        lock &&
        new Promise((done) => {
          release = done;
        })
      );
    };
    navigator.locks.request(LOCK, steal ? { steal: true } : { ifAvailable: true }, held).catch(lost);
  });
}

function lost() {
  release = null;
  holder.lost();
}

export function dropLock() {
  release?.();
  release = null;
}

/** Whether the tab that holds the telephone is in a talk. */
export function busyElsewhere() {
  return new Promise((resolve) => {
    const asked = new BroadcastChannel(CHANNEL);
    const answer = (busy) => {
      asked.close();
      resolve(busy);
    };
    asked.onmessage = ({ data }) => {
      if (data === "busy") answer(true);
    };
    asked.postMessage("busy?");
    setTimeout(() => answer(false), ANSWER_WITHIN_MS);
  });
}
