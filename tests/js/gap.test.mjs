// The gap between practice and competition, against figures made by hand, and what is said of it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { gapFigure, gapOf, gapTitle } from "../../static/js/figures/gap.js";
import { palette } from "./samples.mjs";

const curves = {
  rounds: [0, 1, 2],
  reused: [false, false, false],
  measures: {
    reward: { median: [-0.2, 0.1, 0.3] },
    return: { median: [Math.expm1(0.01), 0, Math.expm1(0.02)] },
  },
};
const growth = [{ from: 0, reward: "log_return", scale: 100, bars: 10, best: 0.004 }];
const near = (found, wanted) =>
  found.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) < 1e-12, `${found}`));
const names = ({ data }) => data.map((trace) => trace.name).filter(Boolean);

test("a reward is 100 times log growth, and a window's return is that of all its bars", () => {
  const gap = gapOf(curves, growth);

  near(gap.practice, [-0.002, 0.001, 0.003]);
  near(gap.competition, [0.001, 0, 0.002]);
  assert.deepEqual(gap.best, [0.004, 0.004, 0.004]);
});

test("what was not measured, or took everything, has no growth", () => {
  const measures = { reward: { median: [null, 1, 1] }, return: { median: [0.1, null, -1] } };
  const holes = { ...curves, measures };

  const gap = gapOf(holes, growth);

  assert.deepEqual(gap.practice, [null, 0.01, 0.01]);
  assert.deepEqual(gap.competition.slice(1), [null, null]);
});

test("rounds that a fork shares are read on the terms they were played on", () => {
  const later = { from: 2, reward: "asymmetric", scale: null, bars: 20, best: 0.002 };
  const forked = [{ ...growth[0], best: 0.001 }, later];

  const gap = gapOf(curves, forked);

  near(gap.practice.slice(0, 2), [-0.002, 0.001]);
  assert.equal(gap.practice[2], null);
  near(gap.competition, [0.001, 0, 0.001]);
  assert.deepEqual(gap.best, [0.001, 0.001, 0.002]);
});

test("hovering tells the share of the best possible, round by round", () => {
  const { data } = gapFigure(curves, growth, palette);

  const [best, practice, competition] = data.filter((trace) => trace.name);
  assert.equal(best.customdata[0], "0.4\u00a0%");
  assert.equal(practice.customdata[2], "0.3\u00a0%, 75\u00a0% of the best");
  assert.deepEqual(competition.customdata, [
    "0.1\u00a0%, 25\u00a0% of the best",
    "0\u00a0%, 0\u00a0% of the best",
    "0.2\u00a0%, 50\u00a0% of the best",
  ]);
});

test("what lies between practice and competition is shaded, and is no line of its own", () => {
  const { data } = gapFigure(curves, growth, palette);

  const [lower, upper] = data.filter((trace) => !trace.name);
  assert.equal(upper.fill, "tonexty");
  assert.deepEqual([lower.y.length, lower.showlegend, upper.showlegend], [3, false, false]);
});

test("without a known law there is no level line and no share", () => {
  const figure = gapFigure(curves, [{ ...growth[0], best: null }], palette);

  assert.deepEqual(names(figure), ["practice", "competition"]);
  const notes = figure.data.flatMap((trace) => trace.customdata ?? []);
  assert.ok(notes.every((words) => !words.includes("best")));
});

test("rewards of another kind are not drawn, and the words say why", () => {
  const other = [{ ...growth[0], reward: "differential_sharpe", scale: null }];

  const drawn = names(gapFigure(curves, other, palette));

  assert.deepEqual(drawn, ["best possible", "competition"]);
  assert.match(gapTitle(curves, other), /learning\.reward is differential_sharpe, .* not drawn$/);
  assert.doesNotMatch(gapTitle(curves, other), /by heart/);
  assert.doesNotMatch(gapTitle(curves, growth), /learning\.reward/);
});

test("the words tell of exploration and luck, and what the last rounds came to", () => {
  const title = gapTitle(curves, growth);

  assert.match(title, /Practice explores \(epsilon\), so its first rounds look worse/);
  assert.match(title, /luck of its own/);
  const last = /Last 3 rounds: practice 0\.0667\u00a0%, competition 0\.1\u00a0%, 25\u00a0% of the best /;
  assert.match(title, last);
});

test("only the last ten rounds are looked back over", () => {
  const returned = { median: [9, 9, ...Array(10).fill(Math.expm1(0.01))] };
  const many = { rounds: [...Array(12).keys()], reused: [], measures: { return: returned } };

  assert.match(gapTitle(many, growth), /Last 10 rounds: competition 0\.1\u00a0%, 25\u00a0% of the best/);
});

test("where nobody can earn anything the words say so, and nothing is a share of it", () => {
  const title = gapTitle(curves, [{ ...growth[0], best: 0 }]);

  assert.match(title, /Nobody can expect to earn anything here, costs included$/);
  assert.doesNotMatch(title, /of the best/);
});
