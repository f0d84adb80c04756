// The page reads what the server says: heads and arrays, several frames at once.

import assert from "node:assert/strict";
import { test } from "node:test";

import { decode } from "../../static/js/stream/frames.js";

/** A frame as the server builds it, from an envelope and the bytes of its arrays. */
function frame(envelope, arrays = new Uint8Array(0)) {
  const head = new TextEncoder().encode(JSON.stringify(envelope));
  const bytes = new Uint8Array(8 + head.length + arrays.length);
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  new DataView(bytes.buffer).setUint32(4, arrays.length, true);
  bytes.set(head, 8);
  bytes.set(arrays, 8 + head.length);
  return bytes;
}

const joined = (...frames) => new Uint8Array(frames.flatMap((bytes) => [...bytes])).buffer;
const bytesOf = (...lists) =>
  new Uint8Array(lists.flatMap((list) => [...new Uint8Array(list.buffer)]));

test("frames without arrays are the envelopes in order", () => {
  const sent = [
    { type: "progress", data: { share: 0.5 } },
    { type: "state", data: { experiment: { name: "ä" }, feed: [{ a: null }] } },
  ];

  assert.deepEqual(decode(joined(...sent.map((each) => frame(each)))), sent);
  assert.deepEqual(decode(new ArrayBuffer(0)), []);
});

test("arrays become nested lists in their places, and what is no number null", () => {
  const arrays = bytesOf(
    new Float32Array([1.5, NaN, -2, Infinity, 0, 4]),
    new Int32Array([7, -8]),
    new Float64Array([0.1]),
  );
  const data = {
    heatmap: {
      fitness: { array: "<f4", shape: [2, 3], at: 0 },
      agent: { array: "<i4", shape: [1, 2], at: 24 },
      rounds: [3],
    },
    exact: { array: "<f8", shape: [1], at: 32 },
  };

  const [{ data: decoded }] = decode(joined(frame({ type: "round", data }, arrays)));

  assert.deepEqual(decoded, {
    heatmap: {
      fitness: [
        [1.5, null, -2],
        [null, 0, 4],
      ],
      agent: [[7, -8]],
      rounds: [3],
    },
    exact: [0.1],
  });
});

test("bytes are handed on as they lie, a row at a time", () => {
  const data = {
    cells: { array: "|u1", shape: [2, 3], at: 1 },
    state: { array: "|u1", shape: [2], at: 0 },
    none: { array: "|u1", shape: [0, 0], at: 0 },
  };

  const [{ data: message }] = decode(
    joined(frame({ data }, new Uint8Array([9, 1, 2, 3, 4, 5, 255]))),
  );

  assert.deepEqual(message, {
    cells: [new Uint8Array([1, 2, 3]), new Uint8Array([4, 5, 255])],
    state: new Uint8Array([9, 1]),
    none: [],
  });
});

test("an array without rows is an empty list", () => {
  const [{ data }] = decode(joined(frame({ data: { a: { array: "<f4", shape: [0, 5], at: 0 } } })));

  assert.deepEqual(data, { a: [] });
});
