// Rounds against buy and hold, and the passes they make through the prices: pure functions of the
// curves.

// a longer pass would hide what it is to show
const LONGEST = 12;
// of a line that can be read
const POINTS = 200;
// curves are replaced and never changed: what came of them is kept as long as they are
const relative = new WeakMap();
const known = (value) => value !== null && value !== undefined;

/**
 * Rounds of one pass through the prices. Where rounds use the same windows again, a figure of fewer
 * jumps with the window and hides the trend; 1 where none is used twice.
 */
export function passOf(reused) {
  const first = reused.indexOf(true);
  return first > 1 && first <= LONGEST ? first : 1;
}

/**
 * Rounds that a curve of `reused.length` rounds is averaged over: one pass, or where they are many,
 * as many as leave a line that can be read.
 */
export const widthOf = (reused) => Math.max(passOf(reused), Math.floor(reused.length / POINTS));

/**
 * Means over `width` values around each, at the ends those of the first and the last `width`: a
 * mean of fewer would jump with the window there. Null where nothing is known.
 */
export function smoothed(values, width) {
  if (width < 2) return values;
  const before = Math.floor((width - 1) / 2);
  const latest = Math.max(0, values.length - width);
  return values.map((_, i) => {
    const start = Math.max(0, Math.min(latest, i - before));
    return mean(values.slice(start, start + width));
  });
}

/** The mean of what is known of `values`, null of nothing. */
export function mean(values) {
  const found = values.filter(known);
  return found.length ? found.reduce((sum, value) => sum + value, 0) / found.length : null;
}

/**
 * Returns of the agents less that of buy and hold, a value a round in {mean, q1, q3, worst}; null
 * where either is not known.
 */
export function relativeOf(curves) {
  if (!relative.has(curves)) relative.set(curves, lessHold(curves));
  return relative.get(curves);
}

function lessHold({ rounds, measures, baselines }) {
  const hold = baselines.return?.buy_and_hold ?? [];
  const less = (values) =>
    rounds.map((_, i) => (known(values?.[i]) && known(hold[i]) ? values[i] - hold[i] : null));
  return Object.fromEntries(
    ["mean", "q1", "q3", "worst"].map((name) => [name, less(measures.return?.[name])]),
  );
}
