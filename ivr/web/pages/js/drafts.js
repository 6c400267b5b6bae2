// Typed text survives a reload, a crash and a lost network: kept by call and form in this browser until the
// call's wrap-up is saved, or its user signs out.
import { useState } from "../vendor/preact-htm.js";

const PREFIX = "ivr.draft.";
const keyOf = (call, form) => `${PREFIX}${call}.${form}`;

export function readDraft(call, form) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(call, form))) ?? null;
  } catch {
    return null;
  }
}

export function writeDraft(call, form, values) {
  localStorage.setItem(keyOf(call, form), JSON.stringify(values));
}

export const dropDraft = (call, form) => localStorage.removeItem(keyOf(call, form));

/** Forget the drafts of one call, or all of them. */
export function dropDrafts(call = null) {
  const prefix = call === null ? PREFIX : `${PREFIX}${call}.`;
  for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
}

/**
 * [values, set(patch), reset(values)] of a form. The draft holds what was changed, and the key under which it will be
 * sent: what nobody has touched may still become known, such as the account of a client who is identified later.
 */
export function useDraft(call, form, initial) {
  const [values, setValues] = useState(() => ({ ...initial, ...readDraft(call, form) }));
  const set = (patch) => {
    setValues((old) => {
      writeDraft(call, form, { ...readDraft(call, form), key: old.key, ...patch });
      return { ...old, ...patch };
    });
  };
  const reset = (next = initial) => {
    dropDraft(call, form);
    setValues({ ...next });
  };
  return [values, set, reset];
}
