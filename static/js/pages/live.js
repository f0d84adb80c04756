// The page of an experiment: brings messages, state, figures and panels together. Everything it
// draws comes from the state, and where one is on it from the address.

import { all, el, figure, one, show, tabs } from "../shared/dom.js";
import { diversityTitle } from "../figures/diversity.js";
import { gapTitle } from "../figures/gap.js";
import { CURVES, PLACES } from "../figures/measures.js";
import { relativeNote, relativeWords } from "../figures/relative.js";
import { placeOf } from "../shared/address.js";
import { cover } from "../shared/cover.js";
import { lettersWork, letLettersWork, listenForKeys } from "../shared/keys.js";
import { newestOf, oneAtATime } from "../shared/latest.js";
import { marksOf } from "../shared/marks.js";
import { briefly } from "../shared/notes.js";
import { paintAll } from "../shared/paint.js";
import { palette } from "../shared/palette.js";
import { relativeOf } from "../shared/passes.js";
import { agentPanel, renderFacts } from "../panels/agent.js";
import { renderAnswer, renderFigures } from "../panels/answer.js";
import { canaryPanel } from "../panels/canary.js";
import { cardPanel } from "../panels/card.js";
import { drawer } from "../panels/drawer.js";
import { editPanel, undone } from "../panels/edit.js";
import { renderEvidence } from "../panels/evidence.js";
import { renderFeed, renderInterventions } from "../panels/feed.js";
import { renderHall } from "../panels/hall.js";
import { renderHeadline } from "../panels/headline.js";
import { renderLeaderboard } from "../panels/leaderboard.js";
import { figuresOf, renderFittest, renderMattered } from "../panels/overview.js";
import { against, timeBar } from "../panels/timebar.js";
import { pastRounds } from "../panels/travel.js";
import { waterfallPanel } from "../panels/waterfall.js";
import { whatifPanel } from "../panels/whatif.js";
import { connect, socketUrl } from "../stream/socket.js";
import { asker, standsAt } from "../stream/asked.js";
import { everyone } from "../stream/lives.js";
import { apply, bestAgent, initial, ranked, stepped } from "../stream/state.js";

const page = one("#live");
// charts of their own beside the measures of the learning curves, and what each says of itself
const BESIDE = {
  gap: { tab: "Gap", says: (now) => gapTitle(now.curves, growthOf(now)) },
  diversity: { tab: "Diversity", says: (now) => diversityTitle(now.curves) },
};
const NO_TERMS = [];
// states in which no further round is played
const OVER = new Set(["stopped", "finished", "extinct"]);
const WIDE = window.matchMedia("(min-width: 721px)");
// of the sentences that tell a closed round
const SPOKEN_MS = 10_000;
const SHEET_MS = 10_000;
let state = initial();
let step = null;
let past = null;
let colours = palette();
let queued = false;
let resyncAsked = 0;
let spoken = -SPOKEN_MS;
let sheetAsked = -SHEET_MS;
// as the page was sent; asked for anew where the experiment moves on
let answer = JSON.parse(one("#answer-given").textContent);
let sheet = null;
let { events } = answer;
let marks = [];
const seen = new Map();
const view = {
  curve: "return",
  place: "fitness",
  filter: "",
  sort: { key: "fitness", descending: true },
  showAll: false,
};

const place = placeOf(page.dataset.baseUrl, (now, before) => {
  if (now.round !== before.round) travelTo(now.round);
  if (now.tab !== before.tab) openTab(now.tab);
  if (now.agent !== before.agent && now.agent !== null && now.tab !== "agent") side.open(null);
  refresh();
});
const following = () => place.now().agent === null;
const growthOf = (now) => now.experiment.growth ?? NO_TERMS;

const withNumber = (address, number) => address.replace("/agents/0/", `/agents/${number}/`);
const panelIn = (root) =>
  agentPanel(
    root,
    {
      network: (n) => withNumber(page.dataset.networkUrl, n),
      market: (n) => withNumber(page.dataset.marketUrl, n),
    },
    () => colours,
    (changes) => place.slide(changes),
    () => refresh(),
  );
