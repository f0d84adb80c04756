// The key of a chart as buttons above it: each hides or shows its line; on a phone it wraps where
// Plotly's own would not.

import { el } from "./dom.js";

const hidden = new WeakMap();

/**
 * `figure` with the lines a viewer switched off left out of sight, and its key drawn into
 * `container`; again() redraws the chart.
 */
export function withLegend(container, figure, again) {
  const off = hidden.get(container) ?? new Set();
  hidden.set(container, off);
  const named = figure.data.filter((trace) => trace.name && trace.showlegend !== false);
  const signature = JSON.stringify([named.map((trace) => [trace.name, look(trace)]), [...off]]);
  if (container.dataset.signature !== signature) {
    container.dataset.signature = signature;
    container.replaceChildren(...named.map((trace) => button(trace, off, again)));
  }
  const data = figure.data.map((trace) =>
    off.has(trace.name) ? { ...trace, visible: false } : trace,
  );
  return { ...figure, data, layout: { ...figure.layout, showlegend: false } };
}

function button(trace, off, again) {
  const toggle = () => {
    if (!off.delete(trace.name)) off.add(trace.name);
    again();
  };
  const { colour, style, symbol } = look(trace);
  const swatch = el("span", { class: `swatch swatch-${symbol}` });
  swatch.style.setProperty("--colour", colour);
  swatch.style.setProperty("--style", style);
  return el(
    "button",
    {
      type: "button",
      class: "legend-item",
      "aria-pressed": String(!off.has(trace.name)),
      click: toggle,
    },
    swatch,
    trace.name,
  );
}

const STYLES = {
  solid: "solid",
  dot: "dotted",
  dash: "dashed",
  dashdot: "dashed",
  longdash: "dashed",
};
const SYMBOLS = { "triangle-up": "up", square: "square", x: "cross", diamond: "diamond" };

/** {colour, style, symbol} of a trace's swatch. */
export function look(trace) {
  const first = (value) => (Array.isArray(value) ? value[0] : value);
  if (trace.type === "candlestick")
    return { colour: trace.decreasing.line.color, style: "solid", symbol: "square" };
  if (trace.mode === "markers" && trace.marker?.symbol)
    return {
      colour: first(trace.marker.color),
      style: "solid",
      symbol: SYMBOLS[first(trace.marker.symbol)] ?? "square",
    };
  return { colour: trace.line?.color, style: STYLES[trace.line?.dash ?? "solid"], symbol: "line" };
}
