// Numbers and times in words; sorting, back-off and small pure helpers.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  duration,
  money,
  number,
  percent,
  significant,
  time,
} from "../../static/js/shared/format.js";
import { look } from "../../static/js/shared/legend.js";
import { networkQuery, priceTitle } from "../../static/js/panels/agent.js";
import { evidenceRows, proofOf } from "../../static/js/panels/evidence.js";
import { controlsOf } from "../../static/js/panels/headline.js";
import { sorted } from "../../static/js/panels/leaderboard.js";
import { gapsInWords, place } from "../../static/js/panels/preview.js";
import { backoff, socketUrl } from "../../static/js/stream/socket.js";

test("percentages carry a true minus, and a plus where asked", () => {
  assert.equal(percent(-0.1234), "\u221212.3\u00a0%");
  assert.equal(percent(0.1234, 1, true), "+12.3\u00a0%");
  assert.equal(percent(-0.00001), "0.0\u00a0%");
});

test("what would be too long to read is a power of ten", () => {
  assert.equal(percent(2.31e10, 2, true), "+2.3\u00a0×\u00a010¹²\u00a0%");
  assert.equal(percent(-1e304), "\u22121.0\u00a0×\u00a010³⁰⁶\u00a0%");
});

test("what is not a number is a dash, never NaN", () => {
  for (const write of [percent, number, significant, time, duration])
    for (const value of [null, undefined, NaN, Infinity]) assert.equal(write(value), "–");
});

test("money reads as in the table of cases that the server is held to", () => {
  const cases = JSON.parse(readFileSync(new URL("../money_cases.json", import.meta.url), "utf8"));
  for (const [value, text] of cases) assert.equal(money(value), text);
  assert.deepEqual(
    [2.5, 0, -2.5].map((value) => money(value, true)),
    ["+2.50", "0.00", "\u22122.50"],
  );
});

test("numbers are grouped and shortened", () => {
  assert.equal(number(1234567.891), "1\u202f234\u202f567.89");
  assert.equal(significant(0.00001234), "1.23e\u22125");
});

test("times are UTC", () => {
  assert.equal(time(1_646_092_800_000), "2022-03-01 00:00");
  assert.equal(duration(3_600_000), "1\u00a0h");
});

const evaluation = (subject, value, stretch = "out_of_sample") => ({
  subject,
  agent: subject === "champion" ? 7 : null,
  stretch,
  after_round: 3,
  figures: { return: value },
});

test("the champion stands first, an unknown subject last", () => {
  const rows = evidenceRows([
    evaluation("novelty", 1),
    evaluation("cash", 0),
    evaluation("champion", 0),
  ]);

  assert.deepEqual(
    rows.map((row) => row.subject),
    ["champion", "cash", "novelty"],
  );
});

test("the leaderboard holds the living, and those without a value last in both directions", () => {
  const row = (n, fitness, state = "active") => ({ number: n, fitness, state, birth_round: 0 });
  const agents = [row(1, null), row(2, 0.1), row(3, 0.5), row(4, 0.9, "bankrupt")];
  const order = (descending) =>
    sorted(agents, 4, { key: "fitness", descending }).map((agent) => agent.number);

  assert.deepEqual(order(true), [3, 2, 1]);
  assert.deepEqual(order(false), [2, 3, 1]);
});

test("age counts the rounds lived", () => {
  assert.equal(
    sorted([{ number: 1, state: "active", birth_round: 3 }], 5, {
      key: "number",
      descending: false,
    })[0].age,
    3,
  );
});

test("only the controls that apply", () => {
  assert.deepEqual(controlsOf("paused"), ["resume", "stop"]);
  assert.deepEqual(controlsOf("finished"), []);
});

test("waiting doubles up to half a minute, never less than half of it", () => {
  assert.equal(backoff(0, 1), 500);
  assert.equal(backoff(3, 0), 2000);
  assert.equal(backoff(99, 1), 30_000);
});

test("the socket is as secure as the page", () => {
  assert.equal(socketUrl("/ws/", { protocol: "https:", host: "a:1" }), "wss://a:1/ws/");
  assert.equal(socketUrl("/ws/", { protocol: "http:", host: "a:1" }), "ws://a:1/ws/");
});

test("an error of a file names the place as far as it is known", () => {
  assert.equal(place({ line: 7, column: "high" }), ": line 7, column high");
  assert.equal(place({ line: null, column: null }), "");
});

test("gaps of a file are counted and the first named", () => {
  assert.equal(gapsInWords({ gap_count: 0, gaps: [] }), "No gaps.");
  assert.equal(
    gapsInWords({
      gap_count: 2,
      gaps: [{ after: "2021-01-01T05:00:00Z", before: "2021-01-01T08:00:00Z", missing: 2 }],
    }),
    "2 gaps, the first of them: 2 bars after 2021-01-01 05:00 UTC.",
  );
});

test("the bar asked for is counted through the whole series", () => {
  assert.equal(
    networkQuery({ round: 4, market: { window: [1000, 1512] }, bar: 11 }),
    "?round=4&bar=1011",
  );
  assert.equal(networkQuery({ round: null, market: null, bar: null }), "");
  assert.equal(
    networkQuery({ round: 4, symbol: 2, market: { window: [1000, 1512] }, bar: 11 }),
    "?round=4&symbol=2&bar=1011",
  );
});

test("a swatch looks like its line", () => {
  assert.deepEqual(look({ mode: "lines", line: { color: "red", dash: "dot" } }), {
    colour: "red",
    style: "dotted",
    symbol: "line",
  });
  assert.deepEqual(look({ mode: "markers", marker: { symbol: ["triangle-up"], color: "blue" } }), {
    colour: "blue",
    style: "solid",
    symbol: "up",
  });
});

test("the share of the ceiling compares growth, and is shown only where a ceiling is known", () => {
  const best = {
    subject: "ceiling",
    agent: null,
    stretch: "out_of_sample",
    after_round: 3,
    figures: { return: 3, growth: Math.log(4) / 1000, expected_growth: Math.log(2) / 1000 },
  };
  assert.equal(proofOf(evidenceRows([evaluation("median_agent", 1)])), "");
  assert.match(
    proofOf(evidenceRows([best, evaluation("median_agent", 1)])),
    /\+300\.0.%.*\+100\.0.% is usual.*reached 50.% of its growth/,
  );
  assert.doesNotMatch(proofOf(evidenceRows([best])), /reached/);
  assert.equal(evidenceRows([evaluation("champion", 1), best])[0].subject, "ceiling");
});

test("the price chart names its symbol where there are several", () => {
  const own = { number: 7, symbol: 1, market: { round: 3 } };

  assert.equal(priceTitle(own, []), "Price, round 3, with what agent 7 did");
  assert.equal(priceTitle(own, ["BTC", "ETH"]), "Price of ETH, round 3, with what agent 7 did");
});
