// What an agent would do at the last closed bar, in words.

import { time } from "../format.js";

const signed = (x) => `${x < 0 ? "\u2212" : ""}${Math.abs(x).toFixed(2)}`;

/** Sentences about the answer of an agent's "now" address. */
export function nowWords(told) {
  const names = ["SELL", "HOLD", "BUY"];
  const values = told.q.map((value, i) => `${names[i]} ${value === null ? "not finite" : Number(value.toPrecision(4))}`).join(", ");
  const target = told.target === null ? "" : `, to an exposure of ${signed(told.target)}`;
  const decision = told.action === null ? "Its network gives no finite value: it would not trade." : `${told.action}${target}, at the open of the next bar.`;
  const road = `It came there through ${told.window} bars with ${told.trades} trades closed and holds an exposure of ${signed(told.exposure)}.`;
  const old = told.freshness === "fresh" ? "" : " That bar is getting old.";
  return `${decision} Values: ${values}. ${road} Last bar opened ${time(told.bar_time)} UTC, from ${told.source}, asked ${time(told.taken_ms)} UTC.${old}`;
}
