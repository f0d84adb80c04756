// Rounds of several experiments, each less its own buy and hold, which is the line at 0.

import { lookOf } from "../shared/looks.js";
import { baseLayout, roundsAxis } from "./base.js";
import { linesOf, ticks } from "./relative.js";

// more bands than this hide one another
const BANDS = 4;
const CLEAR = "26";

/** Plotly figure of the curves of experiments, one a list of closed rounds. */
export function comparedFigure(runs, palette) {
  const lines = runs.map(linesOf);
  const shown = runs.map((run, i) => ({ run, line: lines[i], look: lookOf(i, palette), i }));
  const bands = runs.length <= BANDS ? shown.flatMap(band) : [];
  const most = Math.max(...runs.map(({ rounds }) => rounds.length));
  return {
    note: runs.length <= BANDS ? "points, with the middle half" : "points",
    data: [...bands, ...shown.map(stroke), hold(runs, palette)],
    layout: baseLayout(palette, {
      hovermode: "closest",
      margin: { l: 48, r: 12, t: 8, b: 32 },
      xaxis: { ...roundsAxis(most), showgrid: false },
      yaxis: { ...ticksOf(lines), zeroline: false },
    }),
  };
}

function ticksOf(lines) {
  const values = lines
    .flatMap(({ mean, q1, q3 }) => (lines.length <= BANDS ? [...mean, ...q1, ...q3] : mean))
    .filter((value) => value !== null);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const room = Math.max(high - low, 1) * 0.08;
  const range = [low - room, high + room];
  return { range, ...ticks(range) };
}

function band({ run, line, look }) {
  const edge = { x: run.rounds, mode: "lines", line: { width: 0 }, hoverinfo: "skip" };
  return [
    { ...edge, y: line.q1 },
    { ...edge, y: line.q3, fill: "tonexty", fillcolor: look.color + CLEAR },
  ];
}

const stroke = ({ run, line, look, i }) => ({
  x: run.rounds,
  y: line.mean,
  name: `${i + 1} ${run.name}`,
  mode: run.rounds.length < 12 ? "lines+markers" : "lines",
  marker: { size: 5 },
  line: { ...look, width: 2 },
  hovertemplate: `${i + 1}, round %{x}: %{y:+.1f} points<extra></extra>`,
});

function hold(runs, palette) {
  const rounds = runs.flatMap((run) => run.rounds);
  const ends = [Math.min(...rounds), Math.max(...rounds)];
  return {
    x: ends,
    y: [0, 0],
    name: "buy and hold",
    mode: "lines",
    line: { color: palette.baselines.buy_and_hold, width: 2 },
    hoverinfo: "skip",
  };
}
