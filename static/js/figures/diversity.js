// How diverse the population is, round by round: ancestry as numbers on the left, weights,
// behaviour and skill as shares on the right.

import { percent } from "../shared/format.js";
import { axis, baseLayout, roundsAxis } from "./base.js";
import { inSample } from "./curves.js";

export const DIVERSITY = {
  lineages: {
    name: "effective number of lineages",
    colour: "accent",
    dash: "solid",
    width: 2.6,
    side: "y",
    hover: ".2f",
  },
  clades: { name: "clades alive", colour: "best", dash: "dot", width: 1.6, side: "y", hover: "d" },
  behaviour: {
    name: "different actions",
    colour: "warn",
    dash: "dashdot",
    width: 2,
    side: "y2",
    hover: ".1%",
  },
  weights: {
    name: "distance of weights, founders = 100 %",
    colour: "negative",
    dash: "dash",
    width: 1.6,
    side: "y2",
    hover: ".0%",
  },
  skill: {
    name: "skill in the spread of fitness",
    colour: "positive",
    dash: "longdash",
    width: 1.6,
    side: "y2",
    hover: ".0%",
  },
};
const TITLE =
  "Diversity of those who lived through the round, before selection: how many lines of descent, how unlike their weights and actions are";

/**
 * What the figure shows, and how much of what agents differ in is skill: between agents, against
 * from window to window of one.
 */
export function diversityTitle(curves) {
  const skill =
    curves.diversity?.skill?.findLast((value) => value !== null && value !== undefined) ?? null;
  if (skill === null) return TITLE;
  return `${TITLE}. Of the spread in fitness over their last windows ${percent(skill, 0)} is skill, ${percent(1 - skill, 0)} luck`;
}

/** Plotly figure of `curves.diversity`: {measure: one value a round}. */
export function diversityFigure(curves, palette) {
  const mode = curves.rounds.length < 12 ? "lines+markers" : "lines";
  const data = Object.entries(DIVERSITY).map(
    ([key, { name, colour, dash, width, side, hover }]) => ({
      x: curves.rounds,
      y: curves.diversity?.[key] ?? [],
      name,
      mode,
      yaxis: side,
      marker: { size: 5 },
      line: { color: palette[colour], dash, width },
      hovertemplate: `%{y:${hover}}`,
    }),
  );
  return { data, layout: layout(curves, palette) };
}

function layout(curves, palette) {
  return baseLayout(palette, {
    hovermode: "x unified",
    shapes: inSample(curves, palette),
    margin: { l: 52, r: 56, t: 8, b: 44 },
    xaxis: roundsAxis(curves.rounds.length),
    yaxis: { title: "lineages, clades", rangemode: "tozero", tickformat: "~g" },
    yaxis2: axis(palette, {
      title: "weights, actions, skill",
      side: "right",
      overlaying: "y",
      tickmode: "auto",
      rangemode: "tozero",
      tickformat: ".0%",
      showgrid: false,
    }),
  });
}
