// Draws an element's chart by its row in the table of charts, when what the row reads has changed.

import { CHARTS } from "../figures/charts.js";
import { draw, empty } from "./chart.js";
import { one } from "./dom.js";

const painted = new WeakMap();

/**
 * Draws what the row of `name` reads of `told` into `element`, or says there why it cannot; the
 * key goes into the .legend beside it. The figure, or null where nothing was drawn.
 */
export function paint(element, told, { name = element.dataset.chart, onPick = null } = {}) {
  const row = CHARTS[name];
  const read = row.reads.map((key) => told[key]);
  if (!changed(element, [name, ...read])) return null;
  const words = row.empty(...read);
  if (words) {
    empty(element, words);
    return null;
  }
  const figure = row.figure(...read);
  const legend = one(":scope > .legend", element.parentElement);
  draw(element, figure, { onPick, legend, config: row.config });
  return figure;
}

function changed(element, values) {
  const old = painted.get(element);
  painted.set(element, values);
  return old?.length !== values.length || values.some((value, i) => value !== old[i]);
}
