// Several symbols over the same bars: each price as a multiple of its first, so that they can be
// compared.

import { baseLayout } from "./base.js";

// from here on 1, 2 and 5 are ticks enough; a narrower scale has none of them
const WIDE = 5;

const date = (ms) => new Date(ms).toISOString();

/** Plotly figure of the growth address' answer: one line a symbol, on a logarithmic scale. */
export function growthFigure(answer, palette) {
  const x = answer.time.map(date);
  const values = answer.lines.flatMap(({ growth }) => growth);
  const data = answer.lines.map(({ symbol, growth }, k) => ({
    x,
    y: growth,
    name: symbol,
    mode: "lines",
    line: { color: palette.symbols[k], width: 1.8 },
    hovertemplate: "%{y:.4~g}",
  }));
  return {
    data,
    layout: baseLayout(palette, {
      hovermode: "x",
      margin: { l: 56, r: 12, t: 8, b: 36 },
      xaxis: { type: "date" },
      yaxis: {
        type: "log",
        title: "price, first bar = 1",
        tickformat: "~g",
        ...(Math.max(...values) > WIDE * Math.min(...values) ? { dtick: "D2" } : {}),
      },
    }),
  };
}

/** What a point of the chart stands for. */
export function growthNote(answer, duration) {
  const each =
    answer.each > 1
      ? `every ${answer.each} bars of ${duration(answer.timeframe_ms)}`
      : `each bar of ${duration(answer.timeframe_ms)}`;
  return `The close of ${each}, as a multiple of the first.`;
}
