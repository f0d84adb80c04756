// The list of experiments: rows are written where they changed, ticks rule the bar, groups fold.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { el } from "../../static/js/shared/dom.js";
import { openPage, settled } from "./page.mjs";

const MADE = "2026-11-30T12:00:00+00:00";
let page = null;
let list = null;
let visits = 0;

const PILL = { class: "pill", "data-state": "running", "data-figure": "state" };
const box = (uuid) => el("input", { type: "checkbox", name: "e", value: uuid });
const cell = (name, text) => el("td", { "data-figure": name }, text);

function row(uuid, group = null) {
  return el(
    "tr",
    { "data-row": uuid, "data-of": group, hidden: group !== null },
    el("td", {}, box(uuid)),
    el("td", {}, el("span", PILL, "running")),
    cell("rounds", "1 of 10"),
    el("td", {}, el("progress", { value: "10" })),
    el("td", { "data-figure": "sample", "data-tone": "" }, "–"),
    el("td", {}, el("span", { "data-figure": "verdict", "data-verdict": "wait" }, "not judged")),
    el("td", {}, el("span", { "data-tags": "" }, el("a", { class: "tag" }, "ibm"))),
  );
}

const group = (key) =>
  el(
    "tr",
    {},
    el("input", { type: "checkbox", "data-all": key }),
    el("button", { "data-fold": key, "aria-expanded": "false" }),
  );

const told = (uuid, more = {}) => ({
  uuid,
  state: "finished",
  sentence: "All rounds were played.",
  percent: 100,
  archived: false,
  created: "2026-11-30T11:00:00+00:00",
  cells: {
    state: "finished",
    rounds: "10 of 10",
    sample: "+3.0 %",
    verdict: "edge shown",
    tags: "fx ibm",
  },
  tones: { sample: "gain", verdict: "good" },
  ...more,
});

async function open() {
  page.body.replaceChildren(
    el("form", { id: "find" }, el("input", { id: "q" })),
    el("p", { id: "changes" }),
    el("p", { id: "line" }),
    el(
      "form",
      { id: "chosen", "data-socket": "/ws/experiments/", "data-made": MADE, "data-archived": "no" },
      el("input", { type: "checkbox", id: "all" }),
      el("table", {}, row("a"), row("b"), group("g"), row("c", "g"), row("d", "g")),
      el(
        "div",
        { id: "deeds" },
        el("span", { id: "count" }),
        el("button", { "data-compare": "" }),
        el("button", { id: "none" }),
      ),
    ),
  );
  list = await import(`../../static/js/pages/experiments.js?${(visits += 1)}`);
  await settled();
}

const found = (selector) => document.querySelector(selector);
const rowOf = (uuid) => found(`tr[data-row="${uuid}"]`);
const tick = (uuid) => {
  const each = rowOf(uuid).querySelector("input");
  each.checked = true;
  each.say("click");
};

beforeEach(async () => {
  page = openPage();
  globalThis.setInterval = () => {};
  document.addEventListener = () => {};
  globalThis.WebSocket = class {
    addEventListener() {}
  };
  await open();
});

test("a row is written where it changed, and keeps the elements it has", () => {
  const [pill, kept] = [rowOf("a").querySelector(".pill"), rowOf("b").textContent];

  list.heard({ rows: [told("a")], gone: [] });

  const said = (name) => rowOf("a").querySelector(`[data-figure=${name}]`);
  assert.equal(rowOf("a").querySelector(".pill"), pill);
  assert.deepEqual([pill.dataset.state, pill.textContent], ["finished", "finished"]);
  assert.deepEqual([said("rounds").textContent, said("sample").dataset.tone], ["10 of 10", "gain"]);
  assert.equal(said("verdict").getAttribute("data-verdict"), "good");
  assert.equal(rowOf("a").querySelector("[data-tags]").textContent, "fxibm");
  assert.equal(rowOf("b").textContent, kept);
  assert.equal(found("#changes").hidden, true);
});

test("what is the same is not written again", () => {
  list.heard({ rows: [told("a")], gone: [] });
  const cells = rowOf("a").querySelectorAll("[data-figure]");
  const nodes = cells.map((each) => each.childNodes[0]);

  list.heard({ rows: [told("a")], gone: [] });

  assert.deepEqual(
    cells.map((each, i) => each.childNodes[0] === nodes[i]),
    cells.map(() => true),
  );
});

test("what was made since waits for a click, what is on another page is not spoken of", () => {
  list.heard({ rows: [told("old")], gone: ["never seen"] });
  assert.equal(found("#changes").hidden, true);

  list.heard({ rows: [told("new", { created: "2026-11-30T12:00:01+00:00" })], gone: [] });

  assert.equal(found("#changes").hidden, false);
  assert.match(found("#changes").textContent, /^1 experiment came or went/);
});

test("what was deleted or archived fades and can be chosen no more", () => {
  tick("a");

  list.heard({ rows: [told("b", { archived: true })], gone: ["a"] });

  assert.deepEqual(
    ["a", "b"].map((uuid) => rowOf(uuid).classList.contains("is-gone")),
    [true, true],
  );
  assert.equal(found("#deeds").hidden, true);
  assert.match(found("#changes").textContent, /^2 experiments/);
});

test("two to twenty are compared", () => {
  assert.equal(found("#deeds").hidden, true);
  tick("a");
  assert.deepEqual([found("#deeds").hidden, found("[data-compare]").disabled], [false, true]);

  tick("b");

  assert.equal(found("[data-compare]").disabled, false);
  assert.equal(found("#count").textContent, "2 chosen");
});

test("a group folds open, and its box ticks all of its seeds", () => {
  found("[data-fold]").say("click");
  assert.deepEqual(
    [rowOf("c").hidden, found("[data-fold]").getAttribute("aria-expanded")],
    [false, "true"],
  );

  found("[data-all]").checked = true;
  found("[data-all]").say("click");

  assert.equal(found("#count").textContent, "2 chosen");
  assert.equal(found("#all").indeterminate, true);
});
