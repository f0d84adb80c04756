// The chart of a stored series: candles, volume where there is any, gaps shaded.

import assert from "node:assert/strict";
import { test } from "node:test";

import { candlesFigure, candlesNote } from "../../static/js/figures/candles.js";
import { duration } from "../../static/js/shared/format.js";

const HOUR = 3_600_000;
const market = {
  each: 1,
  timeframe_ms: HOUR,
  time: [0, HOUR, 4 * HOUR],
  open: [1, 2, 3],
  high: [2, 3, 4],
  low: [1, 1, 2],
  close: [2, 2.5, 3],
  volume: [5, 0, 1],
  gaps: [[2 * HOUR, 4 * HOUR]],
};

test("candles stand over their volume, and nothing is changed", () => {
  const before = structuredClone(market);

  const { data, layout } = candlesFigure(market, {});

  assert.deepEqual(
    data.map((trace) => trace.type),
    ["candlestick", "bar"],
  );
  assert.deepEqual(data[0].close, market.close);
  assert.equal(data[0].x[1], "1970-01-01T01:00:00.000Z");
  assert.ok(layout.yaxis2);
  assert.deepEqual(market, before);
});

test("a source without volume has no empty axis for it", () => {
  const { data, layout } = candlesFigure({ ...market, volume: [0, 0, 0] }, {});

  assert.equal(data.length, 1);
  assert.ok(!layout.yaxis2);
});

test("a gap is shaded from the end of the bar before to the bar after", () => {
  const [shape] = candlesFigure(market, {}).layout.shapes;

  assert.deepEqual([shape.x0, shape.x1], ["1970-01-01T02:00:00.000Z", "1970-01-01T04:00:00.000Z"]);
});

test("the note says what a candle stands for", () => {
  assert.equal(
    candlesNote(market, duration),
    "Each candle is a bar of 1\u00a0h. Shaded: where bars are missing.",
  );
  assert.equal(
    candlesNote({ ...market, each: 12, gaps: [] }, duration),
    "Each candle stands for 12 bars of 1\u00a0h.",
  );
});
