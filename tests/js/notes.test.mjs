// What a viewer reads of a run before its figures.

import assert from "node:assert/strict";
import { test } from "node:test";

import { notes } from "../../static/js/shared/notes.js";
import { apply, headline, initial } from "../../static/js/stream/state.js";

const run = (rounds, ever, experiment = {}) => ({
  ...initial(),
  round: rounds - 1,
  experiment: { ever, ...experiment },
});

test("a sound run needs no notes, nor does one that has not begun", () => {
  assert.deepEqual(notes(initial()), []);
  assert.deepEqual(
    notes(
      run(2, { reused: 0, births: 5, immigrants: 3, put_in: 0, put_in_rounds: 0, put_in_last: -1 }),
    ),
    [],
  );
});

test("from the round on where bars are used again the page warns, and proposes what its header says", () => {
  const [text] = notes(
    run(5, { reused: 2 }, { reuse: "It will.", remedy: "With rounds of 60 bars all 9 are fresh." }),
  );

  assert.match(
    text,
    /^From round 3 on .* 2 of 5 rounds .* in sample.* With rounds of 60 bars all 9 are fresh\.$/,
  );
  assert.doesNotMatch(text, /It will/);
  assert.deepEqual(
    notes(run(1, { reused: 0 }, { reuse: "It will.", remedy: "With rounds of 60 bars …" })),
    ["It will. With rounds of 60 bars …"],
  );
});

test("where most newcomers are immigrants it is said that hardly anything evolves", () => {
  assert.match(
    notes(run(2, { births: 42, immigrants: 155 }))[0],
    /^Hardly anything evolves: 155 of 197 newcomers \(79.%\).*no parent fitted/,
  );
  assert.match(
    notes(run(1, { births: 0, immigrants: 6 }))[0],
    /^Nothing evolves: 6 of 6 newcomers \(100.%\)/,
  );
});

test("it is said after which rounds newcomers live on money put in, and on how much; older rounds did not book it", () => {
  const ever = { put_in: 1.207e6, put_in_rounds: 2, put_in_last: 4 };

  assert.deepEqual(notes(run(5, ever)), [
    "Newcomers live on money put in: the treasury had too little for them after 2 of 5 rounds, last after round 4, and 1.207\u00a0million was put in.",
  ]);
  assert.match(
    notes(run(1, { put_in: 10, put_in_rounds: 1, put_in_last: 0 }))[0],
    /after round 0, and 10\.00 was put in/,
  );
});

test("newcomers lived on money put in where the last shortage is past", () => {
  const [note] = notes(run(3, { put_in: 10, put_in_rounds: 1, put_in_last: 0 }));

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
