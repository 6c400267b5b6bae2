// Windows that are opened from windows: closing one leads back to that from which it came.
import { update } from "../store.js";

export const leave = (back = null) => update({ dialog: back });

/** Close the window, wherever it came from. */
export const shut = () => leave();
