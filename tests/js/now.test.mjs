// What an agent would do now, in words.

import assert from "node:assert/strict";
import { test } from "node:test";

import { nowWords } from "../../static/js/panels/now.js";

const told = {
  action: "SELL", q: [0.25, -0.125, 0], bar_time: 0, exposure: 0.98, target: -1, window: 63, trades: 4, source: "CoinMarketCap 1", taken_ms: 3_600_000, freshness: "fresh",
};

test("a decision is told with its values, its road and its date", () => {
  const words = nowWords(told);

  assert.match(words, /^SELL, to an exposure of \u22121\.00, at the open of the next bar\./);
  assert.match(words, /SELL 0\.25, HOLD -0\.125, BUY 0\./);
  assert.match(words, /63 bars with 4 trades closed and holds an exposure of 0\.98/);
  assert.match(words, /1970-01-01 00:00 UTC, from CoinMarketCap 1/);
});

test("an old bar and a network without values are said plainly", () => {
  assert.match(nowWords({ ...told, freshness: "aging" }), /getting old/);
  assert.match(nowWords({ ...told, action: null, q: [null, null, null] }), /no finite value: it would not trade.*SELL not finite/);
});
