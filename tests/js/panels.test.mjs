// Panels that ask the server: what they show, and that an old answer never replaces a newer one.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { el } from "../../static/js/shared/dom.js";
import { palette } from "../../static/js/shared/palette.js";
import { canaryPanel } from "../../static/js/panels/canary.js";
import { cardPanel } from "../../static/js/panels/card.js";
import { renderEvidence } from "../../static/js/panels/evidence.js";
import { fate, renderHall } from "../../static/js/panels/hall.js";
import { pastRounds } from "../../static/js/panels/travel.js";
import { waterfallPanel } from "../../static/js/panels/waterfall.js";
import { whatifPanel } from "../../static/js/panels/whatif.js";
import { initial } from "../../static/js/stream/state.js";
import { openPage, settled, texts } from "./page.mjs";

let page = null;
const at = (selector) => document.querySelector(selector);
const put = (...elements) => page.body.append(...elements);
const table = (id) => el("table", { id }, el("thead"), el("tbody"), el("tfoot"));

beforeEach(() => {
  page = openPage();
  page.body.dataset.rules = "/terms";
});

const sheet = (gross, fees, trades = 2) => ({
  steps: [
    { name: "gross profit", amount: gross },
    { name: "fees", amount: -fees },
  ],
  net: gross - fees,
  trades,
  agents: 1,
});
const flow = (total = sheet(3, 2)) => ({
  steps: ["gross profit", "fees"],
  total,
  lines: [{ founder: 7, ...sheet(2, 3) }],
  others: null,
});

function waterfall() {
  put(
    el("div", { id: "waterfall", "data-chart": "waterfall" }),
    table("waterfall-table"),
    el("b", { "data-figure": "waterfall-whose" }),
  );
  return waterfallPanel("/flow", () => palette());
}

const see = (visible) => page.watchers[0].seen([{ isIntersecting: visible }]);

test("the way from gross to net is asked for once it is in sight, and once a round", async () => {
  page.answer = () => ({ json: flow() });
  const panel = waterfall();

  await panel.load(4);
  assert.deepEqual(page.asked, []);
  see(true);
  await settled();
  await panel.load(4);

  assert.deepEqual(
    page.asked.map(({ url }) => url),
    ["/flow?round=4"],
  );
  assert.deepEqual(texts("#waterfall-table thead th"), [
    "Whose",
    "Traders",
    "Trades",
    "Gross profit",
    "Fees",
    "Net profit",
  ]);
  assert.deepEqual(texts("#waterfall-table tbody tr"), [
    "all agents123.00\u22122.001.00",
    "line of agent 7122.00\u22123.00\u22121.00",
  ]);
  assert.deepEqual(
    document.querySelectorAll("[data-tone]").map((each) => each.dataset.tone),
    ["gain", "loss"],
  );
});

test("a line that is clicked is drawn, and stays chosen in the next round", async () => {
  page.answer = () => ({ json: flow() });
  const panel = waterfall();
  see(true);
  await panel.load(4);

  document.querySelectorAll("#waterfall-table button")[1].click();
  await panel.load(5);

  assert.deepEqual(texts("[data-figure=waterfall-whose]"), ["line of agent 7"]);
  assert.deepEqual(page.drawn.at(-1).data[0].y, [2, -3, -1]);
  assert.deepEqual(
    document.querySelectorAll("tbody tr").map((row) => row.className),
    ["", "is-chosen"],
  );
});

test("a line that the address names is drawn, and a click tells of the line", async () => {
  page.answer = () => ({ json: flow() });
  const told = [];
  put(
    el("div", { id: "waterfall", "data-chart": "waterfall" }),
    table("waterfall-table"),
    el("b", { "data-figure": "waterfall-whose" }),
  );
  const panel = waterfallPanel(
    "/flow",
    () => palette(),
    (founder) => told.push(founder),
  );
  see(true);
  await panel.load(4);

  panel.pick(7);
  assert.deepEqual(texts("[data-figure=waterfall-whose]"), ["line of agent 7"]);
  panel.pick(null);
  assert.deepEqual(texts("[data-figure=waterfall-whose]"), ["all agents"]);
  for (const button of document.querySelectorAll("#waterfall-table button")) button.click();

  assert.deepEqual(told, [null, 7]);
});

