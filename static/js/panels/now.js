// What an agent would do at the last closed bar, in words.

import { time } from "../shared/format.js";

const signed = (x) => `${x < 0 ? "\u2212" : ""}${Math.abs(x).toFixed(2)}`;

const names = ["SELL", "HOLD", "BUY"];

/** What it wants of one symbol. */
function wanted({ action, q, exposure, target }) {
  const values = q
    .map(
      (value, i) => `${names[i]} ${value === null ? "not finite" : Number(value.toPrecision(4))}`,
    )
    .join(", ");
  const to = target === null ? "" : `, to an exposure of ${signed(target)}`;
  const decision =
    action === null
      ? "its network's values cannot be: it would not trade."
      : `${action}${to}, at the open of the next bar.`;
  return `${decision} It holds an exposure of ${signed(exposure)}. Values: ${values}.`;
}

/** Sentences about the answer of an agent's "now" address. */
export function nowWords(answer) {
  const decisions = answer.decisions.map((each) => `${each.symbol}: ${wanted(each)}`).join(" ");
  const road = `It came there through ${answer.window} bars with ${answer.trades} trades closed.`;
  const old = answer.freshness === "fresh" ? "" : " That bar is getting old.";
  const trouble = answer.trouble ? ` No newer one could be had: ${answer.trouble}.` : "";
  return `${decisions} ${road} Last bar opened ${time(answer.bar_time)} UTC, from ${answer.sources.join(", ")}, asked ${time(answer.taken_ms)} UTC.${old}${trouble}`;
}

/** Sentences about a refusal: what stands still is asked for again. */
export function refusalWords(answer) {
  if (!answer?.error) return "The server did not answer; try again.";
  return answer.freshness === "stale"
    ? `Paused: ${answer.error}. It is asked again every minute, and goes on by itself once there is a newer bar.`
    : answer.error;
}
