// What happened, and what people did: words, order, filters and where a click leads.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { el } from "../../static/js/shared/dom.js";
import { renderFeed, renderInterventions } from "../../static/js/panels/feed.js";
import { initial } from "../../static/js/stream/state.js";
import { openPage, texts } from "./page.mjs";

const item = (kind, more = {}) => ({ kind, round: 3, agent: 7, text: `a ${kind}`, ...more });
const stateOf = (feed, rounds = [0]) => ({
  ...initial(),
  feed,
  curves: { ...initial().curves, rounds },
});

beforeEach(() => {
  const page = openPage();
  page.body.dataset.rules = "/terms";
  page.body.append(el("ul", { id: "feed" }), el("ul", { id: "interventions" }));
});

test("an event tells its kind, whose it was, when, and what", () => {
  renderFeed(
    stateOf([item("swan", { agent: null, text: "Black swan at noon" }), item("death")]),
    "",
    () => {},
  );

  assert.deepEqual(texts("#feed .kind"), ["Black swan", "Death"]);
  assert.deepEqual(texts("#feed .round"), ["round 3", "round 3"]);
  assert.deepEqual(texts("#feed [data-agent]"), ["agent 7"]);
  assert.equal(document.querySelector("#feed .event-death a").getAttribute("href"), "/terms#life");
});

test("what happened before the first round names none", () => {
  renderFeed(stateOf([item("birth", { round: -1 }), item("birth", { round: null })]), "", () => {});

  assert.deepEqual(texts("#feed .round"), ["", ""]);
});

test("a kind that this page does not know is shown in words of its own", () => {
  renderFeed(stateOf([item("great_flood")]), "", () => {});

  assert.deepEqual(texts("#feed .kind"), ["great flood"]);
  assert.equal(document.querySelectorAll("#feed .event-other").length, 1);
});

test("an agent that is named can be chosen", () => {
  const chosen = [];
  renderFeed(stateOf([item("birth", { agent: 12 })]), "", (number) => chosen.push(number));

  document.querySelector("#feed [data-agent]").click();

  assert.deepEqual(chosen, [12]);
});

test("a filter keeps one kind, and the newest hundred are enough", () => {
  const many = Array.from({ length: 120 }, (_, i) =>
    item(i % 2 ? "scar" : "birth", { text: String(i) }),
  );

  renderFeed(stateOf(many), "scar", () => {});
  assert.deepEqual([...new Set(texts("#feed .kind"))], ["Scar"]);

  renderFeed(stateOf(many), "", () => {});
  assert.equal(document.querySelector("#feed").childElementCount, 100);
  assert.equal(
    document.querySelector("#feed").children[0].querySelectorAll("p")[1].textContent,
    "0",
  );
});

test("an empty feed says what it waits for", () => {
  const said = (state, filter) => {
    renderFeed(state, filter, () => {});
    return texts("#feed .empty")[0];
  };

  assert.match(said(stateOf([], []), ""), /^Waiting for the first round/);
  assert.equal(said(stateOf([]), ""), "Nothing happened yet.");
  assert.equal(said(stateOf([item("birth")]), "swan"), "No black swan so far.");
});

test("an intervention tells who changed what, from which round on, and when", () => {
  const row = {
    agent: null,
    field: "stop_loss",
    before: "",
    after: "0.05",
    effective_round: 4,
    who: null,
    at: "2026-01-02T03:04:05Z",
  };

  renderInterventions({ interventions: [row, { ...row, agent: 3, who: "ada", before: "0.1" }] });

  assert.deepEqual(texts("#interventions .kind"), ["Experiment", "Agent 3"]);
  assert.deepEqual(texts("#interventions .round"), ["from round 4", "from round 4"]);
  assert.deepEqual(texts("#interventions .fine"), [
    "someone, 2026-01-02 03:04 UTC",
    "ada, 2026-01-02 03:04 UTC",
  ]);
  assert.equal(document.querySelectorAll("#interventions p")[1].textContent, "stop loss: – → 0.05");
});

test("where nobody has intervened that is said", () => {
  renderInterventions({ interventions: [] });

  assert.deepEqual(texts("#interventions li"), ["Nobody has intervened."]);
});
