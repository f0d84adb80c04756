// The chart of null worlds: one point a world, the champion and buy and hold as lines across.

import assert from "node:assert/strict";
import { test } from "node:test";

import { nullsFigure } from "../../static/js/figures/nulls.js";

const palette = { baselines: { buy_and_hold: "#111" }, accent: "#222", muted: "#333" };

test("every null world is a point, and the champion a line at its own height", () => {
  const { data } = nullsFigure({ real: 0.2, null: [-0.1, 0.05, 0.3] }, palette);

  assert.deepEqual(data[0].y, [-0.1, 0.05, 0.3]);
  assert.deepEqual(data[1].y, [0.2, 0.2]);
  assert.deepEqual(data[2].y, [0, 0]);
  assert.deepEqual(data[1].x, [0.5, 3.5]);
});

test("a committee stands among the committees", () => {
  const { data } = nullsFigure({ real: 0.2, null: [0.1] }, palette, "committee");

  assert.deepEqual(
    data.slice(0, 2).map((trace) => trace.name),
    ["committee of a null world", "this committee"],
  );
});
