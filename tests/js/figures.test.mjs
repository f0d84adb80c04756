// The figure builders: what they draw for given data, and that they are pure.

import assert from "node:assert/strict";
import { test } from "node:test";

import { evenRange } from "../../static/js/figures/base.js";
import { curvesFigure, runsOf } from "../../static/js/figures/curves.js";
import {
  edgesOf,
  heatmapFigure,
  heldShapes,
  pixelsOf,
  spanOf,
} from "../../static/js/figures/heatmap.js";
import {
  ancestryShapes,
  binOf,
  LIMIT,
  lineageFigure,
  placed,
  pruned,
} from "../../static/js/figures/lineage.js";
import { activationsOf, networkFigure, strongest } from "../../static/js/figures/network.js";
import { priceFigure, scarWords } from "../../static/js/figures/price.js";
import { sampled, scale, shaded } from "../../static/js/shared/palette.js";

const palette = {
  baselines: { buy_and_hold: "#111111" },
  diverging: scale(["#000000", "#ffffff"]),
  sequential: scale(["#000000", "#ffffff"]),
  steps: sampled(["#000000", "#ffffff"], 9),
  shades: {
    diverging: shaded(["#000000", "#ffffff"], 3),
    sequential: shaded(["#000000", "#ffffff"], 3),
  },
};
const curves = {
  rounds: [0, 1, 2],
  reused: [false, true, true],
  baselines: { return: { buy_and_hold: [0.1, 0.2, 0.3] } },
  measures: {
    return: { mean: [1, 2, 3], q1: [0, 1, 2], q3: [2, 3, 4], best: [5, 5, 5] },
    reward: { mean: [7, 8, 9] },
  },
};
const agent = (number, birth, parents = [], extra = {}) => ({
  number,
  birth_round: birth,
  death_round: null,
  state: "active",
  origin: parents.length ? "child" : "founder",
  generation: 0,
  fitness: 0.1,
  parents,
  ...extra,
});

const names = (figure) => figure.data.map((trace) => trace.name);

test("return stands beside the baselines, reward does not", () => {
  assert.ok(names(curvesFigure(curves, "return", palette)).includes("buy and hold"));
  assert.ok(!names(curvesFigure(curves, "reward", palette)).includes("buy and hold"));
});

test("reused rounds are shaded as one run and called in sample", () => {
  const { layout } = curvesFigure(curves, "return", palette);

  assert.deepEqual(
    layout.shapes.map((shape) => [shape.x0, shape.x1]),
    [[0.5, 2.5]],
  );
  assert.equal(layout.shapes[0].label.text, "in sample");
});

test("runs of flags", () => {
  assert.deepEqual(runsOf([3, 4, 5, 6], [true, false, true, true]), [
    [3, 3],
    [5, 6],
  ]);
});

test("a figure keeps a viewer's zoom: its revision is constant and it sets no range of rounds", () => {
  const heatmap = { rounds: [0, 1], slots: [0], agent: [[1], [1]], fitness: [[0.1], [0.2]] };
  const figures = [
    curvesFigure(curves, "return", palette),
    heatmapFigure(heatmap, "fitness", palette),
    lineageFigure([agent(1, 0)], 1, palette),
  ];

  for (const { layout } of figures)
    assert.deepEqual([layout.uirevision, layout.xaxis.range], ["constant", undefined]);
  // of places there are as many in every round
  assert.deepEqual(figures[1].layout.yaxis.range, [-0.5, 0.5]);
  assert.equal(
    curvesFigure(curves, "return", palette).layout.uirevision,
    curvesFigure(curves, "reward", palette).layout.uirevision,
  );
});

test("the heatmap turns rounds into columns and names agents", () => {
  const heatmap = {
    rounds: [0, 1],
    slots: [0, 1, 2],
    agent: [
      [1, 2, 3],
      [1, 4, 3],
    ],
    fitness: [
      [0.1, 0.2, 0.3],
      [0.4, null, 0.6],
    ],
  };

  const { data, cells } = heatmapFigure(heatmap, "fitness", palette);
  const [held] = heldShapes(heatmap, 4, palette);

  assert.deepEqual([cells.width, cells.height, cells.edges], [2, 3, [-0.5, 0.5, 1.5]]);
  assert.equal(cells.pixels.length, 4 * 2 * 3);
  assert.deepEqual(cells.at(1, 0), {
    pick: 1,
    text: "agent 1 · round 1 · place 0\nfitness 0.400",
  });
  assert.equal(data[1].marker.cmin, -data[1].marker.cmax);
  assert.deepEqual([held.x0, held.x1, held.y0, held.y1], [0.5, 1.5, 0.5, 1.5]);
  assert.deepEqual(heldShapes(heatmap, 9, palette), []);
});

