// The chosen agent: its price, its network under the slider, and what overtakes what.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { el } from "../../static/js/shared/dom.js";
import { agentPanel, renderFacts } from "../../static/js/panels/agent.js";
import { palette } from "../../static/js/shared/palette.js";
import { openPage, settled, texts } from "./page.mjs";

const market = (more = {}) => ({
  round: 3,
  window: [1000, 1003],
  time: [1, 2, 3],
  open: [1, 1, 1],
  high: [2, 2, 2],
  low: [0.5, 0.5, 0.5],
  close: [1, 1, 1],
  trades: [],
  scars: [],
  events: [],
  actions: [0, 1, null],
  ...more,
});
const network = (more = {}) => ({ error: "no network is kept", ...more });
const addresses = {
  market: (number) => `/market/${number}`,
  network: (number) => `/network/${number}`,
};
let page = null;
let root = null;

function open(symbols = "[]", arrived = () => {}) {
  root = el(
    "section",
    { id: "agent" },
    el("input", { "data-bar": true, type: "range" }),
    el("div", { "data-symbols": symbols }),
    el("div", { "data-chart": "price" }),
    el("div", { "data-legend": "price" }),
    el("div", { "data-chart": "network" }),
    el("div", { "data-q": true }),
    ...["price-title", "bar-time", "network-note", "chosen"].map((name) =>
      el("p", { "data-figure": name }),
    ),
    el("a", { "data-agent-page": true }),
    el("dl", { "data-facts": true }),
  );
  page.body.replaceChildren(root);
  page.body.dataset.rules = "/terms";
  const panel = agentPanel(
    root,
    addresses,
    () => palette(),
    () => {},
    () => arrived(panel.shown()),
  );
  return panel;
}

const slider = () => root.querySelector("[data-bar]");
const chart = (name) => root.querySelector(`[data-chart=${name}]`);

beforeEach(() => {
  page = openPage();
  page.answer = (url) => ({ json: url.startsWith("/market") ? market() : network() });
});

test("an agent is shown at its last bar, its network at the same", async () => {
  await open().load(7);

  assert.deepEqual(
    page.asked.map(({ url }) => url),
    ["/market/7", "/network/7?round=3&bar=1002"],
  );
  assert.deepEqual([slider().max, slider().value, slider().disabled], [2, "2", false]);
  assert.deepEqual(texts("[data-figure=price-title]"), ["Price, round 3, with what agent 7 did"]);
  assert.equal(page.drawn[0].element, chart("price"));
});

test("where no network is kept its words stand there, and no values", async () => {
  await open().load(7);

  assert.deepEqual(texts("[data-chart=network] .empty"), ["no network is kept"]);
  assert.equal(root.querySelector("[data-q]").hidden, true);
});

test("an agent without trades yet, and a server that refuses, are put into words", async () => {
  const panel = open();
  page.answer = () => ({ json: {} });
  await panel.load(7);
  assert.match(texts("[data-chart=price] .empty")[0], /^This agent has not traded/);
  assert.equal(slider().disabled, true);

  page.answer = () => {
    throw new Error("away");
  };
  await panel.load(7);
  assert.match(texts("[data-chart=price] .empty")[0], /^The server did not answer/);
});

test("another symbol is asked for at the same round and bar", async () => {
  const panel = open('["BTC","ETH"]');
  await panel.load(7, 3, 1);

  root.querySelectorAll("[data-symbols] button")[1].click();
  await settled();

  assert.deepEqual(
    page.asked.slice(2).map(({ url }) => url),
    ["/market/7?round=3&symbol=1", "/network/7?round=3&symbol=1&bar=1001"],
  );
  assert.deepEqual(texts("[data-figure=price-title]"), [
    "Price of ETH, round 3, with what agent 7 did",
  ]);
});

test("an agent that is let go shows what is said instead, whatever still comes", async () => {
  const panel = open();
  let answer = null;
  page.answer = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  const loading = panel.load(7);

  panel.clear("No agent chosen.");
  answer({ json: market() });
  await loading;

  assert.equal(panel.shown(), null);

  assert.deepEqual(texts(".empty", root), ["No agent chosen.", "No agent chosen."]);
  assert.equal(page.drawn.length, 0);
  panel.repaint();
  assert.equal(page.drawn.length, 0);
});

test("a panel names the agent that it shows, and that only once its price is drawn", async () => {
  const heard = [];
  const panel = open("[]", (number) => heard.push(number));

  const first = panel.load(7);
  assert.deepEqual([panel.shown(), heard], [null, []]);
  await first;
  await panel.load(8);
  await panel.load(8);

  assert.deepEqual([panel.shown(), heard], [8, [7, 8]]);
});

const facts = () =>
  Object.fromEntries(
    root.querySelectorAll("dl div").map((row) => row.children.map((part) => part.textContent)),
  );
const living = {
  number: 7,
  state: "active",
  birth_round: 2,
  parents: [1, 2],
  origin: "crossover",
  generation: 3,
  fitness: 0.25,
  return_since_birth: 0.1,
  equity: 1100,
  max_drawdown: 0.2,
  trust: 61,
  tier: 2,
  scar_count: 1,
  trade_count: 9,
  learning_rate: 0.001,
};

test("the facts of a living agent", () => {
  open();

  renderFacts(root, living, "/agents/7");

  assert.deepEqual(facts(), {
    Lives: "since round 2",
    Origin: "child of 1 and 2",
    Generation: "3",
    Fitness: "0.2500",
    "Return since birth": "+10.00\u00a0%",
    Equity: "1\u202f100.00",
    "Largest drawdown": "20.0\u00a0%",
    Trust: "61, silver",
    Scars: "1",
    Trades: "9",
    "Learning rate": "0.001",
  });
  assert.deepEqual(texts("[data-figure=chosen]"), ["Agent 7"]);
  assert.equal(root.querySelector("[data-agent-page]").href, "/agents/7");
});

test("the facts of a dead founder lead to the rule it died by", () => {
  open();

  renderFacts(
    root,
    { ...living, state: "scarred_out", death_round: 5, parents: [], origin: "founder", tier: null },
    "",
  );

  assert.deepEqual(
    [facts().Lives, facts().Origin, facts().Trust],
    ["rounds 2 to 5, scarred out", "founder", "61, –"],
  );
  assert.equal(root.querySelector("dd a").getAttribute("href"), "/terms#scarred_out");
});

test("without an agent there are no facts and no page to go to", () => {
  open();

  renderFacts(root, null, "");

  assert.deepEqual(
    [texts("[data-figure=chosen]"), facts(), root.querySelector("[data-agent-page]").hidden],
    [["No agent chosen"], {}, true],
  );
});
