// Draws a figure into an element with Plotly and tells who was clicked; nothing here knows what is drawn.

const CONFIG = {
  responsive: true, displaylogo: false, displayModeBar: "hover", doubleClick: "reset",
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "toImage", "zoomIn2d", "zoomOut2d"],
};
const listening = new WeakSet();

/** Shows `figure` in `element`; onPick(customdata) is called for a click on a point that carries customdata. */
export async function draw(element, figure, { onPick = null, config = {} } = {}) {
  element.classList.remove("is-empty");
  const words = element.querySelector(".empty");
  if (words) words.remove();
  await window.Plotly.react(element, figure.data, figure.layout, { ...CONFIG, ...config });
  if (!onPick || listening.has(element)) return;
  listening.add(element);
  element.on("plotly_click", (event) => {
    const found = event.points.map((point) => point.customdata).find((value) => value !== undefined && value !== null);
    if (found !== undefined) onPick(found);
  });
}

/** Shows words instead of a chart. */
export function empty(element, text) {
  if (element.classList.contains("js-plotly-plot")) window.Plotly.purge(element);
  listening.delete(element);
  element.classList.add("is-empty");
  const words = document.createElement("p");
  words.className = "empty";
  words.textContent = text;
  element.replaceChildren(words);
}
