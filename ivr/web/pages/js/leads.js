// Who has a use for the supervisor's page.
import { may } from "./state.js";

/** Whether the user may see any part of it. */
export const leads = () => ["desk", "reports", "recordings", "quality", "campaigns"].some(may);