test("cells are pixels by column, the first place at the bottom, and clear without a value", () => {
  const shades = [
    [0, 0, 0],
    [100, 100, 100],
    [200, 200, 200],
  ];

  const image = pixelsOf([[0, 1], [null, 9], []], 2, shades, [0, 1]);

  const pixel = (row, column) => [
    ...image.slice(4 * (3 * row + column), 4 * (3 * row + column) + 4),
  ];
  assert.deepEqual(
    [pixel(1, 0), pixel(0, 0)],
    [
      [0, 0, 0, 255],
      [200, 200, 200, 255],
    ],
  );
  assert.deepEqual(
    [pixel(1, 1), pixel(0, 1)],
    [
      [0, 0, 0, 0],
      [200, 200, 200, 255],
    ],
  );
  assert.deepEqual(pixel(0, 2), [0, 0, 0, 0]);
});

test("a column reaches half way to its neighbours, however many rounds lie between", () => {
  assert.deepEqual(edgesOf([1, 3, 5, 6]), [0.5, 2, 4, 5.5, 6.5]);
  assert.deepEqual(edgesOf([]), []);
});

test("a line of descent is one path back to its founder", () => {
  const rows = [agent(1, 0), agent(2, 3, [1])];

  const [shape] = ancestryShapes(rows, 5, 2, palette);

  assert.equal(shape.path, "M5,1H3V0H0");
  assert.deepEqual(ancestryShapes(rows, 5, 7, palette), []);
});

test("an agent's span covers its rounds in its place", () => {
  const heatmap = {
    rounds: [0, 1, 2],
    slots: [0, 1],
    agent: [
      [1, 2],
      [1, 2],
      [1, 3],
    ],
  };

  assert.deepEqual(spanOf(heatmap, 2), { slot: 1, from: 0, to: 1 });
  assert.equal(spanOf(heatmap, 9), null);
});

test("families lie together, the youngest child next to its mother", () => {
  const rows = placed([
    agent(1, 0),
    agent(2, 0),
    agent(3, 1, [1]),
    agent(4, 2, [1]),
    agent(5, 3, [3]),
  ]);

  assert.deepEqual(
    rows.map((row) => row.agent.number),
    [1, 4, 3, 5, 2],
  );
});

test("no line from mother to child crosses a life that has begun", () => {
  const agents = Array.from({ length: 60 }, (_, i) =>
    agent(i + 1, Math.floor(i / 6), i < 6 ? [] : [1 + ((i * 7) % (Math.floor(i / 6) * 6))]),
  );
  const rows = placed(agents);

  const crossed = rows.filter(
    ({ agent: child, mother, y }) =>
      mother &&
      rows.some(
        (other) => other.y > mother.y && other.y < y && other.agent.birth_round < child.birth_round,
      ),
  );

  assert.deepEqual(crossed, []);
});

test("the dead are faded and the living ringed", () => {
  const { data } = lineageFigure(
    [agent(1, 0), agent(2, 0, [], { state: "bankrupt", death_round: 1 })],
    2,
    palette,
  );
  const { marker } = data.at(-1);

  assert.deepEqual(
    marker.line.width.map((width) => width > 0),
    [true, false],
  );
  assert.ok(marker.opacity[1] < marker.opacity[0]);
});

test("too many agents: branches without living descendants go first, and it is said", () => {
  const dead = Array.from({ length: LIMIT }, (_, i) =>
    agent(i + 10, 0, [], { state: "outcompeted", death_round: 1 }),
  );
  const { kept, note } = pruned(
    [agent(1, 0, [], { state: "outcompeted", death_round: 1 }), agent(2, 1, [1]), ...dead],
    LIMIT,
  );

  assert.deepEqual(
    kept.map((row) => row.number),
    [1, 2],
  );
  assert.match(note, /1500 of 1502/);
});

test("too many living: the fittest with their ancestors, never more than the limit", () => {
  const many = Array.from({ length: 3000 }, (_, i) => agent(i + 1, 0, [], { fitness: i }));
  const { kept, note } = pruned(many, LIMIT);

  assert.ok(kept.length <= LIMIT && kept.some((row) => row.number === 3000));
  assert.match(note, /fittest/);
});

