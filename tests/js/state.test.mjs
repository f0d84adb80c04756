// How messages change the page's state, and when it asks for a snapshot.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  appendRound,
  apply,
  bestAgent,
  headline,
  initial,
  mergeAgents,
  MOST_HEARD,
  stepped,
  youngerAhead,
} from "../../static/js/stream/state.js";
import { everyone } from "../../static/js/stream/lives.js";

const envelope = (type, seq, data, extra = {}) => ({
  type,
  v: 1,
  experiment: "u",
  epoch: "e1",
  seq,
  round: seq - 1,
  data,
  ...extra,
});

const agents = (numbers, extra = {}) => ({
  number: numbers,
  state: numbers.map(() => "active"),
  fitness: numbers.map((n) => n / 10),
  slot: numbers.map((n) => n - 1),
  birth_round: numbers.map(() => 0),
  death_round: numbers.map(() => null),
  ...extra,
});

const snapshot = (seq = 1, extra = {}) =>
  envelope(
    "snapshot",
    seq,
    {
      experiment: { state: "running", rounds_done: 1, rounds_planned: 3, population: 2 },
      curves: {
        rounds: [0],
        reused: [false],
        measures: { return: { mean: [0.1], best: [0.2] } },
        baselines: { return: { buy_and_hold: [0.05] } },
        events: { births: [1], immigrants: [2], deaths: [3], scars: [0], trades: [4] },
        alive: [2],
      },
      heatmap: {
        rounds: [0],
        slots: [0, 1],
        measure: "fitness",
        values: [0.1, 0.2],
        cells: [new Uint8Array([0]), new Uint8Array([1])],
      },
      agents: agents([1, 2]),
      feed: [{ round: 0, kind: "birth", agent: 2, text: "born" }],
      evaluations: [],
      interventions: [
        { agent: 1, field: "first" },
        { agent: 1, field: "second" },
      ],
    },
    extra,
  );

const round = (seq) =>
  envelope("round", seq, {
    experiment: {
      rounds_done: 2,
      ever: { births: 1, immigrants: 2, deaths: 4, scars: 2, trades: 9 },
    },
    curves: {
      rounds: [1],
      reused: [true],
      measures: { return: { mean: [-0.1], best: [0.3] } },
      baselines: { return: { buy_and_hold: [0.01] } },
      events: { births: [0], immigrants: [0], deaths: [1], scars: [2], trades: [5] },
      alive: [2],
    },
    heatmap: {
      rounds: [1],
      slots: [0, 1],
      agent: [[1, 2]],
      fitness: [[0.3, 0.2]],
      trust: [[50, 50]],
    },
    agents: {
      number: [2, 3],
      state: ["outcompeted", "active"],
      fitness: [0.2, null],
      slot: [1, 1],
      birth_round: [0, 2],
      death_round: [1, null],
    },
    feed: [{ round: 1, kind: "death", agent: 2, text: "gone" }],
  });

const ready = () => apply(initial(), snapshot());

test("a snapshot fills an empty state", () => {
  const state = ready();

  assert.equal(state.ready, true);
  assert.equal(state.seq, 1);
  assert.deepEqual([...state.agents.keys()], [1, 2]);
  assert.equal(state.agents.get(2).fitness, 0.2);
});

test("interventions of a snapshot stand newest first", () => {
  const state = ready();

  assert.deepEqual(
    state.interventions.map((row) => row.field),
    ["second", "first"],
  );
});

test("a round is put at the end of curves and heatmap and over the agents", () => {
  const state = apply(ready(), round(2));

  assert.deepEqual(state.curves.rounds, [0, 1]);
  assert.deepEqual(state.curves.measures.return.mean, [0.1, -0.1]);
  assert.deepEqual(state.heatmap.agent, [
    [1, 2],
    [1, 2],
  ]);
  assert.deepEqual(state.heatmap.fitness, [
    [0.1, 0.2],
    [0.3, 0.2],
  ]);
  assert.deepEqual(state.heatmap.slots, [0, 1]);
  assert.equal(state.agents.get(1).fitness, 0.1);
  assert.equal(state.feed[0].kind, "death");
  assert.equal(state.experiment.population, 2);
});

test("the state before a message is left as it was", () => {
  const before = ready();
  const copy = structuredClone(before);

  apply(before, round(2));

  assert.deepEqual(before, copy);
});

test("a gap in seq asks for a snapshot and changes nothing else", () => {
  const state = apply(ready(), round(3));

  assert.equal(state.needsResync, true);
  assert.deepEqual(state.curves.rounds, [0]);
  assert.equal(state.seq, 1);
});

test("a message already seen is ignored", () => {
  const before = apply(ready(), round(2));

  const after = apply(before, round(2));

  assert.equal(after, before);
});

test("another epoch asks for a snapshot", () => {
  const state = apply(ready(), { ...round(2), epoch: "e2" });

  assert.equal(state.needsResync, true);
});

