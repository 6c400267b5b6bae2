// What may be done for the whole company now, in a row above the figures: components without arguments that draw
// their buttons. `right` is what it takes. An outage, an announcement, closing a line join the list here.
export const TOOLS = [];
