// A living agent is changed by its owner, and set back.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { el } from "../../static/js/shared/dom.js";
import { undone } from "../../static/js/panels/edit.js";
import { openPage } from "./page.mjs";

let page = null;

beforeEach(() => {
  page = openPage();
  page.body.replaceChildren(el("input", { name: "csrfmiddlewaretoken", value: "token" }));
});

test("a change is undone at the edit that stands, and says of what it is the undoing", async () => {
  page.answer = (url, asked) =>
    asked?.method === "POST"
      ? { json: { text: "Changed; it is felt from round 3 on." } }
      : { json: { version: 4, fields: [] } };

  const text = await undone("/edit", { field: "epsilon", before: "0.5", after: "0.25" });

  assert.equal(text, "Changed; it is felt from round 3 on.");
});

test("what cannot be undone says why", async () => {
  page.answer = () => ({ json: { error: "Nothing was changed: it died." } });

  assert.equal(await undone("/edit", { field: "epsilon" }), "Nothing was changed: it died.");
});
