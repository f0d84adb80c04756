// What every part of the page says: state, numbers, and the controls that apply.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { el } from "../../static/js/shared/dom.js";
import { renderHeadline } from "../../static/js/panels/headline.js";
import { initial } from "../../static/js/stream/state.js";
import { openPage } from "./page.mjs";

const FIGURES = [
  "state",
  "reason",
  "waits",
  "alive",
  "alive-note",
  "mean-return",
  "hold-return",
  "births",
  "births-note",
  "profit",
  "profit-note",
  "deaths",
  "deaths-note",
  "best",
  "best-note",
];
const curves = {
  ...initial().curves,
  rounds: [0, 1],
  reused: [false, true],
  alive: [3, 2],
  measures: { return: { mean: [0.1, -0.02] } },
  baselines: { return: { buy_and_hold: [0.1, 0.05] } },
  money: { profit: [0, 12.5], money_put_in: [0, 1000] },
};
const agent = (number, fitness, birth_round) => ({
  number,
  fitness,
  birth_round,
  state: "active",
  generation: 2,
});
const run = (more = {}) => ({
  ...initial(),
  ready: true,
  round: 5,
  curves,
  agents: new Map([
    [1, agent(1, 0.5, 0)],
    [2, agent(2, 0.9, 5)],
  ]),
  experiment: {
    state: "running",
    state_label: "Running",
    rounds_done: 2,
    rounds_planned: 4,
    population: 3,
    ever: { births: 3, immigrants: 1, deaths: 2, scars: 2, trades: 9 },
  },
  progress: { round: 2, share: 0.5, agent_steps_per_second: 2500 },
  ...more,
});
const said = (name) => document.querySelector(`[data-figure="${name}"]`).textContent;
const at = (name) => document.querySelector(name);

beforeEach(() => {
  openPage().body.append(
    el("span", { "data-state": "" }),
    el("ul", { id: "notes" }),
    ...FIGURES.map((name) => el("p", { "data-figure": name })),
    ...["start", "pause", "resume", "again", "stop"].map((name) =>
      el("form", { "data-control": name }),
    ),
  );
});

test("the state is worn and only what applies is offered", () => {
  renderHeadline(run());

  assert.equal(at("[data-state]").dataset.state, "running");
  assert.deepEqual(
    document
      .querySelectorAll("[data-control]")
      .filter((form) => !form.hidden)
      .map((form) => form.dataset.control),
    ["pause", "stop"],
  );
});

test("the last round in numbers", () => {
  renderHeadline(run());

  assert.deepEqual(["alive", "alive-note", "mean-return", "hold-return"].map(said), [
    "2",
    "of 3 places",
    "\u22122.00\u00a0%",
    "buy and hold +5.00\u00a0% · round 1, in sample",
  ]);
  assert.deepEqual(["births", "births-note", "deaths", "deaths-note"].map(said), [
    "4",
    "3 children · 1 immigrants, 25\u00a0%",
    "2",
    "2 scars · 9 trades",
  ]);
  assert.deepEqual(["profit", "profit-note"].map(said), [
    "+12.50",
    "living + treasury − 1\u202f000.00 put in",
  ]);
  assert.deepEqual(
    ["mean-return", "profit"].map((name) => at(`[data-figure="${name}"]`).dataset.tone),
    ["loss", "gain"],
  );
});

test("the fittest has lived long enough, and who is ahead but too young is counted", () => {
  renderHeadline(run());

  assert.deepEqual(["best", "best-note"].map(said), [
    "agent 1",
    "fitness 0.500 · generation 2 · 1 has more, too young to count",
  ]);
});

test("before the first round nothing is claimed", () => {
  renderHeadline({ ...initial(), experiment: { state: "draft" } });

  assert.deepEqual(
    ["alive", "mean-return", "hold-return", "profit", "profit-note", "best", "best-note"].map(said),
    ["–", "–", "waiting for the first round", "–", "living + treasury − put in", "–", ""],
  );
  assert.equal(at('[data-figure="mean-return"]').dataset.tone, "");
});

test("why it waits or failed is shown where there is a reason, and else no empty line", () => {
  renderHeadline(
    run({ experiment: { ...run().experiment, state_reason: "disk full", waits: "" } }),
  );

  assert.deepEqual(
    [said("reason"), at("[data-figure='reason']").hidden, at("[data-figure='waits']").hidden],
    ["disk full", false, true],
  );
});
