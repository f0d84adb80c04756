// From gross to net: the chart of a sheet and the rows of the live page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { waterfallFigure } from "../../static/js/figures/waterfall.js";
import { waterfallRows } from "../../static/js/panels/waterfall.js";

const sheet = (gross, fees) => ({
  steps: [
    { name: "gross profit", amount: gross },
    { name: "fees", amount: -fees },
  ],
  net: gross - fees,
  trades: 2,
  agents: 1,
});

test("costs hang from what was earned, and the last bar is what is left", () => {
  const {
    data: [trace],
    layout,
  } = waterfallFigure(sheet(1200, 0.5), {});

  assert.deepEqual(trace.x, ["gross profit", "fees", "net profit"]);
  assert.deepEqual(trace.y, [1200, -0.5, 1199.5]);
  assert.deepEqual(trace.measure, ["relative", "relative", "total"]);
  assert.deepEqual(trace.text, ["1\u202f200.00", "\u22120.50", "1\u202f199.50"]);
  assert.equal(layout.uirevision, "constant");
});

test("the whole stands first, then lines, then all others as one", () => {
  const answer = {
    total: sheet(3, 2),
    lines: [{ founder: 7, ...sheet(2, 1) }],
    others: { lines: 1, ...sheet(1, 1) },
  };

  assert.deepEqual(
    waterfallRows(answer).map(({ key, title, net }) => [key, title, net]),
    [
      ["all", "all agents", 1],
      ["7", "line of agent 7", 1],
      ["others", "1 other line", 0],
    ],
  );
  assert.equal(waterfallRows({ ...answer, others: null }).length, 2);
});
