// Experiments side by side: their curves, and their intervals, in the colours of their rows.

import { lookOf } from "../shared/looks.js";
import { all, one } from "../shared/dom.js";
import { paintAll } from "../shared/paint.js";
import { palette } from "../shared/palette.js";

const page = one("#compare");
const runs = JSON.parse(page.dataset.curves);
const spans = JSON.parse(page.dataset.intervals);

function draw() {
  const colours = palette();
  for (const swatch of all("[data-swatch]"))
    swatch.style.setProperty("--colour", lookOf(Number(swatch.dataset.swatch), colours).color);
  paintAll({ runs, spans, palette: colours }, { onSight: draw });
}

one("#spans").style.setProperty("--count", String(spans.length));
window.addEventListener("themechange", draw);
draw();
