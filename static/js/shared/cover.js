// What comes after the round that is shown stays on a chart, but fades; a layer over the chart, so
// that no step in time draws it again.

import { el } from "./dom.js";

const covers = new WeakMap();

/** Fades `chart` after round `round`; null: nothing is faded. */
export function cover(chart, round) {
  const kept = covers.get(chart) ?? made(chart);
  kept.round = round;
  place(chart, kept);
}

function made(chart) {
  const kept = { round: null, layer: el("span", { class: "cover", "aria-hidden": "true" }) };
  covers.set(chart, kept);
  chart.parentElement.append(kept.layer);
  new ResizeObserver(() => requestAnimationFrame(() => place(chart, kept))).observe(chart);
  return kept;
}

function place(chart, { round, layer }) {
  const layout = chart._fullLayout;
  layer.hidden = round === null || !layout?.xaxis;
  if (layer.hidden) return;
  const { xaxis, yaxis } = layout;
  const left = Math.max(0, Math.min(xaxis._length, xaxis.l2p(round)));
  layer.style.setProperty("left", `${xaxis._offset + left}px`);
  layer.style.setProperty("width", `${xaxis._length - left}px`);
  layer.style.setProperty("top", `${yaxis._offset}px`);
  layer.style.setProperty("height", `${yaxis._length}px`);
  layer.textContent = `round ${round}`;
}
