// The live page: brings messages, state, figures and panels together. Everything it draws comes
// from the state.

import { all, el, figure, one, show, tabs } from "../shared/dom.js";
import { diversityTitle } from "../figures/diversity.js";
import { gapTitle } from "../figures/gap.js";
import { CURVES, PLACES } from "../figures/measures.js";
import { decode } from "../stream/frames.js";
import { paintAll } from "../shared/paint.js";
import { palette } from "../shared/palette.js";
import { agentPanel, renderFacts } from "../panels/agent.js";
import { canaryPanel } from "../panels/canary.js";
import { cardPanel } from "../panels/card.js";
import { renderEvidence } from "../panels/evidence.js";
import { renderFeed, renderInterventions } from "../panels/feed.js";
import { renderHall } from "../panels/hall.js";
import { renderHeadline } from "../panels/headline.js";
import { renderLeaderboard } from "../panels/leaderboard.js";
import { timeTravel } from "../panels/travel.js";
import { waterfallPanel } from "../panels/waterfall.js";
import { whatifPanel } from "../panels/whatif.js";
import { connect, socketUrl } from "../stream/socket.js";
import { apply, bestAgent, initial } from "../stream/state.js";

const page = one("#live");
// charts of their own beside the measures of the learning curves, and what each says of itself
const BESIDE = {
  gap: { tab: "Gap", says: (now) => gapTitle(now.curves, growthOf(now)) },
  diversity: { tab: "Diversity", says: (now) => diversityTitle(now.curves) },
};
let state = initial();
let past = null;
let colours = palette();
let queued = false;
let resyncAsked = 0;
const seen = new Map();
const view = {
  curve: "return",
  place: "fitness",
  filter: "",
  chosen: fromHash(),
  following: fromHash() === null,
  sort: { key: "fitness", descending: true },
  showAll: false,
};

const withNumber = (address, number) => address.replace("/agents/0/", `/agents/${number}/`);
const panel = agentPanel(
  one("#agent"),
  {
    network: (n) => withNumber(page.dataset.networkUrl, n),
    market: (n) => withNumber(page.dataset.marketUrl, n),
  },
  () => colours,
);
const loadCard = cardPanel(page.dataset.cardUrl);
const waterfall = waterfallPanel(page.dataset.waterfallUrl, () => colours);
const whatif = whatifPanel(page.dataset.whatifUrl, () => colours);

function fromHash() {
  const found = /^#agent-(\d+)$/.exec(window.location.hash);
  return found ? Number(found[1]) : null;
}

/**
 * True when any of `inputs` is another than at the last call for `part`: only then is there
 * something to draw.
 */
function changed(part, ...inputs) {
  const old = seen.get(part);
  seen.set(part, inputs);
  return !old || inputs.some((input, i) => input !== old[i]);
}

function refresh() {
  if (queued) return;
  queued = true;
  requestAnimationFrame(() => {
    queued = false;
    render(past ?? state);
  });
}

function render(now) {
  if (!now.ready) return;
  if (view.following) view.chosen = bestAgent(now);
  if (changed("headline", now)) renderHeadline(now);
  paintCharts(now);
  if (changed("agent", now.agents.get(view.chosen), view.chosen))
    renderFacts(
      one("#agent"),
      now.agents.get(view.chosen) ?? null,
      withNumber(page.dataset.agentUrl, view.chosen),
    );
  if (
    changed("agent-data", view.chosen, view.following ? now.round : playedBy(now), past) &&
    view.chosen !== null
  )
    loadAgent(now);
  if (
    changed("leaderboard", now.agents, now.curves, now.round, view.sort, view.showAll, view.chosen)
  )
    renderLeaderboard(now, view, actions);
  if (changed("hall", now.hall, now.curves, view.chosen))
    renderHall(now, view.chosen, actions.choose);
  if (changed("feed", now.feed, view.filter)) renderFeed(now, view.filter, actions.choose);
  if (changed("interventions", now.interventions)) renderInterventions(now);
  if (changed("evidence", now.evaluations, now.agents.size)) renderEvidence(now);
  if (changed("card", state.evaluations, state.experiment.judgement?.text)) loadCard();
  if (changed("waterfall", now.round)) waterfall.load(now.round);
  if (whatif && changed("whatif", state.round, state.interventions)) whatif.load();
  if (changed("travel", state.round, past)) travel.render(state, past);
  figure("chip", view.following || view.chosen === null ? "" : `Agent ${view.chosen} ↓`);
  show(one("#follow"), !view.following);
}

