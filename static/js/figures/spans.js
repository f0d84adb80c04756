// What champions earned out of sample, each with its 95 % interval and the buy and hold beside it.

import { percent } from "../shared/format.js";
import { lookOf } from "../shared/looks.js";
import { baseLayout } from "./base.js";

/** Plotly figure of intervals {at, low, high, hold}, null of what was not judged; first on top. */
export function spansFigure(spans, palette) {
  const places = spans.map((_, i) => spans.length - i);
  const known = spans.map((span, i) => ({ span, i, y: places[i] })).filter(({ span }) => span);
  return {
    data: [...known.map((each) => dot(each, palette)), holds(known, palette)],
    layout: baseLayout(palette, {
      margin: { l: 28, r: 76, t: 4, b: 32 },
      hovermode: "closest",
      xaxis: { tickformat: ",.0%", nticks: 5, zeroline: true },
      yaxis: {
        range: [0.4, spans.length + 0.6],
        tickvals: places,
        ticktext: spans.map((_, i) => String(i + 1)),
        showgrid: false,
      },
      annotations: places.map((y, i) => ({
        x: 1,
        xref: "paper",
        xanchor: "left",
        xshift: 6,
        y,
        text: spans[i] ? percent(spans[i].at, 1, true) : "not judged",
        showarrow: false,
        font: { size: 12, color: spans[i] ? palette.text : palette.muted },
      })),
    }),
  };
}

function dot({ span, i, y }, palette) {
  const { color } = lookOf(i, palette);
  const known = span.low !== null && span.high !== null;
  return {
    x: [span.at],
    y: [y],
    mode: "markers",
    marker: { size: 9, color },
    ...(known
      ? {
          error_x: {
            type: "data",
            symmetric: false,
            array: [span.high - span.at],
            arrayminus: [span.at - span.low],
            color,
            thickness: 4,
            width: 0,
          },
        }
      : {}),
    hovertemplate: `${i + 1}: ${percent(span.at, 1, true)}${
      known ? `, ${percent(span.low, 1, true)} to ${percent(span.high, 1, true)}` : ""
    }<extra></extra>`,
  };
}

const holds = (known, palette) => ({
  x: known.map(({ span }) => span.hold),
  y: known.map(({ y }) => y),
  name: "buy and hold",
  mode: "markers",
  marker: {
    symbol: "line-ns-open",
    size: 14,
    color: palette.baselines.buy_and_hold,
    line: { width: 2 },
  },
  hovertemplate: "buy and hold %{x:+.1%}<extra></extra>",
});
