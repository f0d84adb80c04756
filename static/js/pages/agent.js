// An agent's page: its life line, its way from gross to net, and its network and trades of its last round.

import { draw, empty } from "../shared/chart.js";
import { figure, one, tabs } from "../shared/dom.js";
import { waterfallFigure } from "../figures/index.js";
import { lifeFigure } from "../figures/life.js";
import { CURVES } from "../figures/measures.js";
import { palette } from "../shared/palette.js";
import { nowWords, refusalWords } from "../panels/now.js";
import { agentPanel } from "../panels/agent.js";
import { canaryPanel } from "../panels/canary.js";

const root = one("#agent");
const life = JSON.parse(root.dataset.life || "{}");
const waterfall = JSON.parse(root.dataset.waterfall);
const panel = agentPanel(root, { network: () => root.dataset.networkUrl, market: () => root.dataset.marketUrl }, () => colours);
let colours = palette();
let measure = "equity";

function paint() {
  figure("life-title", CURVES[measure].title);
  const target = one("#life");
  if (!life.rounds?.length) empty(target, "It has not lived through a round yet.");
  else draw(target, lifeFigure(life, measure, colours), { legend: one("#life-legend") });
}

function paintWaterfall() {
  if (waterfall.trades) draw(one("#waterfall"), waterfallFigure(waterfall, colours));
}

const shown = Object.entries(CURVES).filter(([key]) => key in life);
tabs(one("#life-tabs"), Object.fromEntries(shown.map(([key, info]) => [key, info.tab])), measure, (key) => { measure = key; paint(); });
window.addEventListener("themechange", () => { colours = palette(); paint(); paintWaterfall(); panel.repaint(); });
paint();
paintWaterfall();
canaryPanel(one("#canary"));
if (life.rounds?.length) panel.load(Number(root.dataset.number));
else panel.clear("It has not played a round yet.");

// how often a market that stands still is asked for
const AGAIN_MS = 60_000;
let again = null;

async function askNow(form) {
  window.clearTimeout(again);
  const words = one("#now-words");
  const response = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => null);
  const answer = await response?.json().catch(() => null);
  words.textContent = response?.ok ? nowWords(answer) : refusalWords(answer);
  words.dataset.fresh = answer?.freshness ?? "";
  if (answer?.freshness === "stale") again = window.setTimeout(() => askNow(form), AGAIN_MS);
}

one("#now-form")?.addEventListener("submit", (event) => {
  event.preventDefault();
  one("#now-words").textContent = "asking …";
  askNow(event.target);
});
