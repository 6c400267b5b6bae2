// A table of answers as text: decoded, and cut into parts that one request can carry. Pure.
const PART = 40_000; // characters

/** The lines of a file in UTF-8 or Windows-1251. */
export function linesOf(bytes) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    text = new TextDecoder("windows-1251").decode(bytes);
  }
  return text.split(/\r?\n/);
}

/** Parts with the heading as their first line; `before`: how many lines of the file stand before those of the part. */
export function parts([heading, ...lines]) {
  const found = [];
  let part = null;
  lines.forEach((line, at) => {
    if (!part || part.size + line.length > PART) found.push((part = { lines: [], size: heading.length, before: at }));
    part.lines.push(line);
    part.size += line.length + 1;
  });
  return found.map(({ lines: own, before }) => ({ csv: [heading, ...own].join("\n"), before }));
}
