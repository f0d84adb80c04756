// The bar of time: a stroke a closed round, up where the mean agent beat buy and hold, and where a
// round lies on it; pure.

import { mean, relativeOf } from "./passes.js";

// rounds: of more, a stroke is the mean of several
const MOST = 400;
// share of the strokes that are drawn at their height; the others reach the edge
const KEPT = 0.9;

/** [{from, to, height}] of the closed rounds, height in -1 .. 1, null where nothing is known. */
export function strokesOf(curves, planned) {
  const values = relativeOf(curves).mean;
  const each = Math.ceil(Math.max(planned, values.length) / MOST) || 1;
  const groups = Array.from({ length: Math.ceil(values.length / each) }, (_, k) => ({
    from: curves.rounds[k * each],
    to: curves.rounds[Math.min((k + 1) * each, values.length) - 1],
    value: mean(values.slice(k * each, (k + 1) * each)),
  }));
  const top = topOf(groups.map(({ value }) => value));
  return groups.map(({ from, to, value }) => ({
    from,
    to,
    height: value === null ? null : Math.max(-1, Math.min(1, value / top)),
  }));
}

function topOf(values) {
  const sizes = values
    .filter((value) => value !== null)
    .map(Math.abs)
    .sort((a, b) => a - b);
  return Math.max(1e-9, sizes[Math.floor((sizes.length - 1) * KEPT)] ?? 0);
}

/** Where round `round` begins on a bar of `width` for `planned` rounds. */
export const xOf = (round, width, planned) => (width * round) / Math.max(1, planned);

/** The closed round under `x`, the first or the last where x lies outside of them. */
export function roundAt(x, width, planned, last) {
  const round = Math.floor((x / width) * Math.max(1, planned));
  return Math.max(0, Math.min(last, round));
}
