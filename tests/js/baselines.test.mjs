// What rules did in the measures of agents: money that grew as they did, and what the server tells.

import assert from "node:assert/strict";
import { test } from "node:test";

import { baselineOf, rulesOf, standing } from "../../static/js/shared/baselines.js";
import { curvesFigure } from "../../static/js/figures/curves.js";
import { lifeFigure } from "../../static/js/figures/life.js";

const curves = {
  rounds: [0, 1],
  reused: [false, false],
  measures: {},
  baselines: {
    return: { cash: [0, 0], momentum: [0.5, -0.5] },
    max_drawdown: { momentum: [0.1, 0.6] },
    fitness: { momentum: [0.3, 0.1] },
    growth: { momentum: [1.5, 0.75] },
  },
};
const palette = { baselines: {} };

test("money is what it began with times its growth, and unknown where that is", () => {
  const grown = { baselines: { growth: { cash: [1.5, null] } } };

  assert.deepEqual(baselineOf(grown, "equity", "cash", 100), [150, null]);
  assert.equal(baselineOf(grown, "equity", "cash"), null);
  assert.equal(baselineOf(grown, "equity", "momentum", 100), null);
});

test("every money measure has its baselines, a learning signal has none", () => {
  assert.deepEqual(baselineOf(curves, "equity", "momentum", 10), [15, 7.5]);
  assert.deepEqual(baselineOf(curves, "max_drawdown", "momentum"), [0.1, 0.6]);
  assert.deepEqual(baselineOf(curves, "fitness", "momentum"), [0.3, 0.1]);
  for (const signal of ["reward", "loss", "epsilon", "trust"])
    assert.equal(baselineOf(curves, signal, "momentum"), null);
});

test("where a rule stands after the last round", () => {
  assert.deepEqual(standing(curves, "momentum", 10), {
    fitness: 0.1,
    equity: 7.5,
    return: -0.25,
  });
  assert.deepEqual(standing(curves, "random", 10), { fitness: null, equity: null, return: null });
});

test("charts of equity, drawdown and fitness hold a line a rule, in the population and in one life", () => {
  const names = (figure) => figure.data.map((trace) => trace.name);

  for (const measure of ["return", "equity", "max_drawdown", "fitness"]) {
    assert.ok(names(curvesFigure(curves, measure, palette, 10)).includes("momentum"), measure);
    assert.ok(
      names(lifeFigure({ ...curves, endowment: 10, [measure]: [0, 0] }, measure, palette)).includes(
        "momentum",
      ),
      measure,
    );
  }
  assert.ok(!names(curvesFigure(curves, "loss", palette, 10)).includes("momentum"));
});

test("a rule that no round played has no line, no legend and no row", () => {
  const played = {
    baselines: { return: { cash: [0, 0], short_and_hold: [null, null], momentum: [null, 0.1] } },
  };

  assert.deepEqual(
    rulesOf(played).map(([key]) => key),
    ["cash", "momentum"],
  );
  assert.deepEqual(rulesOf({ baselines: {} }), []);
});
