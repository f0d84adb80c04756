// The canary's answer in words, whatever the server said.

import assert from "node:assert/strict";
import { test } from "node:test";

import { verdictOf } from "../../static/js/panels/canary.js";

test("a sound answer is good news, a leak and a refusal are not", () => {
  assert.deepEqual(verdictOf({ sound: true, text: "Nobody looks ahead.", found: [] }), {
    tone: "success",
    text: "Nobody looks ahead.",
    found: [],
  });
  assert.deepEqual(
    verdictOf({ sound: false, text: "The future is seen.", found: ["bar range looks ahead."] })
      .tone,
    "error",
  );
  assert.equal(
    verdictOf({ error: "agent 7 has not finished a round yet" }).text,
    "agent 7 has not finished a round yet",
  );
});

test("no answer at all is said to be none", () => {
  assert.deepEqual(verdictOf(null), {
    tone: "error",
    text: "The server did not answer; try again.",
    found: [],
  });
});
