// A stored series as candles over their volume, with its gaps shaded.

import { axis, baseLayout } from "./base.js";

const date = (ms) => new Date(ms).toISOString();

/**
 * Plotly figure of the candles address' answer. `shown` names the symbol: another one is another
 * chart, and a viewer's zoom does not carry over.
 */
export function candlesFigure(market, palette, shown = "constant") {
  const x = market.time.map(date);
  const look = (colour, fill) => ({ line: { color: colour, width: 1 }, fillcolor: fill });
  const data = [
    {
      type: "candlestick",
      x,
      open: market.open,
      high: market.high,
      low: market.low,
      close: market.close,
      name: "price",
      increasing: look(palette.candleUp, palette.surface),
      decreasing: look(palette.candleDown, palette.candleDown),
    },
  ];
  const hasVolume = market.volume.some((volume) => volume > 0);
  if (hasVolume)
    data.push({
      type: "bar",
      x,
      y: market.volume,
      name: "volume",
      yaxis: "y2",
      marker: { color: palette.edge },
      hovertemplate: "%{y:,.4~s}",
    });
  return { data, layout: { ...layout(market, palette, hasVolume), uirevision: shown } };
}

/** What a candle of the chart stands for, and what the shading means. */
export function candlesNote(market, duration) {
  const each =
    market.each > 1
      ? `Each candle stands for ${market.each} bars of ${duration(market.timeframe_ms)}.`
      : `Each candle is a bar of ${duration(market.timeframe_ms)}.`;
  return market.gaps.length ? `${each} Shaded: where bars are missing.` : each;
}

function layout(market, palette, hasVolume) {
  const shape = {
    type: "rect",
    xref: "x",
    yref: "paper",
    y0: 0,
    y1: 1,
    line: { width: 0 },
    fillcolor: palette.shade,
    layer: "below",
  };
  return baseLayout(palette, {
    hovermode: "x",
    margin: { l: 56, r: 12, t: 8, b: 36 },
    bargap: 0.1,
    shapes: market.gaps.map(([from, to]) => ({ ...shape, x0: date(from), x1: date(to) })),
    xaxis: { type: "date", rangeslider: { visible: false }, anchor: hasVolume ? "y2" : "y" },
    yaxis: { domain: hasVolume ? [0.24, 1] : [0, 1], title: "price", tickformat: ",.5~g" },
    ...(hasVolume
      ? {
          yaxis2: axis(palette, {
            domain: [0, 0.17],
            title: "volume",
            tickformat: "~s",
            nticks: 3,
          }),
        }
      : {}),
  });
}
