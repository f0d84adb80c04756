// Rounds against hold: passes, strokes, marks, and the bar of time they stand on.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { el } from "../../static/js/shared/dom.js";
import { left, points } from "../../static/js/shared/format.js";
import { clustered, marksOf, nextMark } from "../../static/js/shared/marks.js";
import { passOf, relativeOf, smoothed } from "../../static/js/shared/passes.js";
import { roundAt, strokesOf } from "../../static/js/shared/strokes.js";
import { palette } from "../../static/js/shared/palette.js";
import { against, leftWords, timeBar } from "../../static/js/panels/timebar.js";
import { initial } from "../../static/js/stream/state.js";
import { openPage, texts } from "./page.mjs";

const curvesOf = (means, hold = means.map(() => 0)) => ({
  ...initial().curves,
  rounds: means.map((_, i) => i),
  reused: means.map(() => false),
  measures: { return: { mean: means } },
  baselines: { return: { buy_and_hold: hold } },
});

test("a pass is as long as it takes until prices are used again", () => {
  assert.equal(passOf([false, false, false, true]), 3);
  assert.equal(passOf([false, false]), 1);
  assert.equal(passOf([true, true]), 1);
  assert.equal(passOf([...Array(40).fill(false), true]), 1);
});

test("a mean over one pass does not jump with the window", () => {
  assert.deepEqual(smoothed([0, 3, 6, 0, 3, 6], 3), [3, 3, 3, 3, 3, 3]);
  assert.deepEqual(smoothed([1, null, 3], 3), [2, 2, 2]);
  assert.deepEqual(smoothed([1, 3], 5), [2, 2]);
  assert.deepEqual(smoothed([1, 2], 1), [1, 2]);
  assert.deepEqual(smoothed([null, null], 2), [null, null]);
});

test("what is not known of agents or of hold is no difference", () => {
  const { mean, q1 } = relativeOf(curvesOf([0.1, null, 0.3], [0.2, 0.1, null]));

  assert.deepEqual([Math.round(mean[0] * 10), mean[1], mean[2]], [-1, null, null]);
  assert.deepEqual(q1, [null, null, null]);
});

test("strokes reach the edge from the ninetieth percentile on", () => {
  const heights = strokesOf(curvesOf([0.1, -0.1, 0.05, 5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]), 10).map(
    ({ height }) => height,
  );

  assert.deepEqual(heights.slice(0, 4), [1, -1, 0.5, 1]);
});

test("of many rounds a stroke is the mean of several, and none is lost", () => {
  const strokes = strokesOf(curvesOf(Array.from({ length: 1000 }, (_, i) => i)), 1000);

  assert.equal(strokes.length, 334);
  assert.deepEqual([strokes[0].from, strokes[0].to, strokes.at(-1).to], [0, 2, 999]);
});

test("a place on the bar is a closed round, whatever lies there", () => {
  assert.deepEqual(
    [-5, 0, 119, 120, 999].map((x) => roundAt(x, 1200, 120, 83)),
    [0, 0, 11, 12, 83],
  );
});

const told = [
  { kind: "alarm", round: 5, text: "collapse" },
  { kind: "intervention", round: -1, text: "an edit" },
  { kind: "birth", round: 2, text: "a birth" },
];
const run = (more = {}) => ({
  ...initial(),
  ready: true,
  round: 9,
  curves: { ...curvesOf(Array(10).fill(0.01)), events: { scars: [0, 0, 0, 6, 0, 0, 0, 0, 0, 1] } },
  experiment: { state: "running", rounds_done: 10, rounds_planned: 20, population: 8 },
  ...more,
});

test("alarms, edits and rounds of heavy losses are marks; births are none", () => {
  const marks = marksOf(run(), told);

  assert.deepEqual(
    marks.map(({ round, kind }) => [round, kind]),
    [
      [0, "edit"],
      [3, "scar"],
      [5, "alarm"],
    ],
  );
  assert.deepEqual(
    [nextMark(marks, 3, 1), nextMark(marks, 3, -1), nextMark(marks, 5, 1)],
    [5, 0, null],
  );
});

test("marks that would stand on one another become one with a count", () => {
  const marks = [0, 1, 2, 9].map((round) => ({ round, kind: "edit", text: `at ${round}` }));

  assert.deepEqual(
    clustered(marks, (round) => round * 3).map(({ round, count }) => [round, count]),
    [
      [0, 3],
      [9, 1],
    ],
  );
});

test("time that is left is as coarse as a guess", () => {
  assert.deepEqual([2, 42, 80, 600, 3600, 7500, 400_000].map(left), [
    "5 s",
    "40 s",
    "1 min 20 s",
    "10 min",
    "1 h",
    "2 h 5 min",
    "5 days",
  ]);
  assert.equal(left(NaN), "–");
  assert.deepEqual(
    [0.038, -0.546, 0.0001].map((x) => points(x)),
    ["+3.8", "\u221254.6", "0.0"],
  );
});