const rooms = { agent: one("#agent"), drawer: one("#drawer") };
const panels = { agent: panelIn(rooms.agent), drawer: panelIn(rooms.drawer) };
const editUrl = page.dataset.editUrl ? (n) => withNumber(page.dataset.editUrl, n) : null;
const edits = Object.fromEntries(
  Object.entries(rooms).map(([name, root]) => [
    name,
    editUrl && editPanel(one("[data-edit]", root), editUrl),
  ]),
);
const side = drawer(rooms.drawer, () => refresh());
const loadCard = cardPanel(page.dataset.cardUrl);
const loadAnswer = newestOf(page.dataset.answerUrl, (newest) => {
  answer = newest;
  events = newest.events;
  refresh();
});
const waterfall = waterfallPanel(
  page.dataset.waterfallUrl,
  () => colours,
  (clade) => place.go({ clade }),
);
const whatif = whatifPanel(page.dataset.whatifUrl, () => colours);
const time = timeBar(one("[data-time]"), {
  go: (round) => place.slide({ round }),
  colours: () => colours,
  seconds: Number(page.dataset.roundSeconds) || null,
});
const ask = asker(page.dataset, take);
const ASKED = new Set(["heatmap", "lives", "agents"]);
// numbers of agents that were asked for, and of those whose answer came: it may be that there is none
const sought = new Set();
const answered = new Set();
const rounds = pastRounds(page.dataset.snapshotUrl, (snapshot) => {
  step = snapshot?.type === "step" ? snapshot : null;
  past = step && stepped(state, step);
  if (!past && place.now().round !== null) place.slide({ round: null });
  refresh();
});

