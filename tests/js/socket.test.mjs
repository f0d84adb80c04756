// A live connection that breaks or is refused says why, and is tried again.

import assert from "node:assert/strict";
import { test } from "node:test";

import { GONE, breakWords, connect } from "../../static/js/socket.js";

/** What a page is told while its socket goes through `steps`: "open", or the code it closes with; `answer`: the server's by HTTP. */
async function told(steps, answer = null) {
  const said = [];
  let asked = 0;
  let socket = null;
  globalThis.WebSocket = class extends EventTarget {
    constructor() {
      super();
      socket = this;
    }
  };
  const timeout = globalThis.setTimeout;
  let again = 0;
  globalThis.setTimeout = () => { again += 1; };
  connect("ws://here", { onMessages() {}, onStatus: (name, words) => said.push([name, words]), ask: async () => { asked += 1; return answer; } });
  for (const step of steps) {
    socket.dispatchEvent(step === "open" ? new Event("open") : Object.assign(new Event("close"), { code: step }));
    await new Promise(setImmediate);
  }
  globalThis.setTimeout = timeout;
  return { said, asked, again };
}

test("a line that was cut is offline, asks nobody and is tried again", async () => {
  const { said, asked, again } = await told(["open", 1006], 200);

  assert.deepEqual(said.map(([name]) => name), ["online", "offline"]);
  assert.match(said[1][1], /^Offline, reconnecting/);
  assert.deepEqual([asked, again], [0, 1]);
});

test("a server that is away is offline, one that refuses the handshake says so", async () => {
  const away = await told([1006]);
  const refused = await told([1006], 200);

  assert.match(away.said[0][1], /^Offline, reconnecting/);
  assert.match(refused.said[0][1], /refuses a live connection: too many stand.*tried again/);
  assert.deepEqual([away.again, refused.again], [1, 1]);
});

test("an ailing server is not taken for one that refuses", async () => {
  assert.match((await told([1006], 502)).said[0][1], /^Offline/);
});

for (const answer of [403, 404]) {
  test(`who may not watch, by ${answer}, is gone and not tried again`, async () => {
    const { said, again } = await told([1006], answer);

    assert.deepEqual([said[0][0], again], ["gone", 0]);
  });
}

test("a code that tells is told, one's own leave is not", async () => {
  assert.match((await told(["open", 4429])).said[1][1], /asked too often.*tried again/);
  assert.match(breakWords(4408, false), /too long/);
  assert.equal((await told(["open", GONE])).said[1][0], "gone");
});