test("a snapshot ends the asking, also in a new epoch", () => {
  const lost = apply(ready(), round(9));

  const state = apply(lost, snapshot(9, { epoch: "e2" }));

  assert.equal(state.needsResync, false);
  assert.equal(state.epoch, "e2");
});

test("a dead agent that was asked for outlives a snapshot of the same run, and of no other", () => {
  const dead = agents([9], { state: ["outcompeted"], death_round: [0] });
  const state = apply(apply(initial(), snapshot(1)), envelope("agents", 1, { agents: dead }));
  assert.ok(state.agents.has(9));

  assert.ok(apply(state, snapshot(5)).agents.has(9));
  assert.ok(!apply(state, snapshot(5, { epoch: "e2" })).agents.has(9));
});

test("a snapshot older than what is known is ignored", () => {
  const before = apply(ready(), round(2));

  assert.equal(apply(before, snapshot(1)), before);
});

test("nothing is applied before the first snapshot", () => {
  const empty = initial();

  assert.equal(apply(empty, round(1)), empty);
});

test("progress is a hint: it changes neither seq nor curves", () => {
  const state = apply(
    ready(),
    envelope("progress", 1, { round: 1, share: 0.5, agent_steps_per_second: 9 }),
  );

  assert.equal(state.progress.share, 0.5);
  assert.equal(state.seq, 1);
});

test("who is under way waits for nothing any more", () => {
  const waiting = {
    ...ready(),
    experiment: { state: "running", waits: "Waits for its turn: 2nd of 3 in the queue." },
  };
  assert.equal(
    apply(waiting, envelope("progress", 1, { round: 1, share: 0.5 })).experiment.waits,
    "",
  );
});

test("progress that has seen more than this page tells of a lost message", () => {
  const state = apply(ready(), envelope("progress", 2, { round: 1, share: 0.5 }));

  assert.equal(state.needsResync, true);
});

test("a closed round ends its progress", () => {
  const playing = apply(ready(), envelope("progress", 1, { round: 1, share: 0.9 }));

  assert.equal(apply(playing, round(2)).progress, null);
});

test("a change of state is taken over", () => {
  const state = apply(ready(), envelope("state", 2, { experiment: { state: "paused" }, feed: [] }));

  assert.equal(state.experiment.state, "paused");
  assert.equal(state.experiment.population, 2);
});

test("the round that ends a run asks for nothing, for it is judged afterwards", () => {
  const last = round(2);
  last.data.experiment = {
    state: "finished",
    rounds_done: 2,
    judgement: { state: "waiting", text: "being judged" },
  };

  const state = apply(ready(), last);

  assert.equal(state.needsResync, false);
});

test("the judgement of a run asks for the snapshot that carries its evaluations", () => {
  const ended = apply(
    ready(),
    envelope("state", 2, {
      experiment: { state: "finished", judgement: { state: "waiting" } },
      feed: [],
    }),
  );
  const judged = apply(
    ended,
    envelope("state", 3, { experiment: { judgement: { state: "done" } }, feed: [] }),
  );

  assert.deepEqual([ended.needsResync, judged.needsResync], [false, true]);
});

test("an intervention comes first in its list and changes its agent", () => {
  const data = {
    experiment: {},
    interventions: [{ agent: 1, field: "third" }],
    feed: [{ round: 1, kind: "intervention", agent: 1, text: "x" }],
    agents: { number: [1], learning_rate: [0.5] },
  };

  const state = apply(ready(), envelope("intervention", 2, data));

  assert.equal(state.interventions[0].field, "third");
  assert.equal(state.agents.get(1).learning_rate, 0.5);
  assert.equal(state.agents.get(1).fitness, 0.1);
});

test("an unknown version asks for a reload and an unknown type is passed over", () => {
  const state = ready();

  assert.equal(apply(state, { ...round(2), v: 2 }).outdated, true);
  assert.equal(apply(state, envelope("novelty", 1, {})), state);
});

test("a list that is new in a round is filled up with nulls before it", () => {
  const columns = appendRound(
    { rounds: [0, 1], measures: {} },
    { rounds: [2], measures: { trust: { mean: [50] } } },
  );

  assert.deepEqual(columns.measures.trust.mean, [null, null, 50]);
});

test("columns become rows by number", () => {
  const map = mergeAgents(new Map(), { number: [7], fitness: [null] });

  assert.deepEqual(map.get(7), { number: 7, fitness: null });
});

test("the fittest is alive and has a fitness", () => {
  const state = apply(ready(), round(2));

  assert.equal(bestAgent(state), 1);
});

test("who lived through few rounds is not yet the fittest", () => {
  const young = { fitness: [0.1, 0.9], birth_round: [0, 6] };

  assert.equal(
    bestAgent(
      apply(
        initial(),
        snapshot(9, { round: 8, data: { ...snapshot().data, agents: agents([1, 2], young) } }),
      ),
    ),
    1,
  );
  assert.equal(
    bestAgent(
      apply(
        initial(),
        snapshot(9, { round: 10, data: { ...snapshot().data, agents: agents([1, 2], young) } }),
      ),
    ),
    2,
  );
});

