// A fork over its original and the rules, round by round, and below it what lies between them.

import { axis, baseLayout, roundsAxis } from "./base.js";
import { baselineTraces } from "./curves.js";
import { CURVES, pointed } from "./measures.js";

/**
 * Plotly figure of one measure of whatif.json: means of both populations above, fork minus original
 * below, a line where they split.
 */
export function whatifFigure(whatif, measure, palette) {
  const info = CURVES[measure];
  const { original, fork, difference } = whatif.measures[measure];
  const mode = whatif.rounds.length < 12 ? "lines+markers" : "lines";
  const line = { x: whatif.rounds, mode, marker: { size: 5 } };
  const own = whatif.rounds.map((round, i) => (round > whatif.after ? difference[i] : null));
  return {
    data: [
      {
        ...line,
        y: original,
        name: "original",
        line: { color: palette.muted, width: 2, dash: "dot" },
        ...pointed(info, original),
      },
      {
        ...line,
        y: fork,
        name: "fork",
        line: { color: palette.accent, width: 2.6 },
        ...pointed(info, fork),
      },
      ...baselineTraces(whatif, measure, palette, whatif.endowment ?? null),
      {
        type: "bar",
        x: whatif.rounds,
        y: own,
        name: "fork minus original",
        yaxis: "y2",
        marker: { color: palette.accent },
        line: { color: palette.accent },
        ...pointed(info, own),
      },
    ],
    layout: layout(whatif, info, palette),
  };
}

function layout(whatif, info, palette) {
  const split = whatif.after + 0.5;
  return baseLayout(palette, {
    hovermode: "x unified",
    margin: { l: 60, r: 12, t: 8, b: 44 },
    xaxis: { ...roundsAxis(whatif.rounds.length), anchor: "y2" },
    yaxis: { title: info.unit, tickformat: info.format, zeroline: true, domain: [0.42, 1] },
    yaxis2: axis(palette, {
      title: "difference",
      tickformat: info.format,
      zeroline: true,
      domain: [0, 0.32],
      rangemode: "tozero",
    }),
    shapes: [
      {
        type: "line",
        xref: "x",
        yref: "paper",
        x0: split,
        x1: split,
        y0: 0,
        y1: 1,
        line: { color: palette.edge, width: 1, dash: "dash" },
      },
    ],
  });
}
