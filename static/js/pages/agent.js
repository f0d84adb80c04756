// An agent's page: its life line, its way from gross to net, and its network and trades of its last
// round.

import { figure, one, tabs } from "../shared/dom.js";
import { CURVES } from "../figures/measures.js";
import { paintAll } from "../shared/paint.js";
import { palette } from "../shared/palette.js";
import { nowWords, refusalWords } from "../panels/now.js";
import { agentPanel } from "../panels/agent.js";
import { canaryPanel } from "../panels/canary.js";

const root = one("#agent");
const life = JSON.parse(root.dataset.life || "{}");
const sheet = JSON.parse(root.dataset.waterfall);
const panel = agentPanel(
  root,
  { network: () => root.dataset.networkUrl, market: () => root.dataset.marketUrl },
  () => colours,
);
let colours = palette();
let measure = "equity";

function paintPage() {
  figure("life-title", CURVES[measure].title);
  paintAll({ life, measure, sheet, palette: colours }, { onSight: paintPage });
}

const shown = Object.entries(CURVES).filter(([key]) => key in life);
tabs(
  one("#life-tabs"),
  Object.fromEntries(shown.map(([key, info]) => [key, info.tab])),
  measure,
  (key) => {
    measure = key;
    paintPage();
  },
);
window.addEventListener("themechange", () => {
  colours = palette();
  paintPage();
  panel.repaint();
});
paintPage();
canaryPanel(one("#canary"));
if (life.rounds?.length) panel.load(Number(root.dataset.number));
else panel.clear("It has not played a round yet.");

// how often a market that stands still is asked for
const AGAIN_MS = 60_000;
let again = null;

async function askNow(form) {
  window.clearTimeout(again);
  const words = one("#now-words");
  const response = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(
    () => null,
  );
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