test("the headline tells what there was so far, and the last round", () => {
  const shown = headline(apply(ready(), round(2)));

  assert.deepEqual(
    [shown.births, shown.immigrants, shown.deaths, shown.scars, shown.trades],
    [1, 2, 4, 2, 9],
  );
  assert.equal(shown.meanReturn, -0.1);
  assert.equal(shown.holdReturn, 0.01);
  assert.equal(shown.reused, true);
});

test("the headline of nothing is null, never zero", () => {
  const shown = headline(initial());

  assert.equal(shown.meanReturn, null);
  assert.equal(shown.alive, null);
  assert.equal(shown.best, null);
});

test("where somebody younger has more fitness than the fittest that counts, it is said how many", () => {
  const agent = (number, fitness, birth_round) => [
    number,
    { number, fitness, birth_round, state: "active" },
  ];
  const state = {
    round: 9,
    agents: new Map([agent(1, 0.2, 0), agent(2, 0.9, 8), agent(3, 0.5, 7), agent(4, 0.1, 0)]),
  };

  assert.equal(bestAgent(state), 1);
  assert.equal(youngerAhead(state, 1), 2);
  assert.equal(youngerAhead(state, 2), 0);
  assert.equal(youngerAhead(state, null), 0);
});

const lives = (extra = {}) =>
  envelope("lives", 1, {
    lives: {
      states: ["active", "bankrupt", "outcompeted"],
      slot: [0, 1, 1],
      birth: [0, 0, 2],
      mother: [0, 0, 1],
      father: [0, 0, 0],
      generation: [0, 0, 1],
      death: [-1, 1, -1],
      state: [0, 2, 0],
      fitness: [null, 0.2, null],
      ...extra,
    },
  });

test("who dies is among the living no more, and nobody is kept whom nobody asked for", () => {
  const state = apply(ready(), round(2));

  assert.deepEqual([...state.agents.keys()], [1, 3]);
  assert.equal(state.dead, null);
});

test("the dead come when they are asked for, and later ones after them", () => {
  const asked = apply(ready(), lives({ death: [-1, -1, -1] }));
  const state = apply(asked, round(2));

  assert.deepEqual(asked.dead, []);
  assert.deepEqual(
    state.dead.map(({ number, death_round }) => [number, death_round]),
    [[2, 1]],
  );
  const { number, origin, parents, state: end } = apply(ready(), lives()).dead[0];
  assert.deepEqual([number, origin, parents, end], [2, "founder", [], "outcompeted"]);
});

test("everyone is the dead and the living, one object as long as neither changes", () => {
  const state = apply(apply(ready(), lives()), round(2));

  assert.deepEqual(
    [...everyone(state).keys()].sort((a, b) => a - b),
    [1, 2, 3],
  );
  assert.equal(everyone(state), everyone({ ...state }));
  assert.equal(everyone(ready()).size, 2);
});

test("another measure stands beside the first, with nothing where it has no round", () => {
  const heatmap = {
    rounds: [0],
    slots: [0, 1],
    measure: "return",
    values: [-0.5, 0.5],
    cells: [new Uint8Array([1]), new Uint8Array([255])],
  };

  const state = apply(apply(ready(), round(2)), envelope("heatmap", 2, { heatmap }));

  assert.deepEqual(state.heatmap.measures, ["fitness", "return"]);
  assert.deepEqual(state.heatmap.return, [[0.5, null], []]);
});

test("after many rounds that came one by one the page asks for the curves again, thinned", () => {
  let state = ready();
  for (let seq = 2; seq <= MOST_HEARD + 1; seq += 1) {
    const next = round(seq);
    state = apply(state, {
      ...next,
      data: {
        ...next.data,
        curves: { ...next.data.curves, rounds: [seq - 1] },
        heatmap: { ...next.data.heatmap, rounds: [seq - 1] },
      },
    });
  }

  assert.equal(state.needsResync, false);
  assert.equal(apply(state, round(MOST_HEARD + 2)).needsResync, true);
});

test("an earlier round shows its own figures, and of curves and heatmap what was before", () => {
  const now = apply(ready(), round(2));
  const told = envelope("step", 2, {
    experiment: { rounds_done: 1 },
    curves: { rounds: [0], reused: [false], measures: { return: { mean: [0.123] } } },
    agents: agents([1, 2]),
    hall: [],
    feed: [],
    evaluations: [],
    interventions: [1, 2],
  });

  const then = stepped(now, { ...told, round: 0 });

  assert.equal(then.round, 0);
  assert.deepEqual(then.curves.rounds, [0]);
  assert.deepEqual(then.curves.measures.return.mean, [0.123]);
  assert.deepEqual(then.heatmap.rounds, [0]);
  assert.deepEqual(then.heatmap.fitness, [[0.1, 0.2]]);
  assert.deepEqual([...then.agents.keys()], [1, 2]);
  assert.deepEqual(then.interventions, [2, 1]);
  assert.equal(then.experiment.population, 2);
  assert.deepEqual(now.curves.rounds, [0, 1]);
});
