// Draws an element's chart by its row in the table of charts, when what the row reads has changed.

import { CHARTS } from "../figures/charts.js";
import { tableOf } from "../figures/tables.js";
import { offerTable } from "./astable.js";
import { draw, empty, mark } from "./chart.js";
import { all, figure as say, one } from "./dom.js";
import { inView } from "./inview.js";

const painted = new WeakMap();
const marked = new WeakMap();

/**
 * Draws what the row of `name` reads of `given` into `element`, or says there why it cannot; the
 * key goes into the .legend beside it, and the note of a figure where data-figure="NAME-note"
 * stands.
 */
export function paint(element, given, { name = element.dataset.chart, onPick = null } = {}) {
  const row = CHARTS[name];
  const read = row.reads.map((key) => given[key]);
  const over = row.over?.reads.map((key) => given[key]) ?? [];
  const anew = changed(painted, element, [name, ...read]);
  const marks = changed(marked, element, over);
  if (!anew && !marks) return;
  const words = row.empty(...read);
  if (words) {
    empty(element, words);
    return;
  }
  const shapes = row.over?.shapes(...over);
  if (!anew) {
    mark(element, shapes);
    return;
  }
  const figure = row.figure(...read);
  if (shapes) figure.layout.shapes = shapes;
  if ("note" in figure) say(`${name}-note`, figure.note);
  const legend = one(":scope > .legend", element.parentElement);
  draw(element, figure, { onPick, legend, config: row.config });
  offerTable(element, () => row.table?.(...read) ?? tableOf(figure));
}

/**
 * Draws every chart in sight whose row reads nothing but what is `given`. An element that is for
 * several shows the first, or the one that its data-shown names. onSight: see inview.js.
 */
export function paintAll(given, { onSight, ...options }) {
  for (const element of all("[data-chart]")) {
    // what is out of sight has no size to be drawn in
    if (element.closest("[hidden]") || !inView(element, onSight)) continue;
    const name = element.dataset.shown ?? element.dataset.chart.split(" ")[0];
    const { reads, over } = CHARTS[name];
    const isGiven = [...reads, ...(over?.reads ?? [])].every((key) => key in given);
    if (isGiven) paint(element, given, { ...options, name });
  }
}

function changed(seen, element, values) {
  const old = seen.get(element);
  seen.set(element, values);
  return old?.length !== values.length || values.some((value, i) => value !== old[i]);
}
