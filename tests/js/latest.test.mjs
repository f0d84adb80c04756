// Calls that come faster than work is done: none starves, and the last is always carried out.

import assert from "node:assert/strict";
import { test } from "node:test";

import { oneAtATime } from "../../static/js/shared/latest.js";

const later = () => new Promise((resolve) => setTimeout(resolve, 5));

test("of calls during work only the last is carried out, and what was begun is finished", async () => {
  const done = [];
  const call = oneAtATime(async (n) => {
    await later();
    done.push(n);
  });

  const first = call(1);
  call(2);
  call(3);
  await first;

  assert.deepEqual(done, [1, 3]);
});

test("a call that waits can be dropped", async () => {
  const done = [];
  const call = oneAtATime(async (n) => {
    await later();
    done.push(n);
  });

  const first = call(1);
  call(2);
  call.drop();
  await first;

  assert.deepEqual(done, [1]);
});

test("work that fails does not stop what comes after it", async () => {
  const done = [];
  const call = oneAtATime(async (n) => {
    if (n === 1) throw new Error("no answer");
    done.push(n);
  });

  await assert.rejects(call(1));
  await call(2);

  assert.deepEqual(done, [2]);
});
