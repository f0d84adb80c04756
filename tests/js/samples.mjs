// What each chart of static/js/figures/charts.js is tried on: {drawn, empty}, what its page hands
// over where there is something to draw and where there is nothing. A chart without a row fails by
// name.

import { sampled, scale, shaded } from "../../static/js/shared/palette.js";

const colours = ["#000000", "#ffffff"];
export const palette = {
  text: "#010101",
  muted: "#020202",
  accent: "#030303",
  positive: "#040404",
  negative: "#050505",
  baselines: { buy_and_hold: "#111111" },
  symbols: ["#121212"],
  steps: sampled(colours, 9),
  lines: Array(8).fill([1, 2, 3, 255]),
  others: [9, 9, 9, 255],
  shades: { diverging: shaded(colours, 3), sequential: shaded(colours, 3) },
  diverging: scale(colours),
  sequential: scale(colours),
};

const none = { rounds: [], reused: [], measures: {}, baselines: {} };
const curves = {
  rounds: [0, 1],
  reused: [false, true],
  baselines: { return: { buy_and_hold: [0.1, 0.2] } },
  measures: { return: { mean: [1, 2], q1: [0, 1], median: [1, 1], q3: [2, 3], best: [5, 5] } },
  diversity: { lineages: [4, 2.5] },
};
const growth = [{ from: 0, reward: "log_return", scale: 100, bars: 31, best: 0.001 }];
const heatmap = { rounds: [0, 1], slots: [0], agent: [[1], [1]], fitness: [[0.1], [0.2]] };
const founder = {
  number: 1,
  birth_round: 0,
  death_round: null,
  state: "active",
  origin: "founder",
  parents: [],
  generation: 0,
  fitness: 0.1,
};
const network = {
  layers: [1, 3],
  input_names: ["a"],
  action_names: ["SELL", "HOLD", "BUY"],
  inputs: [1],
  activations: [],
  q: [1, 3, 2],
  action: 1,
  weights: [[0, 5, -6]],
};
const prices = { time: [0, 1000], open: [1, 2], high: [2, 3], low: [0.5, 1], close: [2, 3] };
const trade = {
  sequence: 0,
  entry_time: 0,
  exit_time: 1000,
  side: 1,
  entry_price: 1,
  exit_price: 2,
  net_profit: -3,
  reason: "window_end",
};
const played = { ...prices, round: 4, actions: [2, 1], scars: [], trades: [trade] };
const stored = { ...prices, each: 1, timeframe_ms: 1000, volume: [5, 0], gaps: [] };
const sheet = { steps: [{ name: "gross profit", amount: 3 }], net: 3, trades: 1 };
const whatif = {
  after: 0,
  rounds: [0, 1],
  baselines: {},
  measures: { return: { original: [0.1, 0.2], fork: [0.1, 0.1], difference: [0, -0.1] } },
};
const grown = { ...stored, lines: [{ symbol: "BTC", growth: [1, 1.2] }] };

const measure = "return";

export const SAMPLES = {
  curves: { drawn: { curves, measure, endowment: null }, empty: { curves: none, measure } },
  diversity: { drawn: { curves }, empty: { curves: none } },
  gap: { drawn: { curves, growth }, empty: { curves: none, growth: [] } },
  heatmap: {
    drawn: { heatmap, place: "fitness", chosen: 1 },
    empty: { heatmap: { rounds: [], slots: [], agent: [] }, place: "fitness", chosen: null },
  },
  lineage: {
    drawn: { agents: new Map([[1, founder]]), round: 1, chosen: 1 },
    empty: { agents: new Map(), round: null, chosen: null },
  },
  network: { drawn: { network }, empty: { network: null } },
  price: { drawn: { market: played, time: 1000 }, empty: { market: {}, time: null } },
  life: {
    drawn: { life: { ...curves, return: [0.1, 0.2] }, measure },
    empty: { life: {}, measure },
  },
  waterfall: { drawn: { sheet }, empty: { sheet: { steps: [], net: 0, trades: 0 } } },
  whatif: { drawn: { whatif, measure }, empty: { whatif: { rounds: [0], after: 0 }, measure } },
  nulls: {
    drawn: { worlds: { real: 0.2, null: [-0.1] }, who: "champion", pending: "over" },
    empty: { worlds: null, who: "champion", pending: "none" },
  },
  candles: { drawn: { market: stored, shown: "symbol=0" }, empty: { market: null } },
  growth: { drawn: { market: grown }, empty: { market: null } },
  bands: {
    drawn: {
      bands: {
        rounds: [0, 1],
        founders: [2, 5],
        agents: [
          [1, 2],
          [1, 1],
          [2, 1],
        ],
      },
      wide: true,
    },
    empty: { bands: { rounds: [], founders: [], agents: [[]] }, wide: true },
  },
  relative: {
    drawn: { history: curves, marks: [{ round: 1, kind: "edit", text: "" }], wide: true },
    empty: { history: none, marks: [], wide: true },
  },
};
