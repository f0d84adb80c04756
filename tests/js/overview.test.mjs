// The Overview: verdict and questions, four figures beside hold, the fittest, and what mattered.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { el } from "../../static/js/shared/dom.js";
import { briefly } from "../../static/js/shared/notes.js";
import { newestOf } from "../../static/js/shared/latest.js";
import { renderAnswer, renderFigures } from "../../static/js/panels/answer.js";
import {
  figuresOf,
  firstsOf,
  renderFittest,
  renderMattered,
} from "../../static/js/panels/overview.js";
import { linesOf, relativeNote, relativeWords, ticks } from "../../static/js/figures/relative.js";
import { initial } from "../../static/js/stream/state.js";
import { openPage, settled, texts } from "./page.mjs";

let page = null;
const at = (selector) => document.querySelector(selector);

beforeEach(() => {
  page = openPage();
  page.body.append(
    el("h2", { id: "answer-h" }, el("svg"), el("span", { "data-figure": "answer" })),
    el("p", { "data-figure": "answer-text" }),
    el("ul", { id: "checks" }),
    el("dl", { id: "figures" }),
    el("table", { id: "fittest" }, el("tbody"), el("tfoot")),
    el("ol", { id: "mattered" }),
    ...["fittest-when", "living"].map((name) => el("b", { "data-figure": name })),
  );
});

const agent = (number, fitness, birth_round, state = "active") => ({
  number,
  fitness,
  birth_round,
  state,
  trust: 60,
  scar_count: 2,
});
const agents = [agent(1, 0.1, 0), agent(2, 0.3, 0), agent(3, 0.9, 5), agent(4, 0.5, 0, "bankrupt")];
const curves = {
  ...initial().curves,
  rounds: [0, 1, 2, 3, 4, 5],
  reused: [false, false, false, true, true, true],
  measures: {
    return: { mean: [0, 0, 0, 0.1, 0.2, 0.3], worst: [-1, -1, -1, -1, -1, 0.11] },
    max_drawdown: { median: [0, 0, 0, 0, 0, 0.04] },
  },
  baselines: {
    return: { buy_and_hold: [0.1, 0.1, 0.1, 0.1, 0.1, 0.1] },
    max_drawdown: { buy_and_hold: [0, 0, 0, 0, 0, 0.12] },
    fitness: { buy_and_hold: [0, 0, 0, 0, 0, -0.1] },
  },
  alive: [2, 2, 2, 2, 2, 3],
  ahead: [0, 0, 0, 0, 1, 2],
};
const run = (more = {}) => ({
  ...initial(),
  round: 5,
  curves,
  agents: new Map(agents.map((row) => [row.number, row])),
  experiment: { population: 4 },
  ...more,
});
const sheet = {
  steps: [
    { name: "gross profit", amount: 200 },
    { name: "fees", amount: -50 },
    { name: "slippage", amount: -16 },
  ],
};

test("verdict, sentence and questions are drawn as they were told, warnings behind them", () => {
  const checks = [
    { passed: true, text: "beats hold" },
    { passed: false, text: "luck of 4 tried" },
    { passed: null, text: "3 questions open" },
  ];
  const answer = { tone: "warn", heading: "No edge shown", text: "It lost.", checks };
  renderAnswer(answer, ["prices reused"]);

  assert.equal(at("#answer-h").dataset.tone, "warn");
  assert.deepEqual(texts("[data-figure]").slice(0, 2), ["No edge shown", "It lost."]);
  assert.deepEqual(
    document.querySelectorAll("#checks li").map((item) => [item.dataset.passed, item.textContent]),
    [
      ["yes", "passed: beats hold"],
      ["no", "not passed: luck of 4 tried"],
      ["open", "open: 3 questions open"],
      ["warn", "to know: prices reused"],
    ],
  );
});

test("an answer that comes late never replaces a newer one", async () => {
  const [answers, heard] = [[], []];
  page.answer = () =>
    new Promise((resolve) => {
      answers.push(resolve);
    });
  const load = newestOf("/answer", (told) => heard.push(told.heading));
  load();
  load();
  answers[1]({ json: { heading: "new" } });
  await settled();
  answers[0]({ json: { heading: "old" } });
  await settled();

  assert.deepEqual(heard, ["new"]);
});

test("the figures are those of one pass, each beside hold", () => {
  renderFigures(figuresOf(run(), sheet));

  assert.deepEqual(texts("#figures dt"), [
    "Mean return, last 3 rounds",
    "Agents ahead of hold",
    "Median deepest fall",
    "Costs took",
  ]);
  assert.deepEqual(texts("#figures .value"), [
    "+20.0\u00a0%",
    "2 of 3",
    "\u22124.0\u00a0%",
    "33 of 100 earned",
  ]);
  assert.deepEqual(texts("#figures .fine"), [
    "hold +10.0\u00a0%, +10.0",
    "1 the round before",
    "hold \u221212.0\u00a0%",
    "fees 25, slippage 8",
  ]);
  assert.equal(at("#figures .fine [data-tone]").dataset.tone, "gain");
});

