// The choices of columns that the form offers once the headings of a file are known.

import assert from "node:assert/strict";
import { test } from "node:test";

import { columnChoices, place } from "../../static/js/panels/preview.js";

test("a role may be left to itself, be any heading of the file, or be none", () => {
  const choices = columnChoices("volume", {
    headings: ["when", "volume", "amount"],
    columns: { volume: "volume" },
  });

  assert.deepEqual(
    choices.map(({ value }) => value),
    ["", "none", "when", "volume", "amount"],
  );
  assert.equal(choices[0].text, "by itself: volume");
});

test("where the file was refused nothing is claimed of what was found", () => {
  assert.equal(columnChoices("time", { headings: ["when"] })[0].text, "by itself");
});

test("a place is a line of text or a row of a table", () => {
  assert.equal(place({ line: 3, column: "close" }), ": line 3, column close");
  assert.equal(place({ line: 3, unit: "row", column: null }), ": row 3");
  assert.equal(place({ line: null, column: null }), "");
});
