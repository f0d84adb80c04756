// Lines of descent through the rounds: what a closed round adds, and what a band says.

import assert from "node:assert/strict";
import { test } from "node:test";

import { bandsFigure } from "../../static/js/figures/bands.js";
import { openedBands, withBand } from "../../static/js/stream/bands.js";
import { palette } from "./samples.mjs";

const bands = openedBands({
  rounds: new Int32Array([0, 1]),
  founders: [2, 5],
  agents: [
    [1, 2],
    [2, 1],
    [1, 1],
  ],
});

test("a closed round counts those who played it: not who was born at its close, nor who died before", () => {
  const columns = {
    number: [2, 5, 9, 11, 12],
    founder: [2, 5, 5, 7, 2],
    birth_round: [0, 0, 1, 2, 3],
    death_round: [null, 1, 2, null, null],
  };

  const later = withBand(bands, 2, columns);

  assert.deepEqual(later.rounds, [0, 1, 2]);
  assert.deepEqual(later.agents, [
    [1, 2, 1],
    [2, 1, 1],
    [1, 1, 1],
  ]);
  assert.equal(withBand(later, 2, columns), later);
  assert.equal(withBand(null, 2, columns), null);
});

test("a band names its founder and opens its line; all others open nothing", () => {
  const { cells, layout } = bandsFigure(bands, true, palette);

  assert.deepEqual([cells.width, cells.height], [2, 4]);
  assert.deepEqual(cells.at(0, 0), {
    pick: { tab: "money", clade: 2 },
    text: "from 2 · round 0\n1 agent, 25\u00a0%",
  });
  assert.equal(cells.at(0, 2).pick.clade, 5);
  assert.deepEqual([cells.at(0, 3).pick, cells.at(0, 4)], [null, null]);
  assert.deepEqual(
    layout.annotations.map(({ text, y }) => [text, y]),
    [
      ["from 2", 0.5],
      ["from 5", 2],
    ],
  );
});
