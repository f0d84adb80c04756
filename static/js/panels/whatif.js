// The what-if of a fork: when it parted from its original, how far apart they are, and what people
// did to either since.

import { el, figure, one, show, tabs } from "../shared/dom.js";
import { CURVES } from "../figures/measures.js";
import { percent, significant, whole } from "../shared/format.js";
import { paint } from "../shared/paint.js";

/**
 * The panel of a page that has one, else null: load() asks for the comparison again, paint() draws
 * it in today's colours.
 */
export function whatifPanel(url, colours) {
  if (!url) return null;
  let answer = null;
  let measure = "return";

  async function load() {
    const response = await fetch(url).catch(() => null);
    if (!response?.ok) return;
    answer = await response.json();
    paintBoth();
  }

  function paintBoth() {
    if (!answer) return;
    figure("whatif-parted", parted(answer));
    figure("whatif-summary", summaryText(answer.measures[measure].summary, measure));
    renderInterventions(answer.interventions);
    paint(one("#whatif"), { whatif: answer, measure, palette: colours() });
  }

  tabs(
    one("#whatif-tabs"),
    Object.fromEntries(Object.entries(CURVES).map(([key, info]) => [key, info.tab])),
    measure,
    (key) => {
      measure = key;
      paintBoth();
    },
  );
  return { load, paint: paintBoth };
}

/** Since when the two differ, by their digests. */
export function parted({ same, parted: round, after }) {
  const both = same.filter((each) => each !== null).length;
  if (round !== null)
    return `The same to the bit up to round ${round - 1}; they part in round ${round}.`;
  if (both <= after + 1)
    return `The same up to round ${after}. No later round has been played by both yet.`;
  return `The same to the bit in all ${whole(both)} rounds that both have played.`;
}

/** {rounds, mean, low, high} in words. */
export function summaryText(summary, measure) {
  if (!summary) return "";
  const write =
    CURVES[measure].unit === "%" || measure === "epsilon"
      ? (x) => percent(x, 2, true)
      : (x) => significant(x);
  const name = CURVES[measure].tab.toLowerCase();
  if (summary.mean === 0 && !summary.low && !summary.high)
    return `Mean ${name} a round: no difference at all in ${whole(summary.rounds)} rounds.`;
  const interval =
    summary.low === null
      ? "one round only"
      : `95 % interval ${write(summary.low)} to ${write(summary.high)}, the ${whole(summary.rounds)} rounds taken as independent`;
  return `Mean ${name} a round, fork minus original: ${write(summary.mean)} (${interval}).`;
}

function renderInterventions({ original, fork }) {
  const lines = [
    ...original.map((text) => `In the original: ${text}`),
    ...fork.map((text) => `In the fork: ${text}`),
  ];
  one("#whatif-interventions").replaceChildren(...lines.map((text) => el("li", {}, text)));
  show(one("#whatif-interventions"), lines.length > 0);
}
