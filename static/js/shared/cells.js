// Many cells under the axes of a chart of Plotly: an image that follows its ranges, says what is
// pointed at, and tells who is clicked.

import { el } from "./dom.js";

const kept = new WeakMap();
// pixels that the pointer may move between press and release of a click
const STILL = 4;

/**
 * Lays `cells` under `chart`: {edges, where columns begin and end on the x axis; width, height, in
 * cells; gap, pixels between columns; pixels, RGBA [height][width], its last row at y = 0;
 * at(column, row) -> {pick, what onPick is called with, or null; text} or null}. null: there are none.
 */
export function layCells(chart, cells, onPick = null) {
  if (!cells) return;
  const own = kept.get(chart) ?? made(chart);
  Object.assign(own, { cells, onPick });
  own.image.width = cells.width;
  own.image.height = cells.height;
  const pen = own.image.getContext("2d", { willReadFrequently: true });
  if (cells.width && cells.height)
    pen.putImageData(new ImageData(cells.pixels, cells.width, cells.height), 0, 0);
  paint(chart, own);
}

/** Takes them away. */
export function dropCells(chart) {
  const own = kept.get(chart);
  if (!own) return;
  own.canvas.remove();
  own.tip.remove();
  own.heard.abort();
  kept.delete(chart);
}

function made(chart) {
  const own = {
    canvas: el("canvas", { class: "cells", "aria-hidden": "true" }),
    tip: el("span", { class: "cell-tip", hidden: true }),
    image: document.createElement("canvas"),
    heard: new AbortController(),
  };
  kept.set(chart, own);
  chart.parentElement.insertBefore(own.canvas, chart);
  chart.parentElement.append(own.tip);
  const follow = () => paint(chart, own);
  chart.on("plotly_afterplot", follow);
  chart.on("plotly_relayouting", follow);
  const { signal } = own.heard;
  chart.addEventListener("pointermove", (event) => point(chart, own, event), { signal });
  chart.addEventListener("pointerleave", () => (own.tip.hidden = true), { signal });
  chart.addEventListener("pointerdown", (event) => (own.pressed = event), {
    capture: true,
    signal,
  });
  chart.addEventListener("pointerup", (event) => pick(chart, own, event), {
    capture: true,
    signal,
  });
  return own;
}

function paint(chart, { canvas, image, cells }) {
  const { xaxis, yaxis } = chart._fullLayout ?? {};
  if (!xaxis?._length || !yaxis?._length) return;
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [xaxis._length, yaxis._length];
  Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  const places = { left: chart.offsetLeft + xaxis._offset, top: chart.offsetTop + yaxis._offset };
  for (const [name, value] of Object.entries({ ...places, width, height }))
    canvas.style.setProperty(name, `${value}px`);
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.imageSmoothingEnabled = false;
  const [top, bottom] = [yaxis.l2p(cells.height - 0.5), yaxis.l2p(-0.5)];
  for (let column = 0; column < cells.width; column += 1) {
    const from = xaxis.l2p(cells.edges[column]);
    const to = xaxis.l2p(cells.edges[column + 1]);
    if (to < 0 || from > width) continue;
    const wide = Math.max(to - from - cells.gap, 1 / ratio);
    pen.drawImage(image, column, 0, 1, cells.height, from, top, wide, bottom - top);
  }
}

/** What lies under the pointer, or null. */
function under(chart, { cells }, event) {
  const { xaxis, yaxis } = chart._fullLayout ?? {};
  if (!xaxis?._length) return null;
  const box = chart.getBoundingClientRect();
  const x = event.clientX - box.left - xaxis._offset;
  const y = event.clientY - box.top - yaxis._offset;
  if (x < 0 || y < 0 || x > xaxis._length || y > yaxis._length) return null;
  const round = xaxis.p2l(x);
  const column = cells.edges.findIndex((edge) => edge > round) - 1;
  return column < 0 ? null : cells.at(column, Math.round(yaxis.p2l(y)));
}

function point(chart, own, event) {
  const found = under(chart, own, event);
  own.tip.hidden = !found;
  if (!found) return;
  own.tip.textContent = found.text;
  const box = chart.parentElement.getBoundingClientRect();
  const left = event.clientX - box.left;
  // it stays within the chart
  const away = left > box.width / 2 ? `calc(-100% - 12px)` : "12px";
  own.tip.style.setProperty("left", `${left}px`);
  own.tip.style.setProperty("top", `${event.clientY - box.top}px`);
  own.tip.style.setProperty("translate", `${away} -50%`);
}

function pick(chart, own, event) {
  const { pressed, onPick } = own;
  own.pressed = null;
  if (!pressed || !onPick) return;
  const moved = Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY);
  const found = moved <= STILL && under(chart, own, event);
  if (found?.pick) onPick(found.pick);
}
