// The table of charts: each row draws what there is, and says in words that there is nothing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CHARTS } from "../../static/js/figures/charts.js";
import { tableOf } from "../../static/js/figures/tables.js";
import { palette, SAMPLES } from "./samples.mjs";

const read = (row, values) => row.reads.map((name) => ({ ...values, palette })[name]);

test("every chart has a sample to be tried on, and every sample a chart", () => {
  const missing = Object.keys(CHARTS).filter((name) => !(name in SAMPLES));

  assert.deepEqual(missing, [], `write tests/js/samples.mjs for ${missing}`);
  assert.deepEqual(
    Object.keys(SAMPLES).filter((name) => !(name in CHARTS)),
    [],
  );
});

for (const [name, row] of Object.entries(CHARTS)) {
  const { drawn, empty } = SAMPLES[name] ?? {};

  test(`${name} draws what there is, from nothing but what its row reads, and changes none of it`, () => {
    const values = read(row, drawn);
    const before = structuredClone(values);

    const { data, layout } = row.figure(...values);

    assert.deepEqual(
      [...row.reads, ...(row.over?.reads ?? [])].filter(
        (key) => !(key in drawn) && key !== "palette",
      ),
      [],
    );
    assert.ok(
      data.length && data.some((trace) => trace.y?.length || trace.z?.length || trace.open),
    );
    assert.ok(layout.xaxis && "uirevision" in layout);
    for (const shape of row.over?.shapes(...read(row.over, drawn)) ?? []) assert.ok(shape.type);
    assert.deepEqual(values, before);
  });

  test(`${name} is a table as well, of as many texts a row as it has columns`, () => {
    const values = read(row, drawn);

    const { head, rows } = row.table?.(...values) ?? tableOf(row.figure(...values));

    assert.ok(head.length > 1 && rows.length, name);
    for (const each of rows) assert.equal(each.length, head.length);
    assert.ok([head, ...rows].flat().every((text) => typeof text === "string" && text));
  });

  test(`${name} says in a sentence that there is nothing, and is silent where there is`, () => {
    assert.match(row.empty(...read(row, empty)), /^[A-Z].+\.$/);
    assert.equal(row.empty(...read(row, drawn)), "");
  });
}
