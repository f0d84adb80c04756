// Reads what the server says (arena/wire/messages.py tells the format): bytes in, messages out; an
// array comes as nested lists, NaN as null; one of bytes as lists of Uint8Array.

const READERS = { "<f4": ["getFloat32", 4], "<f8": ["getFloat64", 8], "<i4": ["getInt32", 4] };
const SIZES = 8;
const utf8 = new TextDecoder();

/** The messages in an ArrayBuffer of frames that follow one another. */
export function decode(buffer) {
  const view = new DataView(buffer);
  const messages = [];
  for (let at = 0; at < buffer.byteLength;) {
    const head = at + SIZES;
    const arrays = head + view.getUint32(at, true);
    const envelope = JSON.parse(utf8.decode(new Uint8Array(buffer, head, arrays - head)));
    messages.push({ ...envelope, data: filled(envelope.data, view, arrays) });
    at = arrays + view.getUint32(at + 4, true);
  }
  return messages;
}

/** `value` with its arrays in their places; they stand in objects, never in lists. */
function filled(value, view, arrays) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  if (value.array === "|u1") return bytes(view, value, arrays);
  if (Object.hasOwn(READERS, value.array)) return nested(numbers(view, value, arrays), value.shape);
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, filled(each, view, arrays)]),
  );
}

/** A row of bytes, or the rows of a table. */
function bytes(view, { shape, at }, arrays) {
  const width = shape.at(-1);
  const row = (i) => new Uint8Array(view.buffer, arrays + at + i * width, width);
  return shape.length < 2 ? row(0) : Array.from({ length: shape[0] }, (_, i) => row(i));
}

function numbers(view, { array, shape, at }, arrays) {
  const [read, size] = READERS[array];
  return Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => {
    const number = view[read](arrays + at + i * size, true);
    return Number.isFinite(number) ? number : null;
  });
}

/** A flat list as lists of lists of `shape`. */
function nested(flat, shape) {
  if (shape.length < 2) return flat;
  const [rows, ...rest] = shape;
  const width = flat.length / rows;
  return Array.from({ length: rows }, (_, row) =>
    nested(flat.slice(row * width, (row + 1) * width), rest),
  );
}
