// What a viewer reads of a run before its figures.

import assert from "node:assert/strict";
import { test } from "node:test";

import { notes } from "../../static/js/shared/notes.js";
import { apply, headline, initial } from "../../static/js/stream/state.js";

const run = (curves, experiment = {}) => {
  const state = initial();
  return { ...state, experiment, curves: { ...state.curves, ...curves } };
};

test("a sound run needs no notes, nor does one that has not begun", () => {
  assert.deepEqual(notes(initial()), []);
  assert.deepEqual(
    notes(
      run({
        rounds: [0, 1],
        reused: [false, false],
        events: { births: [3, 2], immigrants: [1, 2] },
        money: { put_in: [0, 0] },
      }),
    ),
    [],
  );
});

test("from the round on where bars are used again the page warns, and proposes what its header says", () => {
  const curves = { rounds: [0, 1, 2, 3, 4], reused: [false, false, false, true, true] };

  const [text] = notes(
    run(curves, { reuse: "It will.", remedy: "With rounds of 60 bars all 9 are fresh." }),
  );

  assert.match(
    text,
    /^From round 3 on .* 2 of 5 rounds .* in sample.* With rounds of 60 bars all 9 are fresh\.$/,
  );
  assert.doesNotMatch(text, /It will/);
  assert.deepEqual(
    notes(
      run(
        { rounds: [0], reused: [false] },
        { reuse: "It will.", remedy: "With rounds of 60 bars …" },
      ),
    ),
    ["It will. With rounds of 60 bars …"],
  );
});

test("where most newcomers are immigrants it is said that hardly anything evolves", () => {
  assert.match(
    notes(run({ events: { births: [20, 22], immigrants: [80, 75] } }))[0],
    /^Hardly anything evolves: 155 of 197 newcomers \(79.%\).*no parent fitted/,
  );
  assert.match(
    notes(run({ events: { births: [0], immigrants: [6] } }))[0],
    /^Nothing evolves: 6 of 6 newcomers \(100.%\)/,
  );
});

test("it is said after which rounds newcomers live on money put in, and on how much; older rounds did not book it", () => {
  const books = { put_in: [null, 0, 7000, 0, 1.2e6] };

  assert.deepEqual(notes(run({ rounds: [0, 1, 2, 3, 4], money: books })), [
    "Newcomers live on money put in: the treasury had too little for them after 2 of 5 rounds, last after round 4, and 1.207\u00a0million was put in.",
  ]);
  assert.match(
    notes(run({ rounds: [0], money: { put_in: [10] } }))[0],
    /after round 0, and 10\.00 was put in/,
  );
});

test("newcomers lived on money put in where the last shortage is past", () => {
  const [note] = notes(run({ rounds: [0, 1, 2], money: { put_in: [10, 0, 0] } }));

  assert.match(
    note,
    /^Newcomers lived on money put in: .* after round 0, and 10\.00 was put in\.$/,
  );
});

test("a round that closes adds its books, and the headline tells the profit of the house", () => {
  const snapshot = {
    type: "snapshot",
    v: 1,
    epoch: "e",
    seq: 0,
    round: 0,
    data: { curves: { rounds: [0], money: { profit: [-5], money_put_in: [100], put_in: [0] } } },
  };
  const round = {
    type: "round",
    v: 1,
    epoch: "e",
    seq: 1,
    round: 1,
    data: { curves: { rounds: [1], money: { profit: [7], money_put_in: [120], put_in: [20] } } },
  };

  const state = apply(apply(initial(), snapshot), round);

  assert.deepEqual(state.curves.money, {
    profit: [-5, 7],
    money_put_in: [100, 120],
    put_in: [0, 20],
  });
  assert.equal(headline(state).profit, 7);
  assert.equal(headline(state).putIn, 120);
});
