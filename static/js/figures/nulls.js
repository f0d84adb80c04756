// Where the champion, or the committee, falls among those of worlds without structure.

import { baseLayout } from "./base.js";

/**
 * Plotly figure of {real, null}: one point a null world, lowest first, who was judged here as a
 * line across, buy and hold at 0.
 */
export function nullsFigure({ real, null: worlds }, palette, who = "champion") {
  const x = worlds.map((_, i) => i + 1);
  const across = (y, name, color, dash) => ({
    x: [0.5, worlds.length + 0.5],
    y: [y, y],
    name,
    mode: "lines",
    line: { color, width: 2, dash },
    hovertemplate: `${name} %{y:+.2%}<extra></extra>`,
  });
  const points = {
    x,
    y: worlds,
    name: `${who} of a null world`,
    mode: "markers",
    marker: { symbol: "square", size: 9, color: palette.muted },
    hovertemplate: "null world, place %{x} from below: %{y:+.2%}<extra></extra>",
  };
  return {
    data: [
      points,
      across(real, `this ${who}`, palette.accent, "solid"),
      across(0, "buy and hold", palette.baselines.buy_and_hold, "dash"),
    ],
    layout: baseLayout(palette, {
      margin: { l: 64, r: 12, t: 8, b: 44 },
      xaxis: { title: "null worlds, lowest first", tickformat: "d" },
      yaxis: { title: "over buy and hold", tickformat: "+.1%", zeroline: false },
    }),
  };
}
