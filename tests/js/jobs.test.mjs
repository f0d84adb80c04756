// The page of jobs: rows are written where they changed, what is over fades, what is new waits.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { el } from "../../static/js/shared/dom.js";
import { openPage } from "./page.mjs";

let jobs = null;
let visits = 0;

const row = (key) =>
  el(
    "tr",
    { "data-job": key },
    el("td", {}, el("span", { class: "pill", "data-state": "queued", "data-figure": "words" })),
    el("td", {}, el("span", { "data-figure": "progress" }), el("progress", { value: "1" })),
    el("td", { "data-figure": "left" }),
    el("td", { "data-figure": "reason" }),
  );
const told = (key, more = {}) => ({
  key,
  state: "running",
  words: "running",
  progress: "5 of 10 rounds",
  left: "about 1 min left",
  reason: "",
  percent: 50,
  ...more,
});
const found = (selector) => document.querySelector(selector);

beforeEach(async () => {
  openPage();
  document.body.replaceChildren(
    el("p", { id: "changes", hidden: true }),
    el("div", { id: "jobs", "data-url": "/jobs.json" }, row("a"), row("b")),
  );
  jobs = await import(`../../static/js/pages/jobs.js?${(visits += 1)}`);
});

test("a job says how far it is, and one that is over fades", () => {
  jobs.paint([told("a")]);

  assert.equal(found("[data-job=a] .pill").dataset.state, "running");
  assert.equal(found("[data-job=a] [data-figure=left]").textContent, "about 1 min left");
  assert.equal(found("[data-job=a] progress").getAttribute("value"), "50");
  assert.equal(found("[data-job=b]").classList.contains("is-over"), true);
  assert.equal(found("#changes").hidden, true);
});

test("a new job waits for a click, and no row jumps", () => {
  jobs.paint([told("c"), told("a"), told("b")]);

  assert.match(found("#changes").textContent, /^1 new job/);
  assert.equal(found("#jobs").children.length, 2);
});