test("before the first round there are no figures, and where nothing was earned no share", () => {
  assert.deepEqual(
    figuresOf({ ...initial(), experiment: {} }, null).map(({ value, note }) => [value, note]),
    Array(4).fill(["–", "after the first round"]),
  );
  const lost = {
    steps: [
      { name: "gross profit", amount: -3 },
      { name: "fees", amount: -1 },
    ],
  };
  assert.equal(figuresOf(run(), lost)[3].note, "nothing was earned before costs");
});

test("the five fittest have lived long enough, and hold stands below them", () => {
  const chosen = [];
  renderFittest(run(), 2, true, (number) => chosen.push(number));

  assert.deepEqual(texts("#fittest tbody tr"), ["20.3006602", "10.1006602"]);
  assert.deepEqual(texts("#fittest tfoot th"), ["buy and hold"]);
  assert.deepEqual(texts("[data-figure=fittest-when]"), [" in round 5"]);
  assert.deepEqual(texts("[data-figure=living]"), ["3"]);
  at('#fittest [data-agent="2"]').click();
  document.querySelectorAll("#fittest tbody tr")[1].click();
  assert.deepEqual(chosen, [2, 1]);

  const newborn = agent(9, null, 6);
  renderFittest(run({ agents: new Map([[9, newborn]]) }), null, false, () => {});
  assert.deepEqual(texts("#fittest tbody td"), ["No agent has a fitness yet: it takes a round."]);
  renderFittest({ ...initial(), round: null }, null, false, () => {});
  assert.deepEqual(texts("#fittest tbody td"), [
    "The founders are born when the experiment starts.",
  ]);
});

test("what mattered is told newest first, up to the round that is shown", () => {
  const marks = [
    { round: 2, kind: "edit", text: "ada changed it" },
    { round: 9, kind: "alarm", text: "collapse" },
  ];
  const evaluations = [{ subject: "champion", agent: 2, after_round: 5 }];
  renderMattered(run({ evaluations }), marks);

  assert.deepEqual(texts("#mattered li"), [
    "Every agent was ahead of hold for the first timeround 5",
    "Agent 2 is the championround 5",
    "The mean agent was ahead of hold for the first timeround 4",
    "Ada changed itround 2",
  ]);

  renderMattered({ ...initial(), curves: initial().curves }, []);
  assert.match(texts("#mattered li")[0], /^Alarms, champions/);
});

test("who was never ahead has no first time", () => {
  assert.deepEqual(firstsOf({ ...curves, measures: { return: { mean: [0], worst: [0] } } }), []);
});

test("the chart is in points, over one pass", () => {
  const { mean, q1 } = linesOf(curves);

  assert.deepEqual(mean.map(Math.round), [-10, -10, -7, 0, 10, 10]);
  assert.deepEqual(q1, Array(6).fill(null));
});

test("smoothing is said, and leaves a line of many rounds that can be read", () => {
  const notes = [curves.reused, [false], Array(1000).fill(false)].map((reused) =>
    relativeNote({ reused }),
  );

  assert.deepEqual(notes, [
    "points; averaged over 3 rounds, one pass through the prices",
    "points",
    "points; averaged over 5 rounds",
  ]);
});

test("who does not see the chart hears where it stands", () => {
  const told = "Return of the mean agent less buy and hold, by round, in points";

  assert.equal(relativeWords(curves), `${told}: +10.0 in round 5, middle half – to –`);
  assert.equal(relativeWords(initial().curves), `${told}: no round yet`);
});

test("warnings take a few words each", () => {
  const ever = { births: 1, immigrants: 3, reused: 3, put_in_rounds: 1 };
  const state = { ...run(), round: 5, experiment: { ever } };

  assert.deepEqual(briefly(state), [
    "rounds reuse prices since round 3",
    "most newcomers are immigrants",
    "money was put in for newcomers",
  ]);
  assert.deepEqual(briefly({ ...initial(), experiment: { reuse: "It will." } }), [
    "later rounds will reuse prices",
  ]);
});

test("ticks are round differences, with 0 among them and no more than seven", () => {
  assert.deepEqual(ticks([-3.8, 0.3]).ticktext, ["\u22123", "\u22122", "\u22121", "0"]);
  assert.deepEqual(ticks([-0.35, 0.35]).ticktext, ["\u22120.2", "0.0", "+0.2"]);
  for (const range of [
    [-1, 1],
    [0, 1e-3],
    [-540, 12],
    [0, 9.9],
  ])
    assert.ok(ticks(range).tickvals.length <= 7);
});