/** Shows round `round`, or now where it is null or has not been played. */
function travelTo(round) {
  if (round === null) rounds.back();
  else if (!state.ready || round < (state.round ?? -1)) rounds.go(round);
  else place.slide({ round: null });
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

/** Draws what has come into view; for a print all of it, before the browser goes on. */
function onSight({ atOnce }) {
  if (atOnce) render(past ?? state);
  else refresh();
}

function render(now) {
  renderPlace();
  if (!now.ready) return;
  const chosen = following() ? bestAgent(now) : place.now().agent;
  askForMore(now, chosen);
  if (changed("marks", state.curves, events)) marks = marksOf(state, events);
  if (changed("time", state, past, marks))
    time.render({ state, round: past?.round ?? null, marks });
  if (changed("headline", now)) renderHeadline(now);
  if (changed("asked", ...newsOf(state))) loadAnswer();
  const tab = place.now().tab;
  (TABS[tab] ?? TABS.overview)(now, chosen);
  paintCharts(now, chosen);
  renderAgent(tab === "agent" ? "agent" : "drawer", now, chosen);
}

// the first paint has the living and one measure: the rest is asked for when it is looked at
function askForMore(now, chosen) {
  const { measures, rounds: columns } = now.heatmap;
  if (columns.length && !measures.includes(view.place)) ask.measure(view.place);
  if (place.now().tab === "lineage" && state.dead === null) ask.lives();
  if (place.now().tab === "overview" && state.bands === null && state.round >= 0) ask.bands();
  const known = now.agents.has(chosen) || state.agents.has(chosen);
  if (chosen === null || known || sought.has(chosen)) return;
  sought.add(chosen);
  ask.agent(chosen).then((came) => {
    if (!came) return sought.delete(chosen);
    answered.add(chosen);
    return refresh();
  });
}

/** What the server's answer depends on. */
const newsOf = ({ experiment, interventions, feed }) => [
  experiment.state,
  experiment.judgement?.text,
  experiment.waits,
  interventions.length,
  feed.find(({ kind }) => kind === "alarm")?.round,
];

async function undo(row) {
  one("[data-live-region]").textContent = await undone(editUrl(row.agent), row);
}

/** What each tab draws beside its charts. */
const TABS = {
  overview(now, chosen) {
    if (changed("sheet", now.round, now.experiment.state)) askForSheet(now);
    if (changed("answer", answer, state.curves, state.experiment))
      renderAnswer(answer, answer.figures.length ? [] : briefly(state));
    const judged = answer.figures.length && !past;
    if (changed("figures", now.curves, sheet, answer, judged))
      renderFigures(judged ? answer.figures : figuresOf(now, sheet));
    if (changed("fittest", now.agents, now.curves, chosen, past))
      renderFittest(now, chosen, Boolean(past), actions.choose);
    if (changed("mattered", now.curves, marks, now.evaluations)) renderMattered(now, marks);
    if (changed("relative", state.curves)) {
      figure("relative-note", relativeNote(state.curves));
      one("#relative").setAttribute("aria-label", relativeWords(state.curves));
    }
  },
  population(now, chosen) {
    if (changed("board", now.agents, now.curves, now.round, view.sort, view.showAll, chosen))
      renderLeaderboard(now, { ...view, chosen }, actions);
    if (changed("hall", now.hall, now.curves, chosen)) renderHall(now, chosen, actions.choose);
  },
  lineage() {},
  agent() {},
  money(now) {
    if (changed("waterfall", now.round)) waterfall.load(now.round);
    waterfall.pick(place.now().clade);
  },
  evidence(now) {
    if (changed("evidence", now.evaluations, now.agents.size)) renderEvidence(now);
    if (changed("card", state.evaluations, state.experiment.judgement?.text)) loadCard();
    if (whatif && changed("whatif", state.round, state.interventions)) whatif.load();
  },
  settings(now) {
    if (changed("feed", now.feed, view.filter)) renderFeed(now, view.filter, actions.choose);
    if (changed("interventions", now.interventions, now.agents, past))
      renderInterventions(now, editUrl && !past ? undo : null);
  },
};

/**
 * What trades earned and cost, which the server adds up anew each time: while rounds follow fast it
 * is asked now and then.
 */
function askForSheet({ round, experiment }) {
  const soon = performance.now() - sheetAsked < SHEET_MS;
  if (soon && !past && experiment.state === "running") return;
  sheetAsked = performance.now();
  loadSheet(round);
}

const loadSheet = oneAtATime(async (round) => {
  const url = `${page.dataset.waterfallUrl}?round=${Math.max(0, round ?? 0)}`;
  const response = await fetch(url).catch(() => null);
  const found = response?.ok ? await response.json() : null;
  if (past && past.round !== round) return;
  sheet = found?.total ?? null;
  refresh();
});

/** The chosen agent in `room`, which is the tab or the drawer; nothing where neither is open. */
function renderAgent(room, now, chosen) {
  const open = room === "agent" || side.isOpen();
  if (room === "agent") side.close();
  if (!open) return;
  const root = rooms[room];
  const row = now.agents.get(chosen) ?? null;
  // while the fittest is followed the one whose charts are drawn is named, until the next one's are
  const drawn = following() ? (now.agents.get(panels[room].shown()) ?? row) : row;
  if (changed(`${room}-facts`, drawn, chosen))
    renderFacts(root, drawn, withNumber(page.dataset.agentUrl, drawn?.number ?? chosen));
  show(one("#follow"), !following());
  // of the past nothing can be changed
  const plays = !past && drawn?.state === "active" && !OVER.has(now.experiment.state);
  edits[room]?.of(plays ? drawn.number : null);
  const { symbol } = place.now();
  const played = (row?.birth_round ?? Infinity) <= now.round;
  if (chosen === null) return;
  const absent = !row && (state.agents.has(chosen) || answered.has(chosen));
  if (!changed(room, chosen, following() ? now.round : played, past, symbol, absent)) return;
  panels[room].place(place.now());
  if (absent) panels[room].clear(`As of round ${now.round} no agent has the number ${chosen}.`);
  else if (!row) panels[room].clear("");
  // a newborn has no round to show yet, and the server would have to refuse
  else if (!played) panels[room].clear("This agent has not played a round yet.");
  else panels[room].load(chosen, past ? Math.min(now.round, row.death_round ?? now.round) : null);
}

function paintCharts(now, chosen) {
  const beside = BESIDE[view.curve];
  figure("curve-title", beside ? beside.says(now) : CURVES[view.curve].title);
  show(one("#reused-note"), now.curves.reused.some(Boolean));
  const { place: placed, curve: measure } = view;
  const given = {
    ...now,
    agents: everyone(now),
    chosen,
    place: placed,
    measure,
    endowment: now.experiment.endowment ?? null,
    growth: growthOf(now),
    history: state.curves,
    ...(state.bands && { bands: state.bands }),
    marks,
    wide: WIDE.matches,
    palette: colours,
  };
  one("#curves").dataset.shown = beside ? view.curve : "curves";
  paintAll(given, { onPick: actions.pick, onSight });
  for (const chart of ["#relative", "#bands"]) cover(one(chart), past ? past.round : null);
}

/** Links, chip and title say where one is. */
function renderPlace() {
  const now = place.now();
  for (const link of all("[data-tab-link]")) {
    link.href = place.address({ tab: link.dataset.tabLink });
    if (!link.closest("nav")) continue;
    if (link.dataset.tabLink === now.tab) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  show(one(".chosen"), now.agent !== null);
  one("[data-chip]").textContent = now.agent === null ? "" : `agent ${now.agent}`;
}

function openTab(tab) {
  for (const each of all("[data-page]")) show(each, each.dataset.page === tab);
  page.dataset.tab = tab;
  const title = one(`.tab-links [data-tab-link="${tab}"]`)?.firstChild.textContent.trim() ?? "";
  document.title = `${title} · ${page.dataset.name} · Lineage`;
  window.scrollTo(0, 0);
  // what was drawn before may have been drawn for another width
  for (const chart of all(`[data-page="${tab}"] .js-plotly-plot`))
    window.Plotly.Plots.resize(chart);
}

const actions = {
  /** What was clicked on a chart: an agent's number, or changes of the place. */
  pick(found) {
    if (typeof found === "number") actions.choose(found);
    else place.go(found);
  },
  choose(number) {
    const from = document.activeElement;
    place.go({ agent: number });
    if (place.now().tab !== "agent") side.open(from);
    one("[data-live-region]").textContent = `Agent ${number} chosen`;
    refresh();
  },
  sort(key) {
    view.sort = { key, descending: view.sort.key === key ? !view.sort.descending : true };
    refresh();
  },
  letGo() {
    side.close();
    place.go({ agent: null, symbol: null });
  },
  neighbour(by) {
    const now = past ?? state;
    const order = ranked(now).map(({ number }) => number);
    const at = order.indexOf(following() ? bestAgent(now) : place.now().agent);
    const next = order[Math.max(0, Math.min(order.length - 1, at + by))];
    if (next !== undefined) place.go({ agent: next });
  },
};

function take(messages) {
  for (const message of messages) state = apply(state, message);
  if (step && messages.some(({ type }) => ASKED.has(type))) past = stepped(state, step);
  if (messages.some((message) => message.type === "snapshot")) arrived();
  if (messages.some((message) => message.type === "round")) speak();
  show(one("#outdated"), state.outdated);
  if (state.needsResync) askForSnapshot();
  refresh();
}

/** With the first snapshot it is known which rounds there are to go back to. */
function arrived() {
  resyncAsked = 0;
  sought.clear();
  answered.clear();
  if (state.seq === Number(page.dataset.seq)) changed("asked", ...newsOf(state));
  const { round } = place.now();
  if (round !== null && !past) travelTo(round);
}

/** Tells readers of screens of a closed round, now and then. */
function speak() {
  if (performance.now() - spoken < SPOKEN_MS) return;
  spoken = performance.now();
  const value = relativeOf(state.curves).mean.at(-1) ?? null;
  one("[data-live-region]").textContent =
    `Round ${state.round} closed${value === null ? "" : `: ${against(value)}`}`;
}

// a lost answer is asked for again, but not at every message
function askForSnapshot() {
  if (Date.now() - resyncAsked < 3000) return;
  resyncAsked = Date.now();
  // over the line, where the other way is closed
  ask.paint().then((came) => came || socket.send({ type: "resync" }));
}

function status(name, words) {
  page.dataset.connection = name;
  one("#offline").textContent = words;
  show(one("#offline"), name === "offline");
  if (name === "gone") window.location.reload();
  // without a socket the page still shows where the experiment stands
  if (name === "offline" && !state.ready) ask.paint();
}

async function mayWatch() {
  const response = await fetch(page.dataset.snapshotUrl, {
    method: "HEAD",
    signal: AbortSignal.timeout(3000),
  }).catch(() => null);
  return response?.status ?? null;
}

const tabsOf = (table) =>
  Object.fromEntries(Object.entries(table).map(([key, info]) => [key, info.tab]));
const viewTabs = (selector, choices, key) =>
  tabs(one(selector), choices, view[key], (chosen) => {
    view[key] = chosen;
    refresh();
  });
viewTabs("#curve-tabs", tabsOf({ ...CURVES, ...BESIDE }), "curve");
viewTabs("#place-tabs", tabsOf(PLACES), "place");
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
one("#follow").addEventListener("click", actions.letGo);
one("[data-let-go]").addEventListener("click", actions.letGo);
one("[data-chip]").addEventListener("click", (event) => {
  if (place.now().tab !== "agent") side.open(event.currentTarget);
  refresh();
});
for (const button of all("[data-neighbour]"))
  button.addEventListener("click", () => actions.neighbour(Number(button.dataset.neighbour)));

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-tab-link]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  link.closest("details")?.removeAttribute("open");
  place.go({ tab: link.dataset.tabLink });
});