test("what is left is said of a run that goes on, and else where it stands", () => {
  const of = (state, seconds = 80) =>
    leftWords({ state, rounds_done: 84, rounds_planned: 120 }, seconds);

  assert.deepEqual(
    ["running", "draft", "failed", "paused", "finished"].map((state) => of(state)),
    ["about 1 min 20 s left", "120 planned", "stopped at round 84", "paused", ""],
  );
  assert.equal(of("running", NaN), "");
  assert.deepEqual(
    [against(0.038), against(-0.01)],
    ["agents 3.8 points above hold", "agents 1.0 points below hold"],
  );
});

let gone = [];
let page = null;

function bar(more = {}) {
  page = openPage();
  gone = [];
  const root = el(
    "section",
    { "data-time": true },
    ...[-1, 1].map((by) => el("button", { "data-step": by })),
    el("button", { "data-play": true }),
    el("button", { "data-speed": true }),
    el(
      "div",
      { class: "track", role: "slider" },
      el("canvas"),
      el("span", { class: "track-fade" }),
      el("span", { class: "track-head" }),
      el("span", { class: "track-tip" }),
    ),
    ...["rounds", "left", "track-words"].map((name) => el("p", { "data-figure": name })),
    el("button", { id: "to-live" }),
  );
  page.body.append(el("div", { class: "frame" }, root));
  return timeBar(root, {
    go: (round) => gone.push(round),
    colours: () => palette(),
    seconds: 8,
    ...more,
  });
}

const at = (selector) => document.querySelector(selector);

beforeEach(() => bar());

test("the bar says how far a run is, how long it will take, and what stands at its head", () => {
  bar().render({ state: run(), round: null, marks: [] });

  assert.deepEqual(texts("[data-figure=rounds]"), ["10 of 20 rounds"]);
  assert.deepEqual(texts("[data-figure=left]"), ["about 1 min 20 s left"]);
  assert.equal(at("#to-live").hidden, true);
  assert.deepEqual(
    ["aria-valuemax", "aria-valuenow", "aria-valuetext"].map((name) =>
      at(".track").getAttribute(name),
    ),
    ["9", "9", "round 9, agents 1.0 points above hold"],
  );
  assert.equal(at(".track-head").style && at(".track-head").properties.left, "50%");
});

test("an earlier round is said to be one, and one button leads back", () => {
  bar().render({ state: run(), round: 4, marks: [] });

  assert.deepEqual(texts("[data-figure=rounds]"), ["Round 4, 10 played"]);
  assert.equal(at(".frame").classList.contains("is-past"), true);
  const { hidden, properties } = at(".track-fade");
  assert.deepEqual([hidden, properties.left, properties.width], [false, "25%", "25%"]);
  at("#to-live").click();

  assert.deepEqual(gone, [null]);
});

test("steps, keys and marks lead to rounds, and the last one is now", () => {
  const time = bar();
  time.render({ state: run(), round: 8, marks: marksOf(run(), told) });

  time.step(-1);
  time.step(1);
  time.jump(-1);
  time.jump(1);
  for (const key of ["ArrowLeft", "PageDown", "Home", "End", "x"])
    at(".track").dispatchEvent(Object.assign(new Event("keydown"), { key }));

  assert.deepEqual(gone, [7, null, 5, 7, 0, 0, null]);
});

test("before the second round there is nowhere to go, and the bar says what it will be", () => {
  const time = bar();
  const empty = run({ round: -1, curves: initial().curves });
  time.render({
    state: { ...empty, experiment: { state: "draft", rounds_done: 0, rounds_planned: 20 } },
    round: null,
    marks: [],
  });
  time.step(-1);

  assert.deepEqual(gone, []);
  assert.equal(at("[data-play]").disabled, true);
  assert.deepEqual(texts("[data-figure=track-words]"), [
    "The run will be drawn here, a stroke a round",
  ]);
});

test("strokes are drawn once a closed round, and no step in time draws them again", () => {
  const time = bar();
  const drawn = [];
  const pen = { scale() {}, fillRect: (...box) => drawn.push(box), fillText() {} };
  Object.assign(at("canvas"), { getContext: () => pen });
  Object.assign(at(".track"), { clientWidth: 200, clientHeight: 46 });
  const state = run();
  const marks = [];
  time.render({ state, round: null, marks });
  const once = drawn.length;

  time.render({ state, round: 3, marks });
  time.render({ state: { ...state, progress: { share: 0.5 } }, round: 4, marks });
  assert.equal(drawn.length, once);
  time.render({ state: run(), round: null, marks });

  assert.equal(once, 12);
  assert.equal(drawn.length, 2 * once);
});