test("without a trade there is no table, and a failed answer is asked for again", async () => {
  const panel = waterfall();
  see(true);
  page.answer = () => ({ status: 500 });
  await panel.load(4);
  page.answer = () => ({ json: flow(sheet(0, 0, 0)) });
  await panel.load(4);

  assert.equal(page.asked.length, 2);
  assert.equal(at("#waterfall-table").hidden, true);
  assert.deepEqual(texts("#waterfall .empty"), ["No trade has been closed yet."]);
});

const measures = Object.fromEntries(
  ["return", "fitness"].map((name) => [
    name,
    {
      original: [1, 2],
      fork: [1, 3],
      difference: [0, 1],
      summary: { rounds: 1, mean: 0.5, low: null, high: null },
    },
  ]),
);
const whatif = {
  after: 0,
  rounds: [0, 1],
  same: [true, false],
  parted: 1,
  baselines: {},
  measures,
  interventions: { original: ["stopped"], fork: [] },
};

function fork() {
  put(
    el("div", { id: "whatif", "data-chart": "whatif" }),
    el("div", { id: "whatif-tabs" }),
    el("ul", { id: "whatif-interventions" }),
    el("p", { "data-figure": "whatif-parted" }),
    el("p", { "data-figure": "whatif-summary" }),
  );
  return whatifPanel("/whatif", () => palette());
}

test("a fork is compared in the measure that is chosen", async () => {
  page.answer = () => ({ json: whatif });
  await fork().load();
  assert.match(texts("[data-figure=whatif-summary]")[0], /^Mean return .*\+50\.00\u00a0%/);

  at('[data-key="fitness"]').click();

  assert.match(texts("[data-figure=whatif-summary]")[0], /^Mean fitness .*: 0\.5 /);
  assert.deepEqual(texts("#whatif-interventions li"), ["In the original: stopped"]);
  assert.equal(page.drawn.length, 2);
});

test("a fork that has not played yet has no chart, and a page without a fork no panel", async () => {
  page.answer = () => ({
    json: { ...whatif, rounds: [0], interventions: { original: [], fork: [] } },
  });
  await fork().load();

  assert.deepEqual(texts("#whatif .empty"), ["Neither has played a round since the fork."]);
  assert.equal(at("#whatif-interventions").hidden, true);
  assert.equal(
    whatifPanel("", () => {}),
    null,
  );
});

test("the canary's button rests while it asks, then says what was found", async () => {
  put(
    el(
      "section",
      { id: "canary", "data-url": "/canary" },
      el("button"),
      el("div", { "data-said": true }),
    ),
  );
  canaryPanel(null);
  canaryPanel(at("#canary"));
  page.answer = () => ({
    json: { sound: false, text: "The future is seen.", found: ["bar range looks ahead."] },
  });

  at("#canary button").click();
  assert.equal(at("#canary button").disabled, true);
  await settled();

  assert.equal(at("#canary button").disabled, false);
  assert.equal(at("[data-said]").className, "note note-error");
  assert.deepEqual(
    [texts("[data-said] p"), texts("[data-said] li")],
    [["The future is seen."], ["bar range looks ahead."]],
  );
});

const card = {
  verdict: "no edge shown",
  edge: false,
  agent: 7,
  judgement: { state: "failed" },
  reasons: ["It was lucky."],
  lines: [{ term: "sharpe", label: "Sharpe", value: "0.10", text: "a bar" }],
};

test("the card's words lead to the terms, and what failed may be judged again", async () => {
  put(
    el("b", { id: "verdict" }),
    el("a", { id: "champion-link" }),
    el("form", { id: "judge-again" }),
    el("ul", { id: "doubts" }),
    el("dl", { id: "card-lines", "data-terms-url": "/terms" }),
  );
  const answers = [];
  page.answer = () =>
    new Promise((resolve) => {
      answers.push(resolve);
    });
  const load = cardPanel("/card");

  load();
  load();
  answers[1]({ json: card });
  await settled();
  answers[0]({ json: { ...card, verdict: "old" } });
  await settled();

  assert.deepEqual(
    [texts("#verdict"), at("#verdict").dataset.edge, texts("#doubts li")],
    [["no edge shown"], "false", ["It was lucky."]],
  );
  assert.deepEqual(
    [at("#champion-link").hidden, at("#judge-again").hidden, at("dt a").getAttribute("href")],
    [false, false, "/terms#sharpe"],
  );
});

