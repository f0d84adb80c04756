// What a viewer has to know of a run before reading its figures, from counts of rows: pure.

import { money, percent, whole } from "./format.js";

// of the newcomers: from here on there is more coming and going than evolution
const MOST_FOREIGN = 0.5;

/** Sentences, the gravest first. */
export function notes(state) {
  const ever = state.experiment.ever ?? {};
  const rounds = (state.round ?? -1) + 1;
  return [reuse(state.experiment, ever, rounds), evolution(ever), putIn(ever, rounds)].filter(
    Boolean,
  );
}

/** The same in a few words each, for where there is little room. */
export function briefly({ experiment, round }) {
  const { reused = 0, put_in_rounds: paid = 0, ...newcomers } = experiment.ever ?? {};
  return [
    reused
      ? `rounds reuse prices since round ${round + 1 - reused}`
      : (experiment.reuse ?? "") && "later rounds will reuse prices",
    share(newcomers) >= MOST_FOREIGN && "most newcomers are immigrants",
    paid > 0 && "money was put in for newcomers",
  ].filter(Boolean);
}

const share = ({ births = 0, immigrants = 0 }) => immigrants / (births + immigrants);

// once the series has started again, it is used again for ever
function reuse(experiment, { reused = 0 }, rounds) {
  const remedy = experiment.remedy ?? "";
  if (!reused) return `${experiment.reuse ?? ""} ${remedy}`.trim();
  return `From round ${rounds - reused} on the series starts again from its beginning: ${whole(reused)} of ${whole(rounds)} rounds ran on bars used before and count as in sample; what was earned in them proves nothing. ${remedy}`.trim();
}

function evolution(ever) {
  const { births: children = 0, immigrants = 0 } = ever;
  const foreign = share(ever);
  if (!(foreign >= MOST_FOREIGN)) return "";
  const title = children ? "Hardly anything evolves" : "Nothing evolves";
  return `${title}: ${whole(immigrants)} of ${whole(children + immigrants)} newcomers (${percent(foreign, 0)}) are immigrants with random networks, of generation 0, because no parent fitted. A parent has bronze or better, two scars at most, ten trades, a gain since birth, money to spare, and a line of descent below its cap.`;
}

function putIn({ put_in: sum, put_in_rounds: count, put_in_last: last }, rounds) {
  if (!count) return "";
  const when =
    count === 1
      ? `after round ${last}`
      : `after ${whole(count)} of ${whole(rounds)} rounds, last after round ${last}`;
  // those of the last close, or of one before it
  const live = last === rounds - 1 ? "live" : "lived";
  return `Newcomers ${live} on money put in: the treasury had too little for them ${when}, and ${money(sum)} was put in.`;
}
