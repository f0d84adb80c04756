// What an agent would do now, in words.

import assert from "node:assert/strict";
import { test } from "node:test";

import { nowWords, refusalWords } from "../../static/js/panels/now.js";

const bitcoin = { symbol: "BTC", action: "SELL", q: [0.25, -0.125, 0], exposure: 0.98, target: -1 };
const answer = {
  decisions: [bitcoin],
  bar_time: 0,
  window: 63,
  trades: 4,
  sources: ["CoinMarketCap 1"],
  taken_ms: 3_600_000,
  freshness: "fresh",
  trouble: "",
};

test("a decision is shown with its values, its road and its date", () => {
  const words = nowWords(answer);

  assert.match(words, /^BTC: SELL, to an exposure of \u22121\.00, at the open of the next bar\./);
  assert.match(words, /SELL 0\.25, HOLD -0\.125, BUY 0\./);
  assert.match(words, /holds an exposure of 0\.98.*63 bars with 4 trades closed/);
  assert.match(words, /1970-01-01 00:00 UTC, from CoinMarketCap 1/);
});

test("each symbol of a basket is decided on", () => {
  const ether = { ...bitcoin, symbol: "ETH", action: "HOLD", target: null };

  assert.match(
    nowWords({
      ...answer,
      decisions: [bitcoin, ether],
      sources: ["CoinMarketCap 1", "CoinMarketCap 1027"],
    }),
    /^BTC: SELL, .*ETH: HOLD, at the open.*from CoinMarketCap 1, CoinMarketCap 1027,/,
  );
});

test("an old bar, a silent source and a network without values are said plainly", () => {
  assert.match(nowWords({ ...answer, freshness: "aging" }), /getting old/);
  assert.match(
    nowWords({ ...answer, trouble: "CoinMarketCap 1: HTTP 500" }),
    /No newer one could be had: CoinMarketCap 1: HTTP 500/,
  );
  assert.match(
    nowWords({ ...answer, decisions: [{ ...bitcoin, action: null, q: [null, null, null] }] }),
    /values cannot be: it would not trade.*SELL not finite/,
  );
});

test("what stands still is paused and asked for again, anything else is only refused", () => {
  assert.match(
    refusalWords({ error: "no bar since noon", freshness: "stale" }),
    /^Paused: no bar since noon\. It is asked again every minute/,
  );
  assert.equal(refusalWords({ error: "dead" }), "dead");
  assert.match(refusalWords(null), /did not answer/);
});
