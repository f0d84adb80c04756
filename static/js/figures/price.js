// Price of one competition window with what the agent did in it: entries, exits, holdings, scars, a
// strip of its actions; and black swans.

import { money, percent } from "../shared/format.js";
import { axis, baseLayout } from "./base.js";

const CANDLES = 600;

/** Plotly figure of the market address' answer; `chosenTime` (ms or null) is marked by a line. */
export function priceFigure(market, palette, chosenTime = null) {
  const x = market.time.map(date);
  const data = [
    prices(market, x, palette),
    ...holdings(market, palette),
    ...marks(market, palette),
    ...scars(market, palette),
    ...swans(market, palette),
    strip(market, x, palette),
  ];
  return { data, layout: layout(market, palette, chosenTime) };
}

const date = (ms) => new Date(ms).toISOString();

function prices(market, x, palette) {
  if (market.time.length > CANDLES) {
    return {
      x,
      y: market.close,
      name: "close",
      mode: "lines",
      line: { color: palette.muted, width: 1.2 },
      hovertemplate: "%{y:,.6~g}",
    };
  }
  const look = (colour) => ({ line: { color: colour, width: 1 }, fillcolor: colour });
  return {
    type: "candlestick",
    x,
    open: market.open,
    high: market.high,
    low: market.low,
    close: market.close,
    name: "price",
    increasing: { line: { color: palette.candleUp, width: 1 }, fillcolor: palette.surface },
    decreasing: look(palette.candleDown),
  };
}

/** A line from entry to exit of every trade, one trace for gains and one for losses. */
function holdings(market, palette) {
  return [true, false].map((gain) => {
    const own = market.trades.filter((trade) => trade.net_profit > 0 === gain);
    return {
      x: own.flatMap((trade) => [date(trade.entry_time), date(trade.exit_time), null]),
      y: own.flatMap((trade) => [trade.entry_price, trade.exit_price, null]),
      name: gain ? "trade with a gain" : "trade with a loss",
      mode: "lines",
      hoverinfo: "skip",
      line: {
        color: gain ? palette.positive : palette.negative,
        width: 2.5,
        dash: gain ? "solid" : "dot",
      },
    };
  });
}

function marks(market, palette) {
  const { trades } = market;
  const side = (trade) => (trade.side > 0 ? "long" : "short");
  const point = (size, symbol, color) => ({
    size,
    symbol,
    color,
    line: { width: 1.2, color: palette.surface },
  });
  return [
    {
      x: trades.map((trade) => date(trade.entry_time)),
      y: trades.map((trade) => trade.entry_price),
      name: "entry",
      mode: "markers",
      marker: point(
        11,
        trades.map((trade) => (trade.side > 0 ? "triangle-up" : "triangle-down")),
        palette.accent,
      ),
      text: trades.map((trade) => `trade ${trade.sequence}: ${side(trade)} entry`),
      hovertemplate: "%{text} at %{y:,.6~g}<extra></extra>",
    },
    {
      x: trades.map((trade) => date(trade.exit_time)),
      y: trades.map((trade) => trade.exit_price),
      name: "exit",
      mode: "markers",
      marker: point(
        9,
        "square",
        trades.map((trade) => (trade.net_profit > 0 ? palette.positive : palette.negative)),
      ),
      text: trades.map(
        (trade) =>
          `trade ${trade.sequence}: exit (${trade.reason.replaceAll("_", " ")}), net profit ${money(trade.net_profit, true)}`,
      ),
      hovertemplate: "%{text}<extra></extra>",
    },
  ];
}

function scars(market, palette) {
  if (!market.scars.length) return [];
  const closeAt = new Map(market.time.map((ms, i) => [ms, market.low[i]]));
  return [
    {
      x: market.scars.map((scar) => date(scar.time)),
      y: market.scars.map((scar) => closeAt.get(scar.time) ?? null),
      name: "scar",
      mode: "markers",
      marker: {
        symbol: "x",
        size: 10,
        color: palette.warn,
        line: { width: 1, color: palette.surface },
      },
      text: market.scars.map((scar) => scarWords(scar, market.symbols)),
      hovertemplate: "%{text}<extra></extra>",
    },
  ];
}

/** A scar is the account's: of several symbols the one is named that lost most. */
export function scarWords(scar, symbols = []) {
  const where = symbols.length > 1 ? `, most of it on ${symbols[scar.symbol]}` : "";
  return `scar of severity ${scar.severity}: ${scar.cause.replaceAll("_", " ")}${where}`;
}

/** A mark over every bar that a black swan struck, and a line through it in the layout. */
function swans(market, palette) {
  const struck = swansOf(market);
  if (!struck.length) return [];
  const top = Math.max(...market.high);
  return [
    {
      x: struck.map((event) => date(event.time)),
      y: struck.map(() => top),
      name: "black swan",
      mode: "markers",
      marker: {
        symbol: "diamond",
        size: 11,
        color: palette.text,
        line: { width: 1, color: palette.surface },
      },
      text: struck.map((event) => `black swan: ${percent(event.change)} within one bar`),
      hovertemplate: "%{text}<extra></extra>",
    },
  ];
}

const swansOf = (market) => (market.events ?? []).filter((event) => event.kind === "swan");

/** One coloured cell a bar under the price: what the network asked for. */
function strip(market, x, palette) {
  const [sell, hold, buy] = [palette.negative, palette.grid, palette.positive];
  const names = ["SELL", "HOLD", "BUY"];
  return {
    type: "heatmap",
    showlegend: false,
    x,
    y: ["action"],
    z: [market.actions.map((action) => (action > 2 ? null : action))],
    yaxis: "y2",
    zmin: 0,
    zmax: 2,
    showscale: false,
    colorscale: [
      [0, sell],
      [0.33, sell],
      [0.33, hold],
      [0.67, hold],
      [0.67, buy],
      [1, buy],
    ],
    hoverongaps: false,
    text: [market.actions.map((action) => names[action] ?? "")],
    hovertemplate: "%{text}<extra></extra>",
  };
}

function layout(market, palette, chosenTime) {
  const line = {
    type: "line",
    xref: "x",
    yref: "paper",
    y0: 0,
    y1: 1,
    line: { color: palette.text, width: 1, dash: "dot" },
  };
  const struck = swansOf(market).map(({ time }) => ({
    ...line,
    layer: "below",
    line: { color: palette.muted, width: 6 },
    opacity: 0.25,
    x0: date(time),
    x1: date(time),
  }));
  return baseLayout(palette, {
    // another round or symbol is another chart: its zoom does not carry over
    uirevision: `round ${market.round}, symbol ${market.symbol ?? 0}`,
    hovermode: "x",
    margin: { l: 52, r: 12, t: 8, b: 36 },
    shapes: [
      ...struck,
      ...(chosenTime === null ? [] : [{ ...line, x0: date(chosenTime), x1: date(chosenTime) }]),
    ],
    xaxis: { type: "date", rangeslider: { visible: false }, anchor: "y2" },
    yaxis: { domain: [0.1, 1], title: "price", tickformat: ",.5~g" },
    yaxis2: axis(palette, {
      domain: [0, 0.06],
      fixedrange: true,
      showgrid: false,
      showticklabels: false,
      title: "",
    }),
  });
}
