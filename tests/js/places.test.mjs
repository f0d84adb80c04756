// The heatmap from bytes to lists, who held which place, and what a page asks for beside it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { asker, standsAt } from "../../static/js/stream/asked.js";
import { holders, opened, withColumn } from "../../static/js/stream/places.js";
import { openPage } from "./page.mjs";

const bytes = (...codes) => new Uint8Array(codes);

test("a byte is the value it stands for, and one that stands for none is nothing", () => {
  const heatmap = opened({
    rounds: [1, 3],
    slots: [0, 1, 2],
    measure: "trust",
    values: [10, 20.5],
    cells: [bytes(0, 1), bytes(255, 0), bytes(1, 1)],
  });

  assert.deepEqual(heatmap, {
    rounds: [1, 3],
    slots: [0, 1, 2],
    measures: ["trust"],
    trust: [
      [10, null, 20.5],
      [20.5, 10, 20.5],
    ],
  });
  assert.deepEqual(opened(), { rounds: [], slots: [], measures: [] });
});

test("whoever lived in a round held its place, and nobody else", () => {
  const agents = [
    { number: 1, slot: 0, birth_round: 0, death_round: 3 },
    { number: 2, slot: 1, birth_round: 0, death_round: null },
    { number: 3, slot: 0, birth_round: 4, death_round: null },
    { number: 4, slot: 0, birth_round: 8, death_round: null },
  ];

  assert.deepEqual(holders({ rounds: [1, 3, 5], slots: [0, 1] }, agents), [
    [1, 2],
    [1, 2],
    [3, 2],
  ]);
});

test("a closed round adds a column of what is kept, once", () => {
  const heatmap = {
    rounds: [0],
    slots: [0],
    agent: [[1]],
    measures: ["trust"],
    trust: [[50]],
  };
  const added = { rounds: [1], slots: [0], agent: [[2]], trust: [[60]], fitness: [[0.1]] };

  const now = withColumn(heatmap, added);

  assert.deepEqual(
    [now.rounds, now.agent, now.trust],
    [
      [0, 1],
      [[1], [2]],
      [[50], [60]],
    ],
  );
  assert.equal(now.fitness, undefined);
  assert.equal(withColumn(now, added), now);
  assert.equal(withColumn(now, undefined), now);
});

test("what is being fetched is not fetched again, and no answer is said to be none", async () => {
  const page = openPage();
  const taken = [];
  page.answer = (url) => (url.includes("lives") ? { status: 500 } : { buffer: new ArrayBuffer(0) });
  const ask = asker({ snapshotUrl: "/snapshot", livesUrl: "/lives" }, (list) => taken.push(list));

  const [first, second] = await Promise.all([ask.measure("trust"), ask.measure("trust")]);

  assert.deepEqual([first, second, taken], [true, true, [[]]]);
  assert.equal(await ask.lives(), false);
  await ask.agent(7);
  await ask.paint();
  assert.deepEqual(
    page.asked.map(({ url }) => url),
    ["/snapshot?measure=trust", "/lives", "/lives?agent=7", "/snapshot"],
  );
});

test("the address of the socket says where the page is, once it is anywhere", () => {
  assert.equal(standsAt({ ready: false, epoch: null, seq: 0 }), "");
  assert.equal(standsAt({ ready: true, epoch: "ab.1", seq: 4 }), "?epoch=ab.1&seq=4");
});