const keys = one("#keys");
one("[data-letters]", keys).checked = lettersWork();
one("[data-letters]", keys).addEventListener("change", (event) =>
  letLettersWork(event.target.checked),
);
one("[data-keys]").addEventListener("click", () => keys.showModal());
listenForKeys({
  tab: ({ place: at }) => place.go({ tab: all(".tab-links [data-tab-link]")[at].dataset.tabLink }),
  step: ({ by }) => time.step(by),
  jump: ({ by }) => time.jump(by),
  play: () => time.toggle(),
  live: () => time.live(),
  neighbour: ({ by }) => actions.neighbour(by),
  keys: () => keys.showModal(),
  escape: () => {
    if (keys.open) return;
    if (side.isOpen()) side.close();
    else if (!following()) actions.letGo();
  },
});

window.addEventListener("themechange", () => {
  colours = palette();
  for (const each of Object.values(panels)) each.repaint();
  waterfall.paint();
  whatif?.paint();
  time.draw();
  refresh();
});
WIDE.addEventListener("change", refresh);
canaryPanel(one("#canary"));
renderPlace();
if (!following() && place.now().tab !== "agent") side.open(null);

await ask.paint();
const socket = connect(() => socketUrl(page.dataset.socketPath) + standsAt(state), {
  onMessages: take,
  onStatus: status,
  ask: mayWatch,
});
