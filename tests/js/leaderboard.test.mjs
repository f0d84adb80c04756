// The table of the living: what it shows, how it is sorted, and what a click does.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { el } from "../../static/js/shared/dom.js";
import { COLUMNS, renderLeaderboard, sorted } from "../../static/js/panels/leaderboard.js";
import { initial } from "../../static/js/stream/state.js";
import { openPage, texts } from "./page.mjs";

const agent = (number, more = {}) => ({
  number,
  state: "active",
  fitness: number / 10,
  birth_round: 0,
  return_since_birth: 0,
  equity: 1000,
  trust: 50,
  tier: 2,
  scar_count: 0,
  trade_count: 3,
  generation: 1,
  ...more,
});
const stateOf = (agents, more = {}) => ({
  ...initial(),
  round: 4,
  agents: new Map(agents.map((row) => [row.number, row])),
  ...more,
});
const view = { sort: { key: "fitness", descending: true }, showAll: false, chosen: null };
const actions = { choose: () => {}, sort: () => {}, toggleAll: () => {} };
const columns = Object.keys(COLUMNS);
const cellsOf = (row) =>
  Object.fromEntries(row.children.map((cell, i) => [columns[i], cell.textContent]));
const rows = () => document.querySelectorAll("#leaderboard tbody tr");

beforeEach(() => {
  const page = openPage();
  page.body.dataset.rules = "/terms";
  page.body.append(
    el("table", { id: "leaderboard" }, el("thead"), el("tbody"), el("tfoot")),
    el("button", { id: "leaderboard-all" }),
  );
});

test("a row tells an agent's figures, with units and signs", () => {
  renderLeaderboard(
    stateOf([agent(7, { return_since_birth: -0.25, birth_round: 2, scar_count: 4 })]),
    view,
    actions,
  );

  assert.deepEqual(cellsOf(rows()[0]), {
    number: "7",
    fitness: "0.7000",
    return: "\u221225.0\u00a0%",
    equity: "1\u202f000.00",
    trust: "50 silver",
    scars: "4",
    trades: "3",
    generation: "1",
    age: "3",
  });
});

test("gains and losses are toned, nothing is neither", () => {
  renderLeaderboard(
    stateOf([
      agent(1, { return_since_birth: -0.1 }),
      agent(2),
      agent(3, { return_since_birth: 0.1 }),
    ]),
    view,
    actions,
  );

  assert.deepEqual(
    document.querySelectorAll("tbody [data-tone]").map((each) => each.dataset.tone),
    ["gain", "", "loss"],
  );
});

test("a tier leads to what it allows, and who has none has no badge", () => {
  renderLeaderboard(
    stateOf([agent(1, { tier: 3 }), agent(2, { tier: null })]),
    { ...view, sort: { key: "number", descending: false } },
    actions,
  );

  const badges = document.querySelectorAll("tbody .tier");
  assert.deepEqual(
    badges.map((each) => [each.textContent, each.getAttribute("href")]),
    [["gold", "/terms#gold"]],
  );
});

test("a click on the row or on the number chooses the agent, once", () => {
  const chosen = [];
  renderLeaderboard(stateOf([agent(5)]), view, {
    ...actions,
    choose: (number) => chosen.push(number),
  });

  rows()[0].click();
  rows()[0].querySelector("[data-agent]").click();

  assert.deepEqual(chosen, [5, 5]);
});

test("the chosen agent's row is marked", () => {
  renderLeaderboard(stateOf([agent(5), agent(6)]), { ...view, chosen: 5 }, actions);

  assert.deepEqual(
    rows().map((row) => row.className),
    ["", "is-chosen"],
  );
});

test("the heading of the sorted column says so, and a click asks to sort by another", () => {
  const asked = [];
  renderLeaderboard(
    stateOf([agent(5)]),
    { ...view, sort: { key: "trust", descending: false } },
    { ...actions, sort: (key) => asked.push(key) },
  );

  const headings = document.querySelectorAll("thead th");
  assert.deepEqual(
    headings.map((each) => each.getAttribute("aria-sort")).filter((each) => each !== "none"),
    ["ascending"],
  );
  assert.equal(headings[columns.indexOf("trust")].textContent, "Trust ↑");
  headings[columns.indexOf("equity")].querySelector("button").click();
  assert.deepEqual(asked, ["equity"]);
});

test("ten are shown until all are asked for", () => {
  const many = stateOf(Array.from({ length: 12 }, (_, i) => agent(i + 1)));
  const toggle = document.querySelector("#leaderboard-all");

  renderLeaderboard(many, view, actions);
  assert.deepEqual([rows().length, toggle.textContent, toggle.hidden], [10, "Show all 12", false]);

  renderLeaderboard(many, { ...view, showAll: true }, actions);
  assert.deepEqual([rows().length, toggle.textContent], [12, "Top 10 only"]);
});

test("of very many no page is made", () => {
  const many = stateOf(Array.from({ length: 501 }, (_, i) => agent(i + 1)));

  renderLeaderboard(many, view, actions);
  assert.equal(document.querySelector("#leaderboard-all").textContent, "Show the first 500");

  renderLeaderboard(many, { ...view, showAll: true }, actions);
  assert.equal(rows().length, 500);
});

test("where nobody lives yet one line says why", () => {
  renderLeaderboard(stateOf([]), view, actions);

  assert.match(rows()[0].textContent, /^No agent is alive yet/);
  assert.equal(rows()[0].children[0].getAttribute("colspan"), String(columns.length));
  assert.equal(document.querySelector("#leaderboard-all").hidden, true);
});

test("rules stand below with a founder's money, once a round was played", () => {
  const curves = {
    ...initial().curves,
    rounds: [0, 1],
    baselines: {
      return: { buy_and_hold: [0.1, -0.5] },
      fitness: { buy_and_hold: [0.2, 0.3] },
      growth: { buy_and_hold: [1.1, 0.55] },
    },
  };
  const state = stateOf([agent(1)], { curves, experiment: { endowment: 1000 } });

  renderLeaderboard(state, view, actions);
  assert.deepEqual(cellsOf(document.querySelector("tfoot tr")), {
    number: "buy and hold",
    fitness: "0.3000",
    return: "\u221245.0\u00a0%",
    equity: "550.00",
    trust: "",
    scars: "",
    trades: "",
    generation: "",
    age: "5",
  });

  renderLeaderboard({ ...state, round: -1 }, view, actions);
  assert.deepEqual(texts("tfoot tr"), []);
});

test("equal values are told apart by number, in either direction", () => {
  const equal = [
    agent(3, { fitness: 1 }),
    agent(1, { fitness: 1 }),
    agent(2, { fitness: null }),
    agent(4, { fitness: null }),
  ];

  for (const descending of [true, false]) {
    assert.deepEqual(
      sorted(equal, 0, { key: "fitness", descending }).map((row) => row.number),
      [1, 3, 2, 4],
    );
  }
});

test("nobody is younger than nothing", () => {
  assert.equal(
    sorted([agent(1, { birth_round: 9 })], 4, { key: "age", descending: true })[0].age,
    0,
  );
});
