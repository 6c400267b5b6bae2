// From who and where to today's figures of theirs.
import { html } from "../../../vendor/preact-htm.js";
import { linkTo } from "../places.js";
import { may, useStore } from "../store.js";
import { N } from "../texts-now.js";

/** Somebody's name, or a queue's, that leads to its figures; `of` narrows them: {agent} or {queue}. */
export function ToFigures({ of, title }) {
  const { day } = useStore().now.moment;
  if (!may("reports")) return title;
  return html`<a href=${linkTo("figures", { from: day, to: day, ...of })} title=${`${N.figures.of}: ${title}`}>${title}</a>`;
}
