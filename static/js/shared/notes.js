// What a viewer has to know of a run before reading its figures, from counts of rows: pure.

import { money, percent, whole } from "./format.js";
import { total } from "../stream/state.js";

// of the newcomers: from here on there is more coming and going than evolution
const MOST_FOREIGN = 0.5;

/** Sentences, the gravest first. */
export function notes(state) {
  return [reuse(state), evolution(state.curves.events), putIn(state.curves)].filter(Boolean);
}

/** The same in a few words each, for where there is little room. */
export function briefly({ curves, experiment }) {
  const from = curves.reused.indexOf(true);
  const foreign = share(curves.events) >= MOST_FOREIGN;
  const paid = (curves.money.put_in ?? []).some((amount) => amount > 0);
  return [
    from >= 0
      ? `rounds reuse prices since round ${curves.rounds[from]}`
      : (experiment.reuse ?? "") && "later rounds will reuse prices",
    foreign && "most newcomers are immigrants",
    paid && "money was put in for newcomers",
  ].filter(Boolean);
}

function share(events) {
  const [children, immigrants] = [total(events.births), total(events.immigrants)];
  return immigrants / (children + immigrants);
}

function reuse({ curves, experiment }) {
  const from = curves.reused.indexOf(true);
  const remedy = experiment.remedy ?? "";
  if (from < 0) return `${experiment.reuse ?? ""} ${remedy}`.trim();
  const count = curves.reused.filter(Boolean).length;
  return `From round ${curves.rounds[from]} on the series starts again from its beginning: ${whole(count)} of ${whole(curves.rounds.length)} rounds ran on bars used before and count as in sample; what was earned in them proves nothing. ${remedy}`.trim();
}

function evolution(events) {
  const [children, immigrants] = [total(events.births), total(events.immigrants)];
  const foreign = share(events);
  if (!(foreign >= MOST_FOREIGN)) return "";
  const title = children ? "Hardly anything evolves" : "Nothing evolves";
  return `${title}: ${whole(immigrants)} of ${whole(children + immigrants)} newcomers (${percent(foreign, 0)}) are immigrants with random networks, of generation 0, because no parent fitted. A parent has bronze or better, two scars at most, ten trades, a gain since birth, money to spare, and a line of descent below its cap.`;
}

function putIn({ rounds, money: books }) {
  const amounts = books.put_in ?? [];
  const places = amounts.flatMap((amount, i) => (amount > 0 ? [i] : []));
  if (!places.length) return "";
  const sum = places.reduce((all, i) => all + amounts[i], 0);
  const when =
    places.length === 1
      ? `after round ${rounds[places[0]]}`
      : `after ${whole(places.length)} of ${whole(rounds.length)} rounds, last after round ${rounds[places.at(-1)]}`;
  // those of the last close, or of one before it
  const live = places.at(-1) === amounts.length - 1 ? "live" : "lived";
  return `Newcomers ${live} on money put in: the treasury had too little for them ${when}, and ${money(sum)} was put in.`;
}
