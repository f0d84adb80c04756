// Every chart of the pages, one row each: pages draw by this table, tests and journeys go by it.

import { bandsFigure, bandsTable } from "./bands.js";
import { candlesFigure } from "./candles.js";
import { curvesFigure } from "./curves.js";
import { diversityFigure } from "./diversity.js";
import { gapFigure } from "./gap.js";
import { growthFigure } from "./growth.js";
import { heatmapFigure, heldShapes } from "./heatmap.js";
import { lifeFigure } from "./life.js";
import { ancestryShapes, lineageFigure } from "./lineage.js";
import { networkFigure } from "./network.js";
import { nullsFigure } from "./nulls.js";
import { priceFigure } from "./price.js";
import { relativeFigure } from "./relative.js";
import {
  candlesTable,
  heatmapTable,
  lineageTable,
  networkTable,
  relativeTable,
  tradesTable,
  waterfallTable,
} from "./tables.js";
import { waterfallFigure } from "./waterfall.js";
import { whatifFigure } from "./whatif.js";

const WAITING = "Waiting for the first round to close.";
const NO_ANSWER = "The server did not answer; try again.";

// of null worlds, by how far they are
const NO_WORLDS = {
  none: "No null world has been played yet.",
  some: "Waiting for the first null world to end.",
  over: "There is nothing to compare here.",
};

const unlessRounds = (words) => (given) => (given?.rounds?.length ? "" : words);
const unlessAnswered = (words) => (given) => (given?.time?.length ? "" : (given?.error ?? words));

/**
 * Name, as the data-chart of its element says it -> {reads, figure, table, over, empty, config}.
 *
 * reads: names of what the page hands over, in the order of the arguments of `figure`, which
 * returns Plotly's {data, layout}. table: of the same arguments, {head, rows} of texts, where it is not
 * its named lines. over: {reads, shapes} of what is marked on it, shapes of
 * Plotly's, which may change without drawing the chart again. empty: of the same arguments, the words that stand in its place
 * while there is nothing to draw, else "". config: Plotly's, where it differs from that of all.
 */
export const CHARTS = {
  curves: {
    reads: ["curves", "measure", "palette", "endowment"],
    figure: curvesFigure,
    empty: unlessRounds(WAITING),
  },
  diversity: {
    reads: ["curves", "palette"],
    figure: diversityFigure,
    empty: unlessRounds(WAITING),
  },
  gap: {
    reads: ["curves", "growth", "palette"],
    figure: gapFigure,
    empty: unlessRounds(WAITING),
  },
  heatmap: {
    reads: ["heatmap", "place", "palette"],
    figure: heatmapFigure,
    table: heatmapTable,
    over: { reads: ["heatmap", "chosen", "palette"], shapes: heldShapes },
    empty: unlessRounds(WAITING),
  },
  lineage: {
    reads: ["agents", "round", "palette"],
    figure: lineageFigure,
    table: lineageTable,
    over: { reads: ["agents", "round", "chosen", "palette"], shapes: ancestryShapes },
    empty: (agents) => (agents.size ? "" : "The founders are born when the experiment starts."),
  },
  network: {
    reads: ["network", "palette"],
    figure: networkFigure,
    table: networkTable,
    empty: (given) =>
      given?.layers ? "" : (given?.error ?? "No network is kept for this agent yet."),
    config: { displayModeBar: false },
  },
  price: {
    reads: ["market", "palette", "time"],
    figure: priceFigure,
    table: tradesTable,
    empty: unlessAnswered("This agent has not traded a round yet."),
  },
  life: {
    reads: ["life", "measure", "palette"],
    figure: lifeFigure,
    empty: unlessRounds("It has not lived through a round yet."),
  },
  waterfall: {
    reads: ["sheet", "palette"],
    figure: waterfallFigure,
    table: waterfallTable,
    empty: (sheet) => (sheet.trades > 0 ? "" : "No trade has been closed yet."),
  },
  whatif: {
    reads: ["whatif", "measure", "palette"],
    figure: whatifFigure,
    empty: ({ rounds, after }) =>
      rounds.length > after + 1 ? "" : "Neither has played a round since the fork.",
  },
  nulls: {
    reads: ["worlds", "palette", "who", "pending"],
    figure: nullsFigure,
    empty: (worlds, _palette, _who, pending) => (worlds ? "" : NO_WORLDS[pending]),
  },
  candles: {
    reads: ["market", "palette", "shown"],
    figure: candlesFigure,
    table: candlesTable,
    empty: unlessAnswered(NO_ANSWER),
  },
  growth: {
    reads: ["market", "palette"],
    figure: growthFigure,
    empty: unlessAnswered(NO_ANSWER),
  },
  bands: {
    reads: ["bands", "wide", "palette"],
    figure: bandsFigure,
    table: bandsTable,
    empty: unlessRounds("Here bands will show which founder's line the agents of a round are of."),
    config: { displayModeBar: false },
  },
  relative: {
    reads: ["history", "marks", "wide", "palette"],
    figure: relativeFigure,
    table: relativeTable,
    empty: unlessRounds(
      "Here a line will show how much more the agents earned in each round than buying and " +
        "holding: above 0 they did better, below they had better sat still.",
    ),
    config: { displayModeBar: false },
  },
};