test("the evidence is a row for each subject, with what is known of each stretch", () => {
  put(el("p", { id: "proof" }), el("p", { id: "proof-note" }), table("evidence"));
  const row = (subject, stretch, value, after = 3) => ({
    subject,
    agent: subject === "champion" ? 7 : null,
    stretch,
    after_round: after,
    figures: { return: value, sharpe: 0.1, max_drawdown: 0.2, trades: 4 },
  });

  renderEvidence({
    evaluations: [
      row("cash", "lived", 0),
      row("champion", "lived", 0.5),
      row("champion", "lived", 0.1, 2),
      row("champion", "out_of_sample", -0.1),
    ],
  });

  assert.deepEqual(texts("tbody th"), ["champion (agent 7)", "cash"]);
  assert.deepEqual(
    document
      .querySelectorAll("tbody tr")[0]
      .querySelectorAll("td")
      .map((cell) => cell.textContent),
    [
      "+50.0\u00a0%",
      "0.1000",
      "20.0\u00a0%",
      "4",
      "–",
      "–",
      "–",
      "–",
      "\u221210.0\u00a0%",
      "0.1000",
      "20.0\u00a0%",
      "4",
    ],
  );
  assert.equal(at("#proof-note").hidden, true);

  renderEvidence({ evaluations: [] });
  assert.equal(at("#evidence").hidden, true);
});

test("the hall holds the dead with what became of them, and the rules below", () => {
  put(table("hall"));
  const chosen = [];
  const agent = (number, more) => ({
    number,
    fitness: 0.5,
    generation: 1,
    rounds: 6,
    state: "active",
    death_round: null,
    ...more,
  });
  const curves = {
    ...initial().curves,
    baselines: { return: { cash: [0] }, fitness: { cash: [0] } },
  };
  const state = {
    ...initial(),
    curves,
    hall: [agent(7), agent(3, { state: "scarred_out", death_round: 5 })],
  };

  renderHall(state, 3, (number) => chosen.push(number));
  document.querySelectorAll("#hall tbody tr")[0].click();
  at('#hall [data-agent="3"]').click();

  assert.deepEqual(texts("#hall tbody tr"), ["170.500016alive", "230.500016scarred out, round 5"]);
  assert.deepEqual(
    document.querySelectorAll("#hall tbody tr").map((row) => row.className),
    ["", "is-chosen"],
  );
  assert.deepEqual([chosen, texts("#hall tfoot th")], [[7, 3], ["cash"]]);
  assert.deepEqual(fate(agent(1)), { rule: "alive", text: "alive", when: "" });

  renderHall(initial(), null, () => {});
  assert.deepEqual(
    [texts("#hall tbody tr"), texts("#hall tfoot tr")],
    [["Nobody has a fitness yet."], []],
  );
});

function travel() {
  const used = [];
  return { rounds: pastRounds("/snapshot", (past) => used.push(past)), used };
}

test("an earlier round is asked for, and now needs no asking", async () => {
  const { rounds, used } = travel();
  page.answer = () => ({ status: 404 });

  rounds.go(4);
  await settled();
  rounds.back();

  assert.deepEqual(
    page.asked.map(({ url }) => url),
    ["/snapshot?round=4"],
  );
  assert.deepEqual(used, [null, null]);
});

test("who asks faster than is answered gets the newest round alone", async () => {
  const { rounds, used } = travel();
  const answers = [];
  page.answer = () =>
    new Promise((resolve) => {
      answers.push(resolve);
    });

  for (const round of [1, 2, 3, 4]) rounds.go(round);
  answers[0]({ status: 404 });
  await settled();
  answers[1]({ status: 404 });
  await settled();

  assert.deepEqual(
    page.asked.map(({ url }) => url),
    ["/snapshot?round=1", "/snapshot?round=4"],
  );
  assert.equal(used.length, 1);
});

test("who has gone back to now is not taken away again by a late answer", async () => {
  const { rounds, used } = travel();
  let answer = null;
  page.answer = () =>
    new Promise((resolve) => {
      answer = resolve;
    });
  rounds.go(4);

  rounds.back();
  answer({ status: 404 });
  await settled();

  assert.deepEqual(used, [null]);
});