// a newborn has no round to show yet, and the server would have to refuse
function loadAgent(now) {
  if (!playedBy(now)) panel.clear("This agent has not played a round yet.");
  else panel.load(view.chosen, past ? lastRoundOf(now) : null);
}

const NO_TERMS = [];
const growthOf = (now) => now.experiment.growth ?? NO_TERMS;
const playedBy = (now) => (now.agents.get(view.chosen)?.birth_round ?? Infinity) <= now.round;
const lastRoundOf = (now) =>
  Math.min(now.round, now.agents.get(view.chosen)?.death_round ?? now.round);

function paintCharts(now) {
  const beside = BESIDE[view.curve];
  figure("curve-title", beside ? beside.says(now) : CURVES[view.curve].title);
  show(one("#reused-note"), now.curves.reused.some(Boolean));
  const { chosen, place, curve: measure } = view;
  const endowment = now.experiment.endowment ?? null;
  const growth = growthOf(now);
  const told = { ...now, chosen, place, measure, endowment, growth, palette: colours };
  one("#curves").dataset.shown = beside ? view.curve : "curves";
  paintAll(told, { onPick: actions.choose });
}

const actions = {
  choose(number) {
    Object.assign(view, { chosen: number, following: false });
    history.replaceState(null, "", `#agent-${number}`);
    refresh();
  },
  sort(key) {
    view.sort = { key, descending: view.sort.key === key ? !view.sort.descending : true };
    refresh();
  },
};

function follow() {
  view.following = true;
  history.replaceState(null, "", window.location.pathname);
  refresh();
}

const travel = timeTravel(page.dataset.snapshotUrl, (snapshot) => {
  past = snapshot && apply(initial(), snapshot);
  refresh();
});

function take(messages) {
  for (const message of messages) state = apply(state, message);
  if (messages.some((message) => message.type === "snapshot")) resyncAsked = 0;
  show(one("#outdated"), state.outdated);
  if (state.needsResync) askForSnapshot();
  refresh();
}

// a lost answer is asked for again, but not at every message
function askForSnapshot() {
  if (Date.now() - resyncAsked < 3000) return;
  resyncAsked = Date.now();
  socket.send({ type: "resync" });
}

function status(name, words) {
  page.dataset.connection = name;
  one("#offline").textContent = words;
  show(one("#offline"), name === "offline");
  if (name === "gone") window.location.reload();
  if (name === "offline" && !state.ready) firstPaint();
}

// without a socket the page still shows where the experiment stands
async function firstPaint() {
  const response = await fetch(page.dataset.snapshotUrl, {
    signal: AbortSignal.timeout(20_000),
  }).catch(() => null);
  if (response?.ok && !state.ready) take(decode(await response.arrayBuffer()));
}

async function ask() {
  const response = await fetch(page.dataset.snapshotUrl, {
    method: "HEAD",
    signal: AbortSignal.timeout(3000),
  }).catch(() => null);
  return response?.status ?? null;
}

const tabsOf = (table) =>
  Object.fromEntries(Object.entries(table).map(([key, info]) => [key, info.tab]));
tabs(one("#curve-tabs"), tabsOf({ ...CURVES, ...BESIDE }), view.curve, (key) => {
  view.curve = key;
  refresh();
});
tabs(one("#place-tabs"), tabsOf(PLACES), view.place, (key) => {
  view.place = key;
  refresh();
});
tabs(
  one("#feed-tabs"),
  {
    "": "All",
    birth: "Births",
    death: "Deaths",
    scar: "Scars",
    alarm: "Alarms",
    ...(page.dataset.swans ? { swan: "Swans" } : {}),
  },
  "",
  (key) => {
    view.filter = key;
    refresh();
  },
);
one("#leaderboard-all").addEventListener("click", () => {
  view.showAll = !view.showAll;
  refresh();
});
one("#follow").addEventListener("click", follow);
window.addEventListener("themechange", () => {
  colours = palette();
  panel.repaint();
  waterfall.paint();
  whatif?.paint();
  refresh();
});
window.addEventListener("hashchange", () => {
  if (fromHash() !== null) actions.choose(fromHash());
});
new IntersectionObserver(([seenNow]) => {
  one(".chip").hidden = seenNow.isIntersecting;
}).observe(one("#agent"));
for (const chart of all(".chart:empty")) chart.append(el("p", { class: "empty" }, "Connecting…"));
canaryPanel(one("#canary"));

const socket = connect(socketUrl(page.dataset.socketPath), {
  onMessages: take,
  onStatus: status,
  ask,
});
