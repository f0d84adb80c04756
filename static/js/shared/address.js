// Where one is on the page of an experiment: which tab, round, agent, clade, symbol and bar are
// shown. The address says it and nothing else does, so that a link and a reload show the same.

export const HOME = "overview";
const NUMBERS = ["round", "agent", "clade", "symbol", "bar"];
const WHOLE = /^\d{1,10}$/;

/**
 * {tab, round, agent, clade, symbol, bar} of a location {pathname, search}; null for what it does
 * not say. `base` is the address of the experiment's page, which is that of its first tab.
 */
export function read({ pathname, search }, base) {
  const [tab] = pathname.slice(base.length).split("/");
  const said = new URLSearchParams(search);
  const numbers = NUMBERS.map((name) => {
    const text = said.get(name) ?? "";
    return [name, WHOLE.test(text) ? Number(text) : null];
  });
  return { tab: tab || HOME, ...Object.fromEntries(numbers) };
}

/** The address of a place, without what is not chosen. */
export function write(place, base) {
  const path = place.tab === HOME ? base : `${base}${place.tab}/`;
  const said = NUMBERS.filter((name) => place[name] !== null).map(
    (name) => `${name}=${place[name]}`,
  );
  return said.length ? `${path}?${said.join("&")}` : path;
}

/** The place after `changes`; a bar belongs to the round and the agent it was chosen in. */
export function moved(place, changes) {
  const elsewhere = ["round", "agent"].some(
    (name) => name in changes && changes[name] !== place[name],
  );
  return { ...place, ...(elsewhere ? { bar: null } : {}), ...changes };
}

/**
 * The place of the page at `base`: `now()`; `go(changes)` for what the back button steps through,
 * which are tabs and picks; `slide(changes)` for what it does not, which are rounds and bars.
 * `show(place, before)` is called after each change, whoever made it.
 */
export function placeOf(base, show, view = window) {
  let place = read(view.location, base);
  const take = (next) => {
    const before = place;
    place = next;
    show(place, before);
  };
  const move = (changes, way) => {
    const next = moved(place, changes);
    const address = write(next, base);
    if (address === write(place, base)) return;
    view.history[way](null, "", address);
    take(next);
  };
  view.addEventListener("popstate", () => take(read(view.location, base)));
  return {
    now: () => place,
    go: (changes) => move(changes, "pushState"),
    slide: (changes) => move(changes, "replaceState"),
    address: (changes) => write(moved(place, changes), base),
  };
}
