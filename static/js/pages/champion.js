// The champion's page: its null worlds as a chart, and how far they are while workers are at them.

import { draw, empty } from "../shared/chart.js";
import { figure, one, show, tabs } from "../shared/dom.js";
import { nullsFigure } from "../figures/nulls.js";
import { percent } from "../shared/format.js";
import { palette } from "../shared/palette.js";

const EVERY_MS = 3000;
const page = one("#champion");
const target = one("#nulls");
let worlds = JSON.parse(page.dataset.worlds || "null");
let colours = palette();
let measure = "vault";

const pending = () => worlds && worlds.done + worlds.failed < worlds.asked;

function paint() {
  show(one("[data-working]"), pending());
  if (pending()) figure("worlds", `${worlds.done} of ${worlds.asked} done, ${percent(worlds.share, 0)} of the work.${worlds.waits ? ` ${worlds.waits}` : ""}`);
  if (!worlds) return empty(target, "No null world has been played yet.");
  if (!worlds[measure]) return empty(target, pending() ? "Waiting for the first null world to end." : "There is nothing to compare here.");
  return draw(target, nullsFigure(worlds[measure], colours, measure === "committee" ? "committee" : "champion"), { legend: one("#nulls-legend") });
}

async function poll() {
  const response = await fetch(page.dataset.cardUrl, { headers: { Accept: "application/json" } }).catch(() => null);
  const before = pending();
  if (response?.ok) worlds = (await response.json()).null_worlds;
  paint();
  if (pending()) setTimeout(poll, EVERY_MS);
  // verdict and lines are written by the server
  else if (before) window.location.reload();
}

tabs(one("#nulls-tabs"), { vault: "Vault", competition: "Competition", committee: "Committee, vault" }, measure, (key) => { measure = key; paint(); });
window.addEventListener("themechange", () => { colours = palette(); paint(); });
paint();
if (pending()) setTimeout(poll, EVERY_MS);
