// What a page asks for beside its first paint, once each: other measures, the dead, one of them.

import { decode } from "./frames.js";

/**
 * {paint(), measure(name), lives(), bands(), agent(number)}; each hands the messages of its answer to
 * take(messages) and says whether there was one. What is being fetched is not fetched again.
 */
export function asker({ snapshotUrl, livesUrl, bandsUrl }, take) {
  const open = new Map();

  async function answered(url) {
    const response = await fetch(url, { signal: AbortSignal.timeout(20_000) }).catch(() => null);
    const bytes = response?.ok ? await response.arrayBuffer().catch(() => null) : null;
    if (bytes) take(decode(bytes));
    return Boolean(bytes);
  }

  function ask(url) {
    if (!open.has(url))
      open.set(
        url,
        answered(url).finally(() => open.delete(url)),
      );
    return open.get(url);
  }

  return {
    paint: () => ask(snapshotUrl),
    measure: (name) => ask(`${snapshotUrl}?measure=${name}`),
    lives: () => ask(livesUrl),
    bands: () => ask(bandsUrl),
    agent: (number) => ask(`${livesUrl}?agent=${number}`),
  };
}

/** "?epoch=…&seq=…" of a state that has come, for the socket to go on from there; "" of none. */
export function standsAt({ ready, epoch, seq }) {
  return ready ? `?${new URLSearchParams({ epoch, seq })}` : "";
}
