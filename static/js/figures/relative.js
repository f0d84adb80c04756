// Returns of the agents less that of buy and hold, round by round: hold is the line at 0.

import { points } from "../shared/format.js";
import { GLYPHS } from "../shared/marks.js";
import { passOf, relativeOf, smoothed, widthOf } from "../shared/passes.js";
import { baseLayout, roundsAxis } from "./base.js";

const LABELS = { mean: "mean agent", hold: "buy and hold", half: "middle half" };
// of the height of the chart, between two labels at the ends of lines
const APART = 0.07;

/**
 * Plotly figure of `curves`: the mean agent and the middle half over one pass through the prices,
 * with `marks` (shared/marks.js) above; `wide`: lines are named at their ends.
 */
export function relativeFigure(curves, marks, wide, palette) {
  const lines = linesOf(curves);
  const data = [...band(curves.rounds, lines, palette), ...strokes(curves.rounds, lines, palette)];
  const range = rangeOf(lines);
  return { data, layout: layout(curves, lines, marks, range, wide, palette) };
}

/** Unit and smoothing of the chart, in words. */
export function relativeNote({ reused }) {
  const width = widthOf(reused);
  if (width < 2) return "points";
  const pass = width === passOf(reused) ? ", one pass through the prices" : "";
  return `points; averaged over ${width} rounds${pass}`;
}

/** The chart in a sentence, for who does not see it. */
export function relativeWords(curves) {
  const title = "Return of the mean agent less buy and hold, by round, in points";
  const { mean, q1, q3 } = linesOf(curves);
  const last = mean.findLastIndex((value) => value !== null);
  if (last < 0) return `${title}: no round yet`;
  const [value, low, high] = [mean, q1, q3].map((line) => points((line[last] ?? NaN) / 100));
  return `${title}: ${value} in round ${curves.rounds[last]}, middle half ${low} to ${high}`;
}

/** {mean, q1, q3} in points, over one pass. */
export function linesOf(curves) {
  const width = widthOf(curves.reused);
  const points = (values) =>
    smoothed(values, width).map((value) => (value === null ? null : 100 * value));
  const { mean, q1, q3 } = relativeOf(curves);
  return { mean: points(mean), q1: points(q1), q3: points(q3) };
}

/** [low, high] that holds the band and the line at 0. */
function rangeOf(lines) {
  const values = Object.values(lines)
    .flat()
    .filter((value) => value !== null);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const room = Math.max(high - low, 1) * 0.08;
  return [low - room, high + room];
}

function band(x, { q1, q3 }, palette) {
  const edge = { x, mode: "lines", line: { width: 0 }, hoverinfo: "skip" };
  return [
    { ...edge, y: q1 },
    { ...edge, y: q3, fill: "tonexty", fillcolor: palette.band },
  ];
}

function strokes(x, { mean, q1, q3 }, palette) {
  const few = x.length < 12;
  const hold = palette.baselines.buy_and_hold;
  return [
    {
      x,
      y: x.map(() => 0),
      mode: few ? "lines+markers" : "lines",
      marker: { size: 4 },
      line: { color: hold, width: 2 },
      hoverinfo: "skip",
    },
    {
      x,
      y: mean,
      mode: few ? "lines+markers" : "lines",
      marker: { size: 5 },
      line: { color: palette.accent, width: 2.2 },
      customdata: x.map((_, i) => [q1[i], q3[i]]),
      hovertemplate:
        "round %{x}<br>mean agent %{y:+.1f} points<br>" +
        "middle half %{customdata[0]:+.1f} to %{customdata[1]:+.1f}<extra></extra>",
    },
  ];
}

function layout(curves, lines, marks, range, wide, palette) {
  return baseLayout(palette, {
    hovermode: "x",
    margin: { l: 44, r: wide ? 96 : 12, t: 20, b: 28 },
    shapes: marks.map(({ round }) => ({
      type: "line",
      x0: round,
      x1: round,
      yref: "paper",
      y0: 0,
      y1: 1,
      line: { color: palette.line, width: 1, dash: "dot" },
      layer: "below",
    })),
    annotations: [
      ...marks.map((mark) => glyph(mark, palette)),
      ...(wide ? ends(lines, range, palette) : []),
    ],
    xaxis: {
      ...roundsAxis(curves.rounds.length),
      title: "",
      showgrid: false,
      showline: false,
      nticks: 8,
    },
    yaxis: { range, ...ticks(range), zeroline: false, showline: false },
  });
}

/** At most seven ticks at 1, 2 or 5 times a power of ten, written as differences. */
export function ticks([low, high]) {
  const raw = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((times) => times * power).find((each) => each >= raw);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  const tickvals = Array.from({ length: count }, (_, k) =>
    Number(((first + k) * step).toPrecision(6)),
  );
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return { tickvals, ticktext: tickvals.map((value) => points(value / 100, digits)) };
}

const glyph = ({ round, kind }, palette) => ({
  x: round,
  y: 1,
  yref: "paper",
  yanchor: "bottom",
  text: GLYPHS[kind],
  showarrow: false,
  font: { size: 11, color: palette[{ alarm: "warn", scar: "negative" }[kind] ?? "accent"] },
});

/** Names at the ends of lines, none nearer to another than APART. */
function ends({ mean, q3 }, [low, high], palette) {
  const last = (values) => values.findLast((value) => value !== null) ?? 0;
  const places = [
    { text: LABELS.hold, y: 0, color: palette.baselines.buy_and_hold },
    { text: LABELS.mean, y: last(mean), color: palette.accent },
    { text: LABELS.half, y: last(q3), color: palette.muted },
  ].sort((a, b) => a.y - b.y);
  const least = (high - low) * APART;
  for (let i = 1; i < places.length; i += 1)
    places[i].y = Math.max(places[i].y, places[i - 1].y + least);
  return places.map(({ text, y, color }) => ({
    text,
    y,
    x: 1,
    xref: "paper",
    xanchor: "left",
    xshift: 8,
    showarrow: false,
    font: { size: 12, color },
  }));
}
