// One agent's life line: one measure over the rounds it lived, beside the rules on the same
// windows.

import { baseLayout, roundsAxis } from "./base.js";
import { baselineTraces } from "./curves.js";
import { CURVES, pointed } from "./measures.js";

/** Plotly figure of `life[measure]` over `life.rounds`. */
export function lifeFigure(life, measure, palette) {
  const info = CURVES[measure] ?? { unit: measure, format: "", hover: "" };
  const trace = {
    x: life.rounds,
    y: life[measure] ?? [],
    mode: "lines+markers",
    marker: { size: life.rounds.length > 60 ? 3 : 6 },
    line: { color: palette.accent, width: 2 },
    name: "this agent",
    ...pointed(info, life[measure] ?? [], (value) => `round %{x}: ${value}<extra></extra>`),
  };
  const rules = CURVES[measure]
    ? baselineTraces(life, measure, palette, life.endowment ?? null)
    : [];
  const { rounds } = life;
  return {
    data: [trace, ...rules],
    layout: baseLayout(palette, {
      xaxis: roundsAxis(rounds.length),
      yaxis: { title: info.unit, tickformat: info.format },
    }),
  };
}
