// Draws a figure into an element with Plotly and tells who was clicked; nothing here knows what is
// drawn.

import { dropCells, layCells } from "./cells.js";
import { withLegend } from "./legend.js";

// nothing leaves the house: Plotly shares charts by default, with a server of its maker
const AT_HOME = { showSendToCloud: false, plotlyServerURL: "", displaylogo: false };
const CONFIG = {
  ...AT_HOME,
  responsive: true,
  displayModeBar: "hover",
  doubleClick: "reset",
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
};
const listening = new WeakSet();

/**
 * Shows `figure` in `element`, its key in `legend`; onPick(customdata) is called for a click on a
 * point that carries customdata.
 */
export async function draw(element, figure, { onPick = null, legend = null, config = {} } = {}) {
  element.classList.remove("is-empty");
  const words = element.querySelector(".empty");
  if (words) words.remove();
  const again = () => draw(element, figure, { onPick, legend, config });
  const { data, layout } = legend ? withLegend(legend, figure, again) : figure;
  await window.Plotly.react(element, data, layout, { ...CONFIG, ...config, ...AT_HOME });
  layCells(element, figure.cells, onPick);
  if (!onPick || listening.has(element)) return;
  listening.add(element);
  element.on("plotly_click", (event) => {
    const found = event.points.map((point) => point.customdata).find(Boolean);
    if (found) onPick(found);
  });
}

/** Marks a chart that is drawn with other `shapes`; nothing else of it is drawn again. */
export function mark(element, shapes) {
  if (element._fullLayout) window.Plotly.relayout(element, { shapes });
}

/** Shows words instead of a chart. */
export function empty(element, text) {
  dropCells(element);
  if (element.classList.contains("js-plotly-plot")) window.Plotly.purge(element);
  listening.delete(element);
  element.classList.add("is-empty");
  const words = document.createElement("p");
  words.className = "empty";
  words.textContent = text;
  element.replaceChildren(words);
}
