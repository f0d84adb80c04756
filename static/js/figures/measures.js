// The measures the page draws, in words: what each is called, its unit and how its axis is written.
// Reward is a signal, return is money.

import { money, number, percent, whole } from "../shared/format.js";

export const CURVES = {
  return: {
    tab: "Return",
    best: "best agent",
    title: "Return of a competition window, money, net of costs",
    unit: "%",
    format: "+.1%",
    hover: "+.2%",
  },
  reward: {
    tab: "Reward",
    best: "highest",
    title: "Mean reward of a practice bar, the learning signal, not money",
    unit: "reward",
    format: ".3~g",
    hover: ".4~g",
  },
  loss: {
    tab: "Loss",
    best: "lowest loss",
    title: "Mean Huber loss of a learning step",
    unit: "loss",
    format: ".3~g",
    hover: ".4~g",
  },
  epsilon: {
    tab: "Epsilon",
    best: "highest epsilon",
    title: "Epsilon, the chance of a random action in practice",
    unit: "chance",
    format: ".0%",
    hover: ".1%",
  },
  fitness: {
    tab: "Fitness",
    best: "fittest agent",
    title: "Fitness, what selection looks at, over the last windows",
    unit: "fitness",
    format: ".3~g",
    hover: ".4~g",
  },
  trust: {
    tab: "Trust",
    best: "highest trust",
    title: "Trust, 0 to 100",
    unit: "trust",
    format: ".3~g",
    hover: ".1f",
  },
  equity: {
    tab: "Equity",
    best: "richest agent",
    title: "Equity of an agent",
    unit: "money",
    format: "~s",
    words: money,
  },
  max_drawdown: {
    tab: "Drawdown",
    best: "smallest drawdown",
    title: "Largest drawdown within the competition window",
    unit: "%",
    format: ".0%",
    hover: ".1%",
  },
};

/** The part of a trace that says its values when pointed at; `more` puts words around one. */
export function pointed(info, y, more = (value) => value) {
  if (!info.words) return { hovertemplate: more(`%{y:${info.hover}}`) };
  return { customdata: y.map((value) => info.words(value)), hovertemplate: more("%{customdata}") };
}

export const PLACES = {
  fitness: {
    tab: "Fitness",
    unit: "fitness",
    scale: "diverging",
    words: (value) => number(value, 3),
  },
  return: {
    tab: "Return",
    unit: "return",
    scale: "diverging",
    words: (value) => percent(value, 2, true),
    format: "+.0%",
  },
  trust: {
    tab: "Trust",
    unit: "trust 0–100",
    scale: "sequential",
    words: (value) => number(value, 1),
    range: [0, 100],
  },
  scars: { tab: "Scars", unit: "scars so far", scale: "sequential", words: whole },
  epsilon: {
    tab: "Epsilon",
    unit: "epsilon",
    scale: "sequential",
    words: (value) => percent(value),
    format: ".0%",
  },
};

// who has an account of its own beside the agents: BESIDE of agents/strategies/rules.py, in its
// order and words; colour: a variable of tokens.css
export const BASELINES = {
  committee: { name: "committee", dash: "solid", colour: "--s-committee" },
  buy_and_hold: { name: "buy and hold", dash: "solid", colour: "--s-hold" },
  short_and_hold: { name: "short and hold", dash: "dash", colour: "--s-short" },
  constant_exposure: { name: "constant exposure", dash: "dot", colour: "--s-constant" },
  cash: { name: "cash", dash: "dot", colour: "--s-cash" },
  random: { name: "random policy", dash: "dashdot", colour: "--s-random" },
  momentum: { name: "momentum", dash: "dash", colour: "--s-momentum" },
  mean_reversion: { name: "mean reversion", dash: "longdash", colour: "--s-reversion" },
  ridge: { name: "ridge regression", dash: "dot", colour: "--s-ridge" },
  logistic: { name: "logistic regression", dash: "dash", colour: "--s-logistic" },
};
