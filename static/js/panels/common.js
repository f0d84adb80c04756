// What markets that were ticked have in common, in words.

import { el } from "../shared/dom.js";
import { duration, time, whole } from "../shared/format.js";

/** Elements that tell the answer of the common address. */
export function renderCommon(basket) {
  const terms = [
    ["Symbols", basket.symbols.join(", ")],
    ["Bars in common", whole(basket.bars)],
    ["One bar", duration(basket.timeframe_ms)],
    ["From, UTC", time(basket.first_time)],
    ["To", time(basket.last_time)],
    ["Gaps", gapWords(basket)],
    ["Data", basket.data_kind],
  ];
  const facts = el(
    "dl",
    { class: "facts" },
    ...terms.map(([term, text]) => el("div", {}, el("dt", {}, term), el("dd", {}, text))),
  );
  return [
    facts,
    el("ul", { class: "plain" }, ...basket.notes.slice(1).map((note) => el("li", {}, note))),
    el("p", { class: "fine" }, roundsWords(basket)),
  ];
}

/** "none", or "3, 12 bars missing". */
export const gapWords = ({ gap_count: count, missing_bars: missing }) =>
  count ? `${whole(count)}, ${whole(missing)} bars missing` : "none";

/** What an experiment finds room for, before its windows come round again. */
export function roundsWords({ rounds, refusal }) {
  if (!rounds) return `Too few for a single round as the form of an experiment stands: ${refusal}.`;
  return `Enough for ${whole(rounds)} ${rounds === 1 ? "round" : "rounds"} as the form of an experiment stands; later rounds would start again from the beginning.`;
}
