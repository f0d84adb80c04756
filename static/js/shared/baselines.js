// What the rules did, round by round, in the measures of the agents: pure functions of the curves.

import { BASELINES } from "../figures/measures.js";

/**
 * The rules that were played in any round: a short is one only where shorts are allowed, and some
 * follow the champion.
 */
export function rulesOf(curves) {
  const returns = curves.baselines.return ?? {};
  return Object.entries(BASELINES).filter(([key]) => returns[key]?.some((value) => value !== null));
}

/**
 * Values of rule `key` in `measure`, one a round; null where there is none, or the measure means
 * nothing for a rule.
 */
export function baselineOf(curves, measure, key, endowment = null) {
  const figures = (name) => curves.baselines[name]?.[key] ?? null;
  if (measure !== "equity") return figures(measure);
  return endowment === null
    ? null
    : (figures("growth")?.map((growth) => (growth === null ? null : growth * endowment)) ?? null);
}

/**
 * {fitness, return, equity} of rule `key` after the last round, null each where it is not known.
 */
export function standing(curves, key, endowment) {
  const last = (list) => list?.[list.length - 1] ?? null;
  const equity = last(baselineOf(curves, "equity", key, endowment));
  return {
    fitness: last(baselineOf(curves, "fitness", key)),
    equity,
    return: equity === null ? null : equity / endowment - 1,
  };
}
