// Several symbols on one chart, and what ticked markets have in common in words.

import assert from "node:assert/strict";
import { test } from "node:test";

import { growthFigure, growthNote } from "../../static/js/figures/growth.js";
import { duration } from "../../static/js/shared/format.js";
import { gapWords, roundsWords } from "../../static/js/panels/common.js";

const HOUR = 3_600_000;
const series = {
  each: 1,
  timeframe_ms: HOUR,
  time: [0, HOUR],
  lines: [
    { symbol: "BTC", growth: [1, 1.2] },
    { symbol: "ETH", growth: [1, 0.9] },
  ],
};
const palette = { symbols: ["blue", "red"] };

test("each symbol has a line and a colour of its own, and nothing is changed", () => {
  const before = structuredClone(series);

  const { data, layout } = growthFigure(series, palette);

  assert.deepEqual(
    data.map((trace) => [trace.name, trace.line.color, trace.y]),
    [
      ["BTC", "blue", [1, 1.2]],
      ["ETH", "red", [1, 0.9]],
    ],
  );
  assert.equal(layout.yaxis.type, "log");
  assert.deepEqual(series, before);
});

test("a wide scale has few ticks, a narrow one those that Plotly finds", () => {
  const wide = growthFigure({ ...series, lines: [{ symbol: "BTC", growth: [1, 30] }] }, palette);

  assert.equal(wide.layout.yaxis.dtick, "D2");
  assert.equal(growthFigure(series, palette).layout.yaxis.dtick, undefined);
});

test("the note says what a point stands for", () => {
  assert.equal(
    growthNote(series, duration),
    "The close of each bar of 1\u00a0h, as a multiple of the first.",
  );
  assert.match(growthNote({ ...series, each: 4 }, duration), /every 4 bars of 1\u00a0h/);
});

test("gaps and rounds are put into words", () => {
  assert.equal(gapWords({ gap_count: 0, missing_bars: 0 }), "none");
  assert.equal(gapWords({ gap_count: 2, missing_bars: 5 }), "2, 5 bars missing");
  assert.match(
    roundsWords({ rounds: 0, refusal: "set round_bars to 40 or less" }),
    /^Too few .*: set round_bars to 40 or less\.$/,
  );
  assert.match(roundsWords({ rounds: 1 }), /^Enough for 1 round as/);
});
