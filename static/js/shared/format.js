// How numbers and times are written on the page: pure functions from a value to text; null becomes
// a dash.

const NONE = "–";
const MINUS = "\u2212";
// breaks no line
const FIXED = "\u00a0";

// shares from here on are too long to be read: ten million per cent
const READABLE = 1e5;

const finite = (x) => typeof x === "number" && Number.isFinite(x);
const sign = (text, x, signed) => (x < 0 ? MINUS : signed && x > 0 ? "+" : "") + text;

/**
 * 0.1234 -> "12.3 %"; `signed` puts a plus before gains. What cannot be read is written with a
 * power of ten.
 */
export function percent(x, digits = 1, signed = false) {
  if (!finite(x)) return NONE;
  if (Math.abs(x) >= READABLE) return sign(`${power(Math.abs(x) * 100)}${FIXED}%`, x, signed);
  const text = Math.abs(x * 100).toFixed(digits);
  return sign(`${group(text)}${FIXED}%`, Number(text) === 0 ? 0 : x, signed);
}

/** 2.31e12 -> "2.3 × 10¹²". */
export function power(x) {
  const [mantissa, exponent] = x.toExponential(1).split("e");
  return `${mantissa}${FIXED}×${FIXED}10${[...exponent.replace("+", "")].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit] ?? "⁻").join("")}`;
}

/** A plain number with a fixed count of decimals and thin spaces between thousands. */
export function number(x, digits = 2) {
  if (!finite(x)) return NONE;
  const text = Math.abs(x).toFixed(digits);
  return sign(group(text), Number(text) === 0 ? 0 : x, false);
}

export function whole(x) {
  return number(x, 0);
}

const LEAST_MONEY = 1e-6;
const MOST_MONEY = 1e21;
const SMALL_MONEY = 0.1;
const UNITS = [
  [1e6, "million"],
  [1e9, "billion"],
  [1e12, "trillion"],
  [1e15, "quadrillion"],
];

/**
 * 12345.678 -> "12 345.68", 2.5e6 -> "2.5 million", 2e-10 -> "< 0.000001": 0.00 is said only of
 * 0. agents/money.py writes the same; both are held to one table of cases.
 */
export function money(x, signed = false) {
  if (!finite(x)) return NONE;
  const size = Math.abs(x);
  if (size > 0 && size < LEAST_MONEY) return `${x < 0 ? ">" : "<"} ${sign("0.000001", x, signed)}`;
  if (size >= MOST_MONEY) return `${x < 0 ? "<" : ">"} ${sign("10\u00b2\u00b9", x, signed)}`;
  return sign(size > 0 && size < SMALL_MONEY ? smallMoney(size) : plainMoney(size), x, signed);
}

/** Two significant digits, without an exponent; at least two decimals. */
function smallMoney(size) {
  const decimals = 1 - Number(size.toExponential().split("e")[1]);
  return size.toFixed(decimals).replace(/(\.\d\d\d*?)0+$/, "$1");
}

/** Two decimals up to a million, four significant digits and a word from there on. */
function plainMoney(size) {
  const text = size.toFixed(2);
  if (Number(text) < UNITS[0][0]) return group(text);
  const scaled = UNITS.map(([unit, word]) => [Number((size / unit).toPrecision(4)), word]);
  const [count, word] = scaled.find(([each]) => each < 1000) ?? scaled.at(-1);
  return `${group(String(count))}${FIXED}${word}`;
}

/** Four significant figures, with an exponent for the very small. */
export function significant(x, digits = 4) {
  if (!finite(x)) return NONE;
  if (x !== 0 && (Math.abs(x) < 1e-4 || Math.abs(x) >= 1e7))
    return x
      .toExponential(digits - 2)
      .replace("-", MINUS)
      .replace("+", "");
  return String(Number(x.toPrecision(digits))).replace("-", MINUS);
}

function group(text) {
  const [integer, fraction] = text.split(".");
  const spaced = integer.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return fraction === undefined ? spaced : `${spaced}.${fraction}`;
}

/** Milliseconds since 1970 -> "2021-03-04 05:06" in UTC. */
export function time(ms) {
  return finite(ms) ? new Date(ms).toISOString().slice(0, 16).replace("T", " ") : NONE;
}

/** 3600000 -> "1 h". */
export function duration(ms) {
  if (!finite(ms)) return NONE;
  for (const [size, unit] of [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1000, "s"],
  ]) {
    if (ms >= size && ms % size === 0) return `${ms / size}${FIXED}${unit}`;
  }
  return `${ms}${FIXED}ms`;
}

/** Seconds -> "1 min 20 s", as coarse as a time that is guessed may be. */
export function left(seconds) {
  if (!finite(seconds)) return NONE;
  if (seconds < 55) return `${Math.max(5, Math.round(seconds / 5) * 5)} s`;
  if (seconds < 570) {
    const tens = Math.round(seconds / 10);
    return tens % 6 ? `${Math.floor(tens / 6)} min ${(tens % 6) * 10} s` : `${tens / 6} min`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.round(hours / 24)} days`;
  return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
}

/** A difference of shares in points: 0.038 -> "+3.8". */
export function points(x, digits = 1) {
  if (!finite(x)) return NONE;
  const text = Math.abs(x * 100).toFixed(digits);
  return sign(group(text), Number(text) === 0 ? 0 : x, true);
}

/** "outcompeted" or "scarred_out" -> words. */
export function words(key) {
  return String(key ?? "").replaceAll("_", " ");
}
