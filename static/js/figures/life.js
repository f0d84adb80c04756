// One agent's life line: one measure over the rounds it lived.

import { baseLayout, roundsAxis } from "./base.js";
import { CURVES } from "./measures.js";

/** Plotly figure of `life[measure]` over `life.rounds`. */
export function lifeFigure(life, measure, palette) {
  const info = CURVES[measure] ?? { unit: measure, format: "", hover: "" };
  const trace = {
    x: life.rounds, y: life[measure] ?? [], mode: "lines+markers", marker: { size: life.rounds.length > 60 ? 3 : 6 }, line: { color: palette.accent, width: 2 },
    hovertemplate: `round %{x}: %{y:${info.hover}}<extra></extra>`,
  };
  const { rounds } = life;
  return { data: [trace], layout: baseLayout(palette, { xaxis: roundsAxis(rounds.length), yaxis: { title: info.unit, tickformat: info.format } }) };
}
