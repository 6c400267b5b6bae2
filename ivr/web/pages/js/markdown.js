// The Markdown of the knowledge base: headings, lists, paragraphs, bold, emphasis, links. It makes elements, never
// HTML, so that words stay words.
import { h } from "../vendor/preact-htm.js";

const INLINE = /\*\*(.+?)\*\*|\*(.+?)\*|\[([^\]]+)\]\((https?:\/\/[^)\s]+)\)/g;
const BULLET = /^[-*] +/;
const NUMBER = /^\d+[.)] +/;

/** Elements of a text. */
export function markdown(text) {
  return blocks(text).map((lines, key) => h(Block, { key, lines }));
}

/** Groups of lines that belong together: parted by empty lines, and where a list or heading begins or ends. */
function blocks(text) {
  const found = [];
  let last = null;
  for (const line of text.split("\n").map((one) => one.trimEnd())) {
    const kind = kindOf(line, last);
    if (kind !== null && (kind !== last || kind === "heading")) found.push([]);
    if (kind !== null) found.at(-1).push(line.trim());
    last = kind;
  }
  return found;
}

function kindOf(line, last) {
  if (!line.trim()) return null;
  if (line.startsWith("#")) return "heading";
  if (BULLET.test(line)) return "bullets";
  if (NUMBER.test(line)) return "numbers";
  return /^\s/.test(line) && last !== null ? last : "words"; // an indented line goes on with its item
}

function Block({ lines }) {
  if (lines[0].startsWith("#")) return h("h3", null, lines[0].replace(/^#+\s*/, ""));
  if (BULLET.test(lines[0])) return h("ul", { class: "points" }, items(lines, BULLET));
  if (NUMBER.test(lines[0])) return h("ol", { class: "points" }, items(lines, NUMBER));
  return h("p", null, inline(lines.join(" ")));
}

function items(lines, mark) {
  const joined = [];
  for (const line of lines) {
    if (mark.test(line)) joined.push(line.replace(mark, ""));
    else joined[joined.length - 1] += ` ${line}`;
  }
  return joined.map((text, key) => h("li", { key }, inline(text)));
}

function inline(text) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, strong, emphasis, label, address] = found;
    parts.push(text.slice(at, found.index));
    if (strong) parts.push(h("strong", null, strong));
    else if (emphasis) parts.push(h("em", null, emphasis));
    else parts.push(h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label));
    at = found.index + whole.length;
  }
  return [...parts, text.slice(at)];
}
