// A live connection that breaks or is refused says why, and is tried again.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import {
  GONE,
  SILENCE,
  SILENT,
  breakWords,
  connect,
  silence,
} from "../../static/js/stream/socket.js";

const { setTimeout: timeout, setInterval: interval } = globalThis;
afterEach(() => Object.assign(globalThis, { setTimeout: timeout, setInterval: interval }));

/**
 * What a page hears while its socket goes through `steps`: "open", or the code it closes with;
 * `answer`: the server's by HTTP.
 */
async function played(steps, answer = null) {
  const said = [];
  let asked = 0;
  let socket = null;
  globalThis.WebSocket = class extends EventTarget {
    constructor() {
      super();
      socket = this;
    }
  };
  let again = 0;
  globalThis.setTimeout = () => {
    again += 1;
  };
  globalThis.setInterval = () => {};
  connect(() => "ws://here", {
    onMessages() {},
    onStatus: (name, words) => said.push([name, words]),
    ask: async () => {
      asked += 1;
      return answer;
    },
  });
  for (const step of steps) {
    socket.dispatchEvent(
      step === "open" ? new Event("open") : Object.assign(new Event("close"), { code: step }),
    );
    await new Promise(setImmediate);
  }
  return { said, asked, again };
}

test("a line that was cut is offline, asks nothing and is tried again", async () => {
  const { said, asked, again } = await played(["open", 1006], 200);

  assert.deepEqual(
    said.map(([name]) => name),
    ["online", "offline"],
  );
  assert.match(said[1][1], /^Offline, reconnecting/);
  assert.deepEqual([asked, again], [0, 1]);
});

test("a server that is away is offline, one that refuses the handshake says so", async () => {
  const away = await played([1006]);
  const refused = await played([1006], 200);

  assert.match(away.said[0][1], /^Offline, reconnecting/);
  assert.match(refused.said[0][1], /refuses a live connection: too many stand.*tried again/);
  assert.deepEqual([away.again, refused.again], [1, 1]);
});

test("an ailing server is not taken for one that refuses", async () => {
  assert.match((await played([1006], 502)).said[0][1], /^Offline/);
});

for (const answer of [403, 404]) {
  test(`who may not watch, by ${answer}, is gone and not tried again`, async () => {
    const { said, again } = await played([1006], answer);

    assert.deepEqual([said[0][0], again], ["gone", 0]);
  });
}

test("a code that says why is shown, one's own leave is not", async () => {
  assert.match((await played(["open", 4429])).said[1][1], /asked too often.*tried again/);
  assert.match(breakWords(4408, false), /too long/);
  assert.equal((await played(["open", GONE])).said[1][0], "gone");
});

/**
 * A page at a line that stands, whose clock and timers the test moves: tick(ms) looks at the clock
 * after so long, hear() is a message.
 */
function standing() {
  const said = [];
  const sockets = [];
  const retries = [];
  let now = 0;
  let look = null;
  globalThis.WebSocket = class extends EventTarget {
    constructor() {
      super();
      sockets.push(this);
    }

    close() {
      this.closed = true;
    }
  };
  globalThis.setTimeout = (open) => retries.push(open);
  globalThis.setInterval = (tick) => {
    look = tick;
  };
  connect(() => "ws://here", {
    onMessages: (list) => said.push(list.length),
    onStatus: (name, words) => said.push(`${name} ${words}`),
    ask: async () => null,
    clock: () => now,
  });
  const tell = (socket, name, more = {}) =>
    socket.dispatchEvent(Object.assign(new Event(name), more));
  return {
    said,
    sockets,
    retries,
    tell,
    tick(ms) {
      now += ms;
      look();
    },
    hear(socket = sockets.at(-1)) {
      tell(socket, "message", { data: new ArrayBuffer(0) });
    },
  };
}

test("a line over which nothing comes is given up and opened anew", () => {
  const page = standing();
  page.tell(page.sockets[0], "open");
  for (let second = 0; second <= SILENCE / 1000; second += 1) page.tick(1000);

  assert.match(page.said.at(-1), new RegExp(`^offline ${SILENT}.*tried again`));
  assert.equal(page.sockets[0].closed, true);
  page.retries[0]();
  page.tell(page.sockets[1], "open");
  assert.equal(page.said.at(-1), "online ");
});

test("a line that was given up and comes back to life is not heard beside the new one", () => {
  const page = standing();
  page.tell(page.sockets[0], "open");
  for (let second = 0; second <= SILENCE / 1000; second += 1) page.tick(1000);
  page.retries[0]();
  const before = page.said.length;

  page.hear(page.sockets[0]);
  page.tell(page.sockets[0], "close", { code: 1006 });

  assert.equal(page.said.length, before);
  assert.equal(page.retries.length, 1);
});

test("a handshake that is never answered is given up, too", () => {
  const page = standing();
  for (let second = 0; second <= 8; second += 1) page.tick(1000);

  assert.match(page.said.at(-1), /^offline Offline/);
  assert.equal(page.retries.length, 1);
});

test("a tab in the background, woken once a minute, keeps a line that speaks", () => {
  const page = standing();
  page.tell(page.sockets[0], "open");
  for (let minute = 0; minute < 60; minute += 1) {
    page.tick(60_000);
    page.hear();
  }

  assert.deepEqual(
    page.said.filter((words) => String(words).startsWith("offline")),
    [],
  );
});

test("a page that slept for hours looks at the clock before it hears what waited, and keeps its line", () => {
  const page = standing();
  page.tell(page.sockets[0], "open");
  page.tick(8 * 3_600_000);
  page.hear();

  assert.equal(page.said.at(-1), 0);
  assert.ok(silence(0, 8 * 3_600_000) < SILENCE);
});
