// Population heatmap: every place of the population through the rounds, coloured by one measure.
// Plotly draws axes and colour bar; the cells are pixels under them, which cost the same however
// many there are.

import { bar, baseLayout, canvasOf, evenRange, roundsAxis } from "./base.js";
import { PLACES } from "./measures.js";

/**
 * {data, layout} of Plotly for `heatmap[measure]` (round-major [round][slot]), and `cells`, see
 * shared/cells.js.
 */
export function heatmapFigure(heatmap, measure, palette) {
  const info = PLACES[measure];
  const columns = heatmap[measure] ?? [];
  const [cmin, cmax] = limits(columns, info);
  const edges = edgesOf(heatmap.rounds);
  return {
    data: [
      // spans the axes
      { x: edges, y: edges.map(() => 0), mode: "lines", opacity: 0, hoverinfo: "skip" },
      {
        x: [null],
        y: [null],
        mode: "markers",
        hoverinfo: "skip",
        marker: {
          color: [cmin],
          colorscale: palette[info.scale],
          cmin,
          cmax,
          showscale: true,
          colorbar: bar(palette, info.unit, info.format),
        },
      },
    ],
    layout: layout(heatmap, palette),
    cells: {
      edges,
      width: columns.length,
      height: heatmap.slots.length,
      gap: columns.length <= 60 ? 1 : 0,
      pixels: pixelsOf(columns, heatmap.slots.length, palette.shades[info.scale], [cmin, cmax]),
      at: (column, row) => cellAt(heatmap, measure, column, row),
    },
  };
}

function limits(columns, info) {
  if (info.scale === "diverging") return evenRange(columns);
  if (info.range) return info.range;
  const found = columns.flat().filter(Number.isFinite);
  const top = found.reduce((most, value) => Math.max(most, value), -Infinity);
  const low = found.reduce((least, value) => Math.min(least, value), Infinity);
  if (!found.length) return [0, 1];
  return top > low ? [low, top] : [low - 0.5, low + 0.5];
}

/** Where columns begin and end on the axis, half way between their rounds. */
export function edgesOf(rounds) {
  if (!rounds.length) return [];
  const inner = rounds.slice(1).map((round, i) => (rounds[i] + round) / 2);
  return [rounds[0] - 0.5, ...inner, rounds.at(-1) + 0.5];
}

/**
 * RGBA of an image with a pixel a cell, the first place at the bottom: `shades` are [red, green,
 * blue] along a scale from `low` to `high`; what has no value is left clear.
 */
export function pixelsOf(columns, height, shades, [low, high]) {
  const { image, put } = canvasOf(
    columns.length,
    height,
    shades.map((each) => [...each, 255]),
  );
  const last = shades.length - 1;
  const each = last / (high - low);
  columns.forEach((values, column) => {
    for (let row = 0; row < height; row += 1) {
      const value = values[row];
      if (typeof value !== "number" || Number.isNaN(value)) continue;
      put(column, row, Math.max(0, Math.min(last, Math.round((value - low) * each))));
    }
  });
  return image;
}

/** {pick, text} of the cell of a column and a row; null where nothing is known. */
function cellAt(heatmap, measure, column, row) {
  const value = heatmap[measure]?.[column]?.[row] ?? null;
  const agent = heatmap.agent[column]?.[row] ?? null;
  if (agent === null) return null;
  const { unit, words } = PLACES[measure];
  const where = `agent ${agent} · round ${heatmap.rounds[column]} · place ${heatmap.slots[row]}`;
  return { pick: agent, text: `${where}\n${unit} ${words(value)}` };
}

/** The cells that an agent held, as a shape around them; none where it held none. */
export function heldShapes(heatmap, chosen, palette) {
  const span = spanOf(heatmap, chosen);
  if (!span) return [];
  const { slot, from, to } = span;
  const line = { color: palette.text, width: 2 };
  return [{ type: "rect", x0: from - 0.5, x1: to + 0.5, y0: slot - 0.5, y1: slot + 0.5, line }];
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
    hovermode: false,
    xaxis: { ...roundsAxis(heatmap.rounds.length), showgrid: false },
    yaxis: {
      title: "place in the population",
      showgrid: false,
      tickformat: "d",
      range: [-0.5, heatmap.slots.length - 0.5],
    },
  });
}
