// Learning curves: one measure of the population over rounds, with the baselines wherever a rule
// can have it.

import { baselineOf, rulesOf } from "../shared/baselines.js";
import { baseLayout, roundsAxis } from "./base.js";
import { CURVES, pointed } from "./measures.js";

const BESIDE_AGENTS = new Set(["buy_and_hold", "committee"]);

/**
 * Plotly figure of `curves.measures[measure]`: quartile band, mean, best and worst, baselines,
 * in-sample rounds shaded.
 */
export function curvesFigure(curves, measure, palette, endowment = null) {
  const info = CURVES[measure];
  const lines = curves.measures[measure] ?? {};
  const data = [
    ...band(curves.rounds, lines, info, palette),
    ...strokes(curves.rounds, lines, info, palette),
  ];
  data.push(...baselineTraces(curves, measure, palette, endowment));
  return { data, layout: layout(curves, info, palette) };
}

function band(x, lines, info, palette) {
  const edge = { mode: "lines", line: { width: 0, color: palette.accent }, x };
  return [
    {
      ...edge,
      ...pointed(info, lines.q1 ?? []),
      y: lines.q1 ?? [],
      name: "lower quartile",
      showlegend: false,
    },
    {
      ...edge,
      ...pointed(info, lines.q3 ?? []),
      y: lines.q3 ?? [],
      name: "upper quartile",
      fill: "tonexty",
      fillcolor: palette.band,
      showlegend: false,
    },
  ];
}

function strokes(x, lines, info, palette) {
  const mode = x.length < 12 ? "lines+markers" : "lines";
  return [
    {
      x,
      y: lines.best ?? [],
      name: info.best,
      mode,
      marker: { size: 4 },
      line: { color: palette.best, width: 1.2 },
      ...pointed(info, lines.best ?? []),
    },
    {
      x,
      y: lines.mean ?? [],
      name: "mean (band: quartiles)",
      mode,
      marker: { size: 6 },
      line: { color: palette.accent, width: 2.6 },
      ...pointed(info, lines.mean ?? []),
    },
  ];
}

/** A line a rule over `curves.rounds`, for every rule that has the measure. */
export function baselineTraces(curves, measure, palette, endowment) {
  const info = CURVES[measure];
  return rulesOf(curves)
    .map(([key, look]) => ({ key, ...look, y: baselineOf(curves, measure, key, endowment) }))
    .filter(({ y }) => y)
    .map(({ key, name, dash, y }) => ({
      x: curves.rounds,
      y,
      name,
      mode: curves.rounds.length < 2 ? "markers" : "lines",
      // the others are a click away: a rule far below would press the agents' lines together
      visible: BESIDE_AGENTS.has(key) || "legendonly",
      line: { color: palette.baselines[key], width: key === "buy_and_hold" ? 2 : 1.3, dash },
      ...pointed(info, y),
    }));
}

function layout(curves, info, palette) {
  return baseLayout(palette, {
    hovermode: "x unified",
    shapes: inSample(curves, palette),
    margin: { l: 52, r: 12, t: 8, b: 44 },
    xaxis: roundsAxis(curves.rounds.length),
    yaxis: { tickformat: info.format, zeroline: true, title: info.unit },
  });
}

/** Shading with words over the rounds that ran on bars already used: those count as in sample. */
export function inSample(curves, palette) {
  return runsOf(curves.rounds, curves.reused).map(([from, to]) => ({
    type: "rect",
    xref: "x",
    yref: "paper",
    x0: from - 0.5,
    x1: to + 0.5,
    y0: 0,
    y1: 1,
    fillcolor: palette.shade,
    line: { width: 0 },
    layer: "below",
    label: {
      text: "in sample",
      textposition: "bottom left",
      font: { size: 10, color: palette.muted },
    },
  }));
}

/** [[first, last], …] of each run of consecutive rounds whose flag is set. */
export function runsOf(rounds, flags) {
  const runs = [];
  rounds.forEach((round, i) => {
    if (!flags[i]) return;
    if (i > 0 && flags[i - 1]) runs[runs.length - 1][1] = round;
    else runs.push([round, round]);
  });
  return runs;
}
