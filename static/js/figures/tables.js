// What a chart draws, as a table: {head, rows} of texts, for whoever reads numbers rather than
// lines.

import {
  money,
  number,
  percent,
  points,
  significant,
  time,
  whole,
  words,
} from "../shared/format.js";
import { PLACES } from "./measures.js";
import { linesOf } from "./relative.js";

/** The lines and bars of a figure that have a name, by what they stand over. */
export function tableOf({ data, layout }) {
  const lines = data.filter(({ name, x, y }) => name && Array.isArray(x) && Array.isArray(y));
  const places = [...new Set(lines.flatMap(({ x }) => x))].filter((x) => x !== null);
  places.sort((a, b) => (a < b ? -1 : Number(a > b)));
  const columns = lines.map(({ x, y, yaxis = "y" }) => {
    const axis = layout[yaxis.replace("y", "yaxis")] ?? {};
    return new Map(x.map((place, i) => [place, written(y[i], axis.tickformat)]));
  });
  return {
    head: [layout.xaxis.title?.text ?? "time", ...lines.map(({ name }) => name)],
    rows: places.map((place) => [
      placeWords(place),
      ...columns.map((column) => column.get(place) ?? "–"),
    ]),
  };
}

const written = (value, format = "") =>
  /[%p]$/.test(format) ? percent(value, 2, format.startsWith("+")) : significant(value);
const placeWords = (place) =>
  typeof place === "number" ? whole(place) : time(new Date(place).getTime());

/** The last round that is shown, place by place. */
export function heatmapTable(heatmap, measure) {
  const last = heatmap.rounds.length - 1;
  const { unit, words: say } = PLACES[measure];
  return {
    head: ["place", `agent, round ${heatmap.rounds[last]}`, unit],
    rows: heatmap.slots.map((slot, row) => [
      whole(slot),
      whole(heatmap.agent[last][row]),
      say(heatmap[measure]?.[last]?.[row] ?? null),
    ]),
  };
}

/** A life a row. */
export function lineageTable(agents) {
  return {
    head: ["agent", "parents", "generation", "born in round", "died in round", "fate", "fitness"],
    rows: [...agents.values()]
      .sort((a, b) => a.number - b.number)
      .map((agent) => [
        whole(agent.number),
        agent.parents?.length ? agent.parents.join(" and ") : agent.origin,
        whole(agent.generation),
        whole(agent.birth_round),
        whole(agent.death_round),
        agent.state === "active" ? "alive" : words(agent.state),
        number(agent.fitness, 3),
      ]),
  };
}

/** Inputs with their values, then the values of the actions. */
export function networkTable({ input_names: names, inputs, action_names: actions, q }) {
  return {
    head: ["node", "value"],
    rows: [
      ...names.map((name, i) => [name, significant(inputs[i])]),
      ...actions.map((name, i) => [name, significant(q[i])]),
    ],
  };
}

/** The agent's trades in the window. */
export function tradesTable({ trades }) {
  return {
    head: ["side", "opened", "at", "closed", "at", "net profit", "why closed"],
    rows: trades.map((trade) => [
      trade.side > 0 ? "long" : "short",
      time(trade.entry_time),
      significant(trade.entry_price, 6),
      time(trade.exit_time),
      significant(trade.exit_price, 6),
      money(trade.net_profit, true),
      words(trade.reason),
    ]),
  };
}

/** A candle a row. */
export function candlesTable({ time: bars, open, high, low, close, volume }) {
  return {
    head: ["time, UTC", "open", "high", "low", "close", "volume"],
    rows: bars.map((bar, i) => [
      time(bar),
      ...[open, high, low, close, volume].map((values) => significant(values[i], 6)),
    ]),
  };
}

/** From gross to net. */
export function waterfallTable({ steps, net }) {
  return {
    head: ["step", "money"],
    rows: [...steps, { name: "net profit", amount: net }].map(({ name, amount }) => [
      name,
      money(amount, true),
    ]),
  };
}

/** Points against buy and hold, round by round. */
export function relativeTable(curves) {
  const { mean, q1, q3 } = linesOf(curves);
  return {
    head: ["round", "mean agent, points", "lower quartile", "upper quartile"],
    rows: curves.rounds.map((round, i) => [
      whole(round),
      ...[mean, q1, q3].map((line) => points((line[i] ?? NaN) / 100, 2)),
    ]),
  };
}
