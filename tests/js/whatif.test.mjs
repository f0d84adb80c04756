// The what-if of a fork: the figure and the sentences beside it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { whatifFigure } from "../../static/js/figures/whatif.js";
import { parted, summaryText } from "../../static/js/panels/whatif.js";

const whatif = {
  after: 0,
  rounds: [0, 1, 2],
  same: [true, false, null],
  parted: 1,
  baselines: { return: { cash: [0, 0, 0] } },
  measures: {
    return: { original: [0.1, 0.2, 0.3], fork: [0.1, 0.1, null], difference: [0, -0.1, null] },
  },
};

test("both curves stand over each other and the difference begins after the fork", () => {
  const { data, layout } = whatifFigure(whatif, "return", { baselines: {} });

  assert.deepEqual(
    data.map((trace) => trace.name),
    ["original", "fork", "cash", "fork minus original"],
  );
  assert.deepEqual(data[3].y, [null, -0.1, null]);
  assert.deepEqual(
    [layout.shapes[0].x0, layout.uirevision, layout.xaxis.range],
    [0.5, "constant", undefined],
  );
});

test("when they parted, in words", () => {
  assert.equal(parted(whatif), "The same to the bit up to round 0; they part in round 1.");
  assert.equal(
    parted({ after: 3, same: [true, true, true, true, null], parted: null }),
    "The same up to round 3. No later round has been played by both yet.",
  );
  assert.equal(
    parted({ after: 0, same: [true, true, true], parted: null }),
    "The same to the bit in all 3 rounds that both have played.",
  );
});

test("the difference with its interval, in words", () => {
  assert.equal(
    summaryText({ rounds: 4, mean: 0, low: 0, high: 0 }, "return"),
    "Mean return a round: no difference at all in 4 rounds.",
  );
  assert.match(
    summaryText({ rounds: 4, mean: -0.01, low: -0.02, high: 0.001 }, "return"),
    /−1\.00\u00a0% \(95 % interval −2\.00\u00a0% to \+0\.10\u00a0%, the 4 rounds/,
  );
  assert.match(
    summaryText({ rounds: 1, mean: 2, low: null, high: null }, "trust"),
    /: 2 \(one round only\)/,
  );
  assert.equal(summaryText(null, "return"), "");
});