test("the scale of colours is even about zero", () => {
  assert.deepEqual(evenRange([[0.1, null, -0.4]]), [-0.4, 0.4]);
  assert.equal(binOf(-0.4, [-0.4, 0.4]), 0);
  assert.equal(binOf(0.4, [-0.4, 0.4]), 8);
  assert.deepEqual(evenRange([Array(99).fill(0.1), [7]]), [-0.1, 0.1]);
  assert.equal(binOf(null, [-1, 1]), null);
});

const network = {
  layers: [2, 3, 3],
  input_names: ["a", "b"],
  inputs: [1, 2],
  activations: [[0.5, 0, 0.1]],
  q: [1, 3, 2],
  action: 1,
  weights: [
    [0, 5, -6, 1, 0, 0],
    [9, 0, 0, 0, 0, 0, 0, 0, -8],
  ],
};

test("the strongest weights of a layer, by size, with the neurons they join", () => {
  assert.deepEqual(strongest(network, 4), [
    [
      { from: 0, to: 2, weight: -6 },
      { from: 0, to: 1, weight: 5 },
    ],
    [
      { from: 0, to: 0, weight: 9 },
      { from: 2, to: 2, weight: -8 },
    ],
  ]);
});

test("inputs and Q-values stand at the ends of the activations", () => {
  assert.deepEqual(activationsOf(network), [
    [1, 2],
    [0.5, 0, 0.1],
    [1, 3, 2],
  ]);
  assert.deepEqual(
    activationsOf({
      ...network,
      activations: [
        [1, 2],
        [0.5, 0, 0.1],
        [1, 3, 2],
      ],
    }),
    [
      [1, 2],
      [0.5, 0, 0.1],
      [1, 3, 2],
    ],
  );
});

test("the chosen action is marked in the diagram", () => {
  const texts = networkFigure(network, palette).layout.annotations.map((note) => note.text);

  assert.deepEqual(texts, ["a", "b", "SELL", "<b>HOLD</b>", "BUY"]);
});

const market = {
  round: 4,
  time: [0, 1000, 2000],
  open: [1, 2, 3],
  high: [2, 3, 4],
  low: [0.5, 1, 2],
  close: [2, 3, 3],
  actions: [2, 1, 3],
  scars: [],
  trades: [
    {
      sequence: 0,
      entry_time: 0,
      exit_time: 1000,
      side: 1,
      entry_price: 1,
      exit_price: 2,
      net_profit: -3,
      reason: "window_end",
    },
  ],
};

test("a trade is drawn from entry to exit, with its net profit in words", () => {
  const { data } = priceFigure(market, palette);
  const exit = data.find((trace) => trace.name === "exit");
  const loss = data.find((trace) => trace.name === "trade with a loss");

  assert.match(exit.text[0], /window end.*\u22123\.00$/);
  assert.deepEqual(loss.y, [1, 2, null]);
});

test("a black swan is marked on its bar, with how far the price moved", () => {
  const struck = {
    ...market,
    events: [{ bar: 1, time: market.time[1], kind: "swan", change: -0.183 }],
  };

  const { data, layout } = priceFigure(struck, palette);
  const swan = data.find((trace) => trace.name === "black swan");

  assert.deepEqual(swan.x, [new Date(market.time[1]).toISOString()]);
  assert.match(swan.text[0], /\u221218\.3\u00a0%/);
  assert.equal(layout.shapes[0].x0, swan.x[0]);
  assert.ok(!names(priceFigure(market, palette)).includes("black swan"));
});

test("a bar without an action has no colour", () => {
  const strip = priceFigure(market, palette).data.at(-1);

  assert.deepEqual(strip.z, [[2, 1, null]]);
});

test("figures leave their data as it was", () => {
  const copy = structuredClone({ curves, network, market });

  curvesFigure(curves, "return", palette);
  networkFigure(network, palette);
  priceFigure(market, palette, 1000);

  assert.deepEqual({ curves, network, market }, copy);
});

test("a scar names the symbol that lost most, where there are several", () => {
  const scar = { severity: 2, cause: "trade_loss", symbol: 1 };

  assert.equal(scarWords(scar), "scar of severity 2: trade loss");
  assert.equal(scarWords(scar, ["BTC"]), "scar of severity 2: trade loss");
  assert.equal(
    scarWords(scar, ["BTC", "ETH"]),
    "scar of severity 2: trade loss, most of it on ETH",
  );
});
