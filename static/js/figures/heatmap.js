// Population heatmap: every place of the population through the rounds, coloured by one measure;
// hover names the agent who held it.

import { bar, baseLayout, evenRange, roundsAxis } from "./base.js";
import { PLACES } from "./measures.js";

/**
 * Plotly figure of `heatmap[measure]` (round-major [round][slot]); `chosen` is an agent number or
 * null.
 */
export function heatmapFigure(heatmap, measure, palette, chosen = null) {
  const info = PLACES[measure];
  const values = transposed(heatmap[measure] ?? [], heatmap.slots.length);
  const trace = {
    type: "heatmap",
    x: heatmap.rounds,
    y: heatmap.slots,
    z: values,
    customdata: transposed(heatmap.agent, heatmap.slots.length),
    colorscale: palette[info.scale],
    ...limits(values, info),
    hoverongaps: false,
    xgap: heatmap.rounds.length <= 60 ? 1 : 0,
    hovertemplate: `agent %{customdata} · round %{x} · ${info.unit} <b>%{z:${info.hover}}</b><extra>place %{y}</extra>`,
    colorbar: bar(palette, info.unit, info.format),
  };
  return { data: [trace, ...outline(heatmap, chosen, palette)], layout: layout(heatmap, palette) };
}

function limits(values, info) {
  if (info.scale === "diverging") {
    const [zmin, zmax] = evenRange(values);
    return { zmin, zmax };
  }
  return info.range ? { zmin: info.range[0], zmax: info.range[1] } : {};
}

/** [slot][round] from [round][slot]. */
export function transposed(rows, width) {
  return Array.from({ length: width }, (_, slot) => rows.map((row) => row[slot] ?? null));
}

/** The cells an agent held, as one line through its place. */
function outline(heatmap, chosen, palette) {
  const span = spanOf(heatmap, chosen);
  if (!span) return [];
  const { slot, from, to } = span;
  const x = [from - 0.5, to + 0.5, to + 0.5, from - 0.5, from - 0.5];
  const y = [slot - 0.5, slot - 0.5, slot + 0.5, slot + 0.5, slot - 0.5];
  return [{ x, y, mode: "lines", line: { color: palette.text, width: 2 }, hoverinfo: "skip" }];
}

/** {slot, from, to} of the rounds agent `number` held a place, or null. */
export function spanOf(heatmap, number) {
  if (number === null) return null;
  let span = null;
  heatmap.agent.forEach((row, i) => {
    const slot = row.indexOf(number);
    if (slot < 0) return;
    const round = heatmap.rounds[i];
    span = span ? { ...span, to: round } : { slot: heatmap.slots[slot], from: round, to: round };
  });
  return span;
}

function layout(heatmap, palette) {
  return baseLayout(palette, {
    margin: { l: 48, r: 8, t: 8, b: 44 },
    xaxis: { ...roundsAxis(heatmap.rounds.length), showgrid: false },
    yaxis: { title: "place in the population", showgrid: false, tickformat: "d" },
  });
}
