// The drawer gives the focus back, and single keys leave alone what is typed.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { el } from "../../static/js/shared/dom.js";
import {
  askedFor,
  lettersWork,
  letLettersWork,
  listenForKeys,
} from "../../static/js/shared/keys.js";
import { drawer } from "../../static/js/panels/drawer.js";
import { openPage } from "./page.mjs";

let root = null;
let closed = 0;
let side = null;

beforeEach(() => {
  const page = openPage();
  closed = 0;
  root = el("aside", { hidden: true }, el("button", { "data-close": true }));
  root.contains = (element) => element === root || root.children.includes(element);
  page.body.append(root);
  side = drawer(root, () => {
    closed += 1;
  });
});

test("the focus moves in, and back to what opened the drawer", () => {
  const opener = Object.assign(el("button"), { isConnected: true });
  side.open(opener);
  assert.equal(document.activeElement, root);

  root.children[0].focus();
  root.children[0].click();

  assert.deepEqual([document.activeElement, root.hidden, closed], [opener, true, 1]);
});

test("where the table was drawn anew the focus goes to its button for the same agent", () => {
  const gone = Object.assign(el("button", { "data-agent": "7" }), { isConnected: false });
  const again = el("button", { "data-agent": "7" });
  side.open(gone);
  document.body.append(el("section", { class: "tab-page" }, again));
  // the selector of a page knows what is hidden
  const { querySelector } = document;
  document.querySelector = (each) => querySelector(each.replace(":not([hidden])", ""));

  side.close();

  assert.equal(document.activeElement, again);
});

test("what opened a drawer that the address had opened already gets the focus back", () => {
  const opener = Object.assign(el("button"), { isConnected: true });
  side.open(null);
  side.open(opener);
  side.open(root.children[0]);

  side.close();

  assert.equal(document.activeElement, opener);
});

test("a drawer that opens by an address takes no focus, and one that is closed gives none", () => {
  const elsewhere = el("button");
  elsewhere.focus();
  side.open(null);
  assert.deepEqual([document.activeElement, side.isOpen()], [elsewhere, true]);
  side.close();
  side.close();

  assert.deepEqual([document.activeElement, closed], [elsewhere, 0]);
});

const key = (name, more = {}) => ({ key: name, ...more });

test("every key of the table asks for what the table says", () => {
  assert.deepEqual(
    ["1", "7", ",", ".", "[", "]", " ", "l", "L", "?", "Escape"].map((name) => askedFor(key(name))),
    [
      { deed: "tab", place: 0 },
      { deed: "tab", place: 6 },
      { deed: "step", by: -1 },
      { deed: "step", by: 1 },
      { deed: "neighbour", by: -1 },
      { deed: "neighbour", by: 1 },
      { deed: "play" },
      { deed: "live" },
      { deed: "live" },
      { deed: "keys" },
      { deed: "escape" },
    ],
  );
  assert.deepEqual(askedFor(key("<", { shiftKey: true })), { deed: "jump", by: -1 });
  assert.deepEqual(
    [key("8"), key("a"), key("l", { ctrlKey: true }), key("1", { metaKey: true })].map(askedFor),
    [null, null, null, null],
  );
});

test("letters can be switched off in this browser, and a browser without storage has them", () => {
  const kept = new Map();
  const store = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
  };
  assert.equal(lettersWork(store), true);
  letLettersWork(false, store);
  assert.equal(lettersWork(store), false);
  letLettersWork(true, store);
  assert.equal(lettersWork(store), true);

  const none = {
    getItem() {
      throw new Error("forbidden");
    },
  };
  letLettersWork(false, none);
  assert.equal(lettersWork(none), true);
});

test("what is typed into a field is no key, and a button keeps its space bar", () => {
  const asked = [];
  const target = new EventTarget();
  const deeds = ["live", "play", "escape"].map((deed) => [deed, () => asked.push(deed)]);
  listenForKeys(Object.fromEntries(deeds), target);
  const press = (name, on) => {
    const event = Object.assign(new Event("keydown", { cancelable: true }), { key: name });
    Object.defineProperty(event, "target", { value: on });
    target.dispatchEvent(event);
  };
  const field = { tagName: "INPUT" };
  const button = { tagName: "BUTTON", closest: () => true };
  const body = { tagName: "BODY", closest: () => null };

  press("l", field);
  press(" ", button);
  press("l", button);
  press(" ", body);
  press("Escape", field);

  assert.deepEqual(asked, ["live", "play", "escape"]);
});
