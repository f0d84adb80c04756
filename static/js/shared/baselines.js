// What the rules did, round by round, in the measures of the agents: pure functions of the curves.

import { BASELINES } from "../figures/measures.js";

// a fitness is a mean over so many windows
const WINDOWS = 5;

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
  if (measure === "equity")
    return endowment === null ? null : compounded(figures("return"), endowment);
  if (measure === "fitness") return trailing(figures("score"));
  return figures(measure);
}

/**
 * Money that began with `endowment` before the first round and was put to each round's return in
 * turn.
 */
export function compounded(returns, endowment) {
  if (!returns?.length) return null;
  let money = endowment;
  return returns.map((earned) => {
    money = earned === null || money === null ? null : money * (1 + earned);
    return money;
  });
}

/** Means over the last WINDOWS values, as an agent's fitness is one. */
export function trailing(scores) {
  if (!scores?.some((score) => score !== null)) return null;
  return scores.map((_, i) => {
    const kept = scores
      .slice(Math.max(0, i + 1 - WINDOWS), i + 1)
      .filter((score) => score !== null);
    return kept.length ? kept.reduce((sum, score) => sum + score, 0) / kept.length : null;
  });
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
