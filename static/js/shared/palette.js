// Colours of the figures, read from the page's CSS variables so that charts follow the theme.

import { BASELINES } from "../figures/measures.js";

const NAMES = {
  text: "--text",
  muted: "--muted",
  line: "--line",
  grid: "--grid",
  surface: "--surface",
  raised: "--raised",
  accent: "--accent",
  band: "--band",
  best: "--best",
  shade: "--shade",
  edge: "--edge",
  positive: "--positive",
  negative: "--negative",
  warn: "--warn",
  candleUp: "--candle-up",
  candleDown: "--candle-down",
};
const COLOURS = Object.fromEntries(
  Object.entries(BASELINES).map(([key, look]) => [key, look.colour]),
);
const STEPS = 9;
// along the scale of cells
const SHADES = 256;

/** The palette of the theme `element` is shown in. */
export function palette(element = document.documentElement) {
  const style = getComputedStyle(element);
  const read = (names) =>
    Object.fromEntries(
      Object.entries(names).map(([key, name]) => [key, style.getPropertyValue(name).trim()]),
    );
  const list = (name) => style.getPropertyValue(name).trim().split(/\s+/);
  const diverging = list("--diverging");
  const sequential = list("--sequential");
  return {
    ...read(NAMES),
    baselines: read(COLOURS),
    symbols: list("--symbols"),
    diverging: scale(diverging),
    sequential: scale(sequential),
    steps: sampled(diverging, STEPS),
    lines: list("--symbols").map(parts),
    others: parts(style.getPropertyValue("--others").trim()),
    shades: { diverging: shaded(diverging, SHADES), sequential: shaded(sequential, SHADES) },
  };
}

/** Colours spread evenly over 0 .. 1, as Plotly wants a colour scale. */
export function scale(colours) {
  return colours.map((colour, i) => [i / (colours.length - 1), colour]);
}

/** `count` colours along a list of hex colours, ends included. */
export function sampled(colours, count) {
  return shaded(colours, count).map((parts) => `rgb(${parts.join(",")})`);
}

/** `count` colours, [red, green, blue], along a list of hex colours, ends included. */
export function shaded(colours, count) {
  return Array.from({ length: count }, (_, k) => {
    const place = (k / (count - 1)) * (colours.length - 1);
    const i = Math.min(Math.floor(place), colours.length - 2);
    return mixed(colours[i], colours[i + 1], place - i);
  });
}

const part = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);

/** [red, green, blue, 255] of a hex colour. */
const parts = (hex) => [part(hex, 0), part(hex, 1), part(hex, 2), 255];

function mixed(from, to, share) {
  return [0, 1, 2].map((i) => Math.round(part(from, i) + (part(to, i) - part(from, i)) * share));
}
