// The key of a chart as buttons above it: each hides or shows its line; on a phone it wraps where
// Plotly's own would not.

import { el } from "./dom.js";

// {name: whether it is off}, of those that a viewer clicked
const clicked = new WeakMap();

/**
 * `figure` with the lines left out of sight that a viewer switched off, or that are "legendonly" and
 * were not switched on, and its key drawn into `container`; again() redraws the chart.
 */
export function withLegend(container, figure, again) {
  const choices = clicked.get(container) ?? new Map();
  clicked.set(container, choices);
  const isOff = (trace) => choices.get(trace.name) ?? trace.visible === "legendonly";
  const named = figure.data.filter((trace) => trace.name && trace.showlegend !== false);
  const signature = JSON.stringify([named.map((trace) => [trace.name, look(trace), isOff(trace)])]);
  if (container.dataset.signature !== signature) {
    container.dataset.signature = signature;
    const toggle = (trace) => {
      choices.set(trace.name, !isOff(trace));
      again();
    };
    container.replaceChildren(...named.map((trace) => button(trace, isOff(trace), toggle)));
  }
  const data = figure.data.map((trace) => ({ ...trace, visible: !isOff(trace) }));
  return { ...figure, data, layout: { ...figure.layout, showlegend: false } };
}

function button(trace, off, toggle) {
  const { colour, style, symbol } = look(trace);
  const swatch = el("span", { class: `swatch swatch-${symbol}` });
  swatch.style.setProperty("--colour", colour);
  swatch.style.setProperty("--style", style);
  return el(
    "button",
    {
      type: "button",
      class: "legend-item",
      "aria-pressed": String(!off),
      click: () => toggle(trace),
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
