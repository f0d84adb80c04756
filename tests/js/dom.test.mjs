// The helpers that pages are made with: text stays text, and tabs answer to clicks and arrow keys.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { el, figure, icon, show, tabs } from "../../static/js/shared/dom.js";
import { openPage, texts } from "./page.mjs";

let page = null;
beforeEach(() => {
  page = openPage();
});

test("an element takes attributes, listeners and children, and leaves out what is none", () => {
  let clicks = 0;
  const made = el(
    "button",
    {
      class: "link",
      "data-agent": 7,
      hidden: null,
      title: undefined,
      disabled: false,
      open: true,
      click: () => {
        clicks += 1;
      },
    },
    "agent ",
    el("b", {}, "7"),
    null,
    undefined,
  );

  made.click();

  assert.equal(made.textContent, "agent 7");
  assert.deepEqual(
    [...made.attributes],
    [
      ["class", "link"],
      ["data-agent", "7"],
      ["open", ""],
    ],
  );
  assert.equal(clicks, 1);
});

test("what a person named is set as text", () => {
  assert.deepEqual(el("p", {}, "<b>x</b>").childNodes, ["<b>x</b>"]);
});

test("a figure is written wherever it stands, and only where it changed", () => {
  page.body.append(
    el("b", { "data-figure": "alive" }, "1"),
    el("i", { "data-figure": "alive" }, "2"),
    el("i", { "data-figure": "deaths" }, "3"),
  );
  const kept = page.body.children[1].childNodes;

  figure("alive", "2");

  assert.deepEqual(texts("[data-figure]"), ["2", "2", "3"]);
  assert.equal(page.body.children[1].childNodes, kept);
});

test("what is not there cannot be shown, and that is no error", () => {
  const box = el("p", {});

  show(null, true);
  show(box, false);
  assert.equal(box.hidden, true);
  show(box, true);
  assert.equal(box.hidden, false);
});

test("an icon is decoration", () => {
  const made = icon("death");

  assert.equal(made.getAttribute("aria-hidden"), "true");
  assert.equal(made.children[0].getAttribute("href"), "#icon-death");
});

function tabsOf(choices, chosen) {
  const container = el("div", { "data-controls": "chart" });
  const chosenOnes = [];
  tabs(container, choices, chosen, (key) => chosenOnes.push(key));
  return { container, buttons: container.children, chosenOnes };
}

const selected = (buttons) =>
  buttons.map((button) => button.getAttribute("aria-selected")).indexOf("true");

test("one tab is chosen and the others are out of the way of the tab key", () => {
  const { container, buttons, chosenOnes } = tabsOf({ a: "A", b: "B" }, "b");

  assert.equal(container.getAttribute("role"), "tablist");
  assert.deepEqual(texts("button", container), ["A", "B"]);
  assert.deepEqual(
    buttons.map((button) => button.tabIndex),
    [-1, 0],
  );
  assert.equal(buttons[0].getAttribute("aria-controls"), "chart");
  assert.deepEqual(chosenOnes, []);
});

test("a click chooses a tab", () => {
  const { buttons, chosenOnes } = tabsOf({ a: "A", b: "B" }, "a");

  buttons[1].click();

  assert.deepEqual(chosenOnes, ["b"]);
  assert.equal(selected(buttons), 1);
});

test("arrow keys go round the tabs, other keys do nothing", () => {
  const { container, buttons, chosenOnes } = tabsOf({ a: "A", b: "B", c: "C" }, "a");
  const press = (key) => container.dispatchEvent(Object.assign(new Event("keydown"), { key }));
  buttons[0].focus();

  press("ArrowLeft");
  press("ArrowRight");
  press("ArrowRight");
  press("Enter");

  assert.deepEqual(chosenOnes, ["c", "a", "b"]);
  assert.equal(selected(buttons), 1);
  assert.equal(document.activeElement, buttons[1]);
});
