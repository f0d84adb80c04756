// Back through the rounds: the whole page as of the close of an earlier one.

import { oneAtATime } from "../shared/latest.js";
import { decode } from "../stream/frames.js";

/**
 * {go(round), back()}: `use(envelope)` is called with the snapshot of an earlier round, or with
 * null for now. Whoever asks faster than is answered gets the newest, and nothing old.
 */
export function pastRounds(snapshotUrl, use) {
  let asked = 0;

  const load = oneAtATime(async (round, own) => {
    const response = await fetch(`${snapshotUrl}?round=${round}`).catch(() => null);
    const snapshot = response?.ok ? decode(await response.arrayBuffer())[0] : null;
    if (own === asked) use(snapshot);
  });

  return {
    go: (round) => load(round, (asked += 1)),
    back() {
      asked += 1;
      load.drop();
      use(null);
    },
  };
}
