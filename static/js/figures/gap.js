// What was learned against what was learned by heart: the median agent's log growth a bar in
// practice and in competition, beside the best that anybody may expect.

import { percent, significant } from "../shared/format.js";
import { baseLayout, roundsAxis } from "./base.js";
import { inSample } from "./curves.js";

export const GAP = {
  best: { name: "best possible", colour: "best", dash: "dash", width: 1.6 },
  practice: { name: "practice", colour: "warn", dash: "solid", width: 1.6 },
  competition: { name: "competition", colour: "accent", dash: "solid", width: 2.6 },
};
// rounds that the words over the figure look back over
const LATELY = 10;
const TITLE = "Log growth a bar of the median agent, net of costs, in practice and in competition";
const MEANING =
  "What practice, on past bars, is above competition, on bars that nobody has " +
  "practised on, was learned by heart. Practice explores (epsilon), so its first rounds look " +
  "worse than the agents are, and every window has luck of its own";

const known = (value) => value !== null && value !== undefined;

/** The terms of `round`: of `growth`, {from, reward, scale, bars, best} each, rising. */
const termsOf = (growth, round) => growth.findLast((era) => era.from <= round);

/**
 * {practice, competition, best}: log growth a bar of each of `curves.rounds`, null where it is not
 * known. A reward is `scale` times log growth, or none where scale is null; a window of a round
 * holds `bars` bars on which something can be held.
 */
export function gapOf(curves, growth) {
  const { reward, return: returned } = curves.measures;
  const terms = curves.rounds.map((round) => termsOf(growth, round));
  return {
    practice: terms.map((era, i) => practised(reward?.median?.[i], era)),
    competition: terms.map((era, i) => competed(returned?.median?.[i], era)),
    best: terms.map((era) => era?.best ?? null),
  };
}

const practised = (reward, era) => (known(reward) && era?.scale ? reward / era.scale : null);
const competed = (value, era) =>
  known(value) && value > -1 && era ? Math.log1p(value) / era.bars : null;

/** What the figure shows in a sentence, what the last rounds came to, and what cannot be drawn. */
export function gapTitle(curves, growth) {
  const gap = gapOf(curves, growth);
  const meaning = gap.practice.some(known) ? MEANING : "";
  return [TITLE, lately(gap), meaning, unlike(growth), nothing(gap)].filter(Boolean).join(". ");
}

function lately({ practice, competition, best }) {
  const mean = (values) => {
    const found = values.slice(-LATELY).filter(known);
    return found.length ? found.reduce((a, b) => a + b, 0) / found.length : null;
  };
  const [practised, earned, most] = [practice, competition, best].map(mean);
  if (earned === null) return "";
  const share = most > 0 ? `, ${percent(earned / most, 0)} of the best possible` : "";
  const before = practised === null ? "" : `practice ${inPercent(practised)}, `;
  const rounds = Math.min(LATELY, competition.length);
  const when = rounds === 1 ? "Last round" : `Last ${rounds} rounds`;
  return `${when}: ${before}competition ${inPercent(earned)}${share}`;
}

function unlike(growth) {
  const others = [...new Set(growth.filter((era) => !era.scale).map((era) => era.reward))];
  if (!others.length) return "";
  return (
    `Where learning.reward is ${others.join(" or ")}, agents are rewarded for something else ` +
    "than growth: their practice cannot be compared with competition and is not drawn"
  );
}

const nothing = ({ best }) =>
  best.length && best.every((value) => value === 0)
    ? "Nobody can expect to earn anything here, costs included"
    : "";

const inPercent = (value) => `${significant(100 * value, 3)}\u00a0%`;

/** Plotly figure of `gapOf`; what lies between practice and competition is shaded. */
export function gapFigure(curves, growth, palette) {
  const gap = gapOf(curves, growth);
  const drawn = Object.keys(GAP).filter((key) => gap[key].some(known));
  const lines = drawn.map((key) => line(curves.rounds, gap[key], gap.best, GAP[key], palette));
  const data = [...between(curves.rounds, gap, palette), ...lines];
  return { data, layout: layout(curves, palette) };
}

function between(x, { practice, competition }, palette) {
  if (!practice.some(known)) return [];
  const edge = { x, mode: "lines", line: { width: 0 }, hoverinfo: "skip", showlegend: false };
  const filled = { fill: "tonexty", fillcolor: palette.band };
  return [
    { ...edge, y: practice },
    { ...edge, y: competition, ...filled },
  ];
}

function line(x, y, best, { name, colour, dash, width }, palette) {
  return {
    x,
    y,
    name,
    mode: x.length < 12 ? "lines+markers" : "lines",
    marker: { size: 5 },
    line: { color: palette[colour], dash, width },
    customdata: y.map((value, i) => pointedAt(value, y === best ? null : best[i])),
    hovertemplate: "%{customdata}",
  };
}

function pointedAt(value, best) {
  if (!known(value)) return "";
  return `${inPercent(value)}${best > 0 ? `, ${percent(value / best, 0)} of the best` : ""}`;
}

function layout(curves, palette) {
  return baseLayout(palette, {
    hovermode: "x unified",
    shapes: inSample(curves, palette),
    margin: { l: 52, r: 12, t: 8, b: 44 },
    xaxis: roundsAxis(curves.rounds.length),
    yaxis: { title: "log growth a bar", tickformat: ".2~p", zeroline: true, rangemode: "tozero" },
  });
}
