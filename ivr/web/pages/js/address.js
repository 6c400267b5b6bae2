// What is looked at between calls is kept in the address: a reload, or the same page opened again, comes back to it.

const read = () => new URLSearchParams(location.hash.slice(1));

/** What the address says of the names in `initial`, else what is there. */
export function fromAddress(initial) {
  const said = read();
  return Object.fromEntries(Object.entries(initial).map(([name, value]) => [name, said.get(name) ?? value]));
}

/** Write some values down; empty ones are left out. */
export function toAddress(values) {
  const said = read();
  for (const [name, value] of Object.entries(values)) {
    if (value) said.set(name, value);
    else said.delete(name);
  }
  replace(said.toString());
}

/** Nothing of one person's work stays in the address for the next. */
export const clearAddress = () => replace("");

const replace = (hash) => history.replaceState(null, "", hash ? `#${hash}` : location.pathname);
