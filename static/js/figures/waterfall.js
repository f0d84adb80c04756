// From gross to net: one bar for what was earned, one hanging down from the last for each cost, and
// what is left.

import { money } from "../shared/format.js";
import { baseLayout } from "./base.js";

const NET = "net profit";

/** Plotly figure of a sheet {steps: [{name, amount}], net} whose steps sum to net. */
export function waterfallFigure(sheet, palette) {
  const bars = [...sheet.steps, { name: NET, amount: sheet.net }];
  const text = bars.map(({ amount }) => money(amount));
  const trace = {
    type: "waterfall",
    x: bars.map(({ name }) => name),
    y: bars.map(({ amount }) => amount),
    measure: bars.map(({ name }) => (name === NET ? "total" : "relative")),
    text,
    textposition: "outside",
    textfont: { size: 11, color: palette.muted },
    cliponaxis: false,
    increasing: { marker: { color: palette.positive } },
    decreasing: { marker: { color: palette.negative } },
    totals: {
      marker: {
        color: sheet.net < 0 ? palette.negative : palette.positive,
        line: { color: palette.text, width: 2 },
      },
    },
    connector: { line: { color: palette.edge, width: 1 } },
    hovertemplate: bars.map(({ name, amount }) => `${name}: ${money(amount)}<extra></extra>`),
  };
  return {
    data: [trace],
    layout: baseLayout(palette, {
      margin: { l: 56, r: 12, t: 24, b: 44 },
      yaxis: { title: "money", tickformat: "~s", zeroline: true },
    }),
  };
}
