// The chart of diversity and the hall of fame: what is drawn for given data.

import assert from "node:assert/strict";
import { test } from "node:test";

import { diversityFigure, diversityTitle } from "../../static/js/figures/diversity.js";
import { fate } from "../../static/js/panels/hall.js";
import { apply, initial } from "../../static/js/stream/state.js";

const palette = {
  accent: "#111111",
  best: "#222222",
  warn: "#333333",
  negative: "#444444",
  positive: "#555555",
};
const curves = {
  rounds: [0, 1],
  reused: [false, true],
  diversity: {
    lineages: [4, 2.5],
    clades: [4, 3],
    behaviour: [0.5, null],
    weights: [1, 0.8],
    skill: [null, 0.25],
  },
};
const envelope = (type, seq, data) => ({
  type,
  v: 1,
  experiment: "u",
  epoch: "e1",
  seq,
  round: seq - 1,
  data,
});

test("counts stand on the left axis, shares on the right, every line in a look of its own", () => {
  const { data, layout } = diversityFigure(curves, palette);

  assert.deepEqual(
    data.map((trace) => [trace.y, trace.yaxis]),
    [
      [[4, 2.5], "y"],
      [[4, 3], "y"],
      [[0.5, null], "y2"],
      [[1, 0.8], "y2"],
      [[null, 0.25], "y2"],
    ],
  );
  assert.equal(new Set(data.map((trace) => trace.line.color)).size, 5);
  assert.deepEqual(
    [layout.yaxis2.overlaying, layout.yaxis2.side, layout.shapes.length],
    ["y", "right", 1],
  );
});

test("an experiment whose rounds have no diversity draws empty lines", () => {
  assert.deepEqual(
    diversityFigure({ rounds: [0], reused: [false] }, palette).data.map((trace) => trace.y),
    [[], [], [], [], []],
  );
});

test("the title says how much of the spread in fitness is skill, as far as it is known", () => {
  const plain = (title) => title.replaceAll(/\s/g, " ");

  assert.match(
    plain(diversityTitle(curves)),
    /Of the spread in fitness over their last windows 25 % is skill, 75 % luck$/,
  );
  assert.match(
    plain(diversityTitle({ ...curves, diversity: { skill: [0.5, null] } })),
    /50 % is skill/,
  );
  assert.doesNotMatch(diversityTitle({ diversity: { skill: [null] } }), /skill/);
  assert.doesNotMatch(diversityTitle({}), /skill/);
});

test("a round brings its diversity and the whole hall anew", () => {
  const hall = [{ number: 1 }];
  const before = apply(
    initial(),
    envelope("snapshot", 1, {
      curves: { ...curves, rounds: [0], reused: [false], diversity: { lineages: [4] } },
      hall,
    }),
  );

  const after = apply(
    before,
    envelope("round", 2, {
      curves: { rounds: [1], reused: [false], diversity: { lineages: [2.5] } },
      hall: [{ number: 2 }, { number: 1 }],
    }),
  );

  assert.deepEqual(before.hall, hall);
  assert.deepEqual(
    after.hall.map((row) => row.number),
    [2, 1],
  );
  assert.deepEqual(after.curves.diversity.lineages, [4, 2.5]);
});

test("what became of an agent is put into words", () => {
  assert.deepEqual(fate({ death_round: null, state: "active" }), {
    rule: "alive",
    text: "alive",
    when: "",
  });
  assert.deepEqual(fate({ death_round: 7, state: "scarred_out" }), {
    rule: "scarred_out",
    text: "scarred out",
    when: ", round 7",
  });
});
