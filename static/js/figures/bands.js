// Who descends from whom: the agents of each round, by the founder of their line. Plotly draws the
// axes; the bands are cells under them.

import { percent, whole } from "../shared/format.js";
import { baseLayout, canvasOf, roundsAxis } from "./base.js";
import { edgesOf } from "./heatmap.js";

// of the height: a band that is lower has no name
const NAMED = 0.06;

/**
 * {data, layout} of Plotly for `bands` (stream/bands.js), and `cells`, see shared/cells.js; `wide`:
 * lines are named at their ends.
 */
export function bandsFigure(bands, wide, palette) {
  const height = Math.max(...totals(bands), 1);
  const edges = edgesOf(bands.rounds);
  return {
    data: [{ x: edges, y: edges.map(() => 0), mode: "lines", opacity: 0, hoverinfo: "skip" }],
    layout: layout(bands, height, wide, palette),
    cells: {
      edges,
      width: bands.rounds.length,
      height,
      gap: 0,
      pixels: pixels(bands, height, [...palette.lines, palette.others]),
      at: (column, row) => at(bands, column, row),
    },
  };
}

const totals = ({ rounds, agents }) =>
  rounds.map((_, i) => agents.reduce((all, row) => all + row[i], 0));

/** Which of the rows of `agents` holds the place `row` of a column, or null above all. */
function lineAt({ agents }, column, row) {
  let top = 0;
  for (let line = 0; line < agents.length; line += 1) {
    top += agents[line][column];
    if (row < top) return line;
  }
  return null;
}

function pixels(bands, height, colours) {
  const width = bands.rounds.length;
  const { image, put } = canvasOf(width, height, colours);
  for (let column = 0; column < width; column += 1) {
    let row = 0;
    bands.agents.forEach((counts, line) => {
      for (const end = row + counts[column]; row < end; row += 1) put(column, row, line);
    });
  }
  return image;
}

/** {pick, text} of a cell; the others are nobody's line, and open nothing. */
function at(bands, column, row) {
  const line = lineAt(bands, column, row);
  if (line === null) return null;
  const count = bands.agents[line][column];
  const all = bands.agents.reduce((sum, row) => sum + row[column], 0);
  const share = percent(count / all, 0);
  const founder = bands.founders[line];
  const name = founder === undefined ? "all other lines" : `from ${founder}`;
  const text = `${name} · round ${bands.rounds[column]}\n${whole(count)} ${count === 1 ? "agent" : "agents"}, ${share}`;
  return { pick: founder === undefined ? null : { tab: "money", clade: founder }, text };
}

function layout(bands, height, wide, palette) {
  return baseLayout(palette, {
    hovermode: false,
    margin: { l: 44, r: wide ? 96 : 12, t: 4, b: 28 },
    annotations: wide ? names(bands, height, palette) : [],
    xaxis: { ...roundsAxis(bands.rounds.length), title: "", showgrid: false, nticks: 8 },
    yaxis: {
      // its upper end would hide the last tick
      range: [-0.5, height - 0.49],
      tickvals: [0, height / 2, height].map((count) => count - 0.5),
      ticktext: [0, height / 2, height].map((count) => whole(count)),
      showgrid: false,
    },
  });
}

/** Names at the ends of bands. */
function names({ founders, agents }, height, palette) {
  let top = 0;
  return founders.flatMap((founder, line) => {
    const count = agents[line].at(-1) ?? 0;
    top += count;
    if (count < NAMED * height) return [];
    return [
      {
        text: `from ${founder}`,
        y: top - count / 2 - 0.5,
        x: 1,
        xref: "paper",
        xanchor: "left",
        xshift: 8,
        showarrow: false,
        font: { size: 12, color: palette.text },
      },
    ];
  });
}

/** Round by round, a column a line. */
export function bandsTable({ rounds, founders, agents }) {
  return {
    head: ["round", ...founders.map((founder) => `from ${founder}`), "other lines"],
    rows: rounds.map((round, i) => [whole(round), ...agents.map((row) => whole(row[i]))]),
  };
}
