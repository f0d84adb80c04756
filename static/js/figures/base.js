// What every figure has in common: one layout, a title that says what and in which unit, a constant
// uirevision so that a zoom survives.

/** A Plotly layout. `palette` is from palette.js; `extra` is merged in, axes one level deep. */
export function baseLayout(palette, extra = {}) {
  const { xaxis, yaxis, ...rest } = extra;
  return {
    uirevision: "constant",
    font: {
      family: "system-ui, -apple-system, Segoe UI, Roboto, sans-serif",
      size: 12,
      color: palette.text,
    },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 56, r: 12, t: 12, b: 44 },
    hoverlabel: {
      bgcolor: palette.surface,
      bordercolor: palette.line,
      font: { color: palette.text, size: 12 },
    },
    showlegend: false,
    xaxis: axis(palette, xaxis),
    yaxis: axis(palette, yaxis),
    ...rest,
  };
}

/** An axis in the page's colours; `extra` wins, a plain string title becomes a title. */
export function axis(palette, extra = {}) {
  const { title, ...rest } = extra;
  return {
    gridcolor: palette.grid,
    linecolor: palette.line,
    zerolinecolor: palette.line,
    tickcolor: palette.line,
    tickfont: { color: palette.muted, size: 11 },
    automargin: true,
    ticks: "",
    zeroline: false,
    ...(title
      ? { title: { text: title, font: { size: 12, color: palette.muted }, standoff: 8 } }
      : {}),
    ...rest,
  };
}

/**
 * An x axis of `count` rounds. No range is set: Plotly gives up a viewer's zoom wherever a range
 * that we set changes, as it would with every round, and keeps it where the range is its own.
 */
export function roundsAxis(count) {
  return { title: "round", tickformat: "d", ...(count <= 10 ? { dtick: 1 } : {}) };
}

/** The colour bar of a heatmap or of nodes. */
export const bar = (palette, title, tickformat) => ({
  thickness: 10,
  outlinewidth: 0,
  tickfont: { color: palette.muted, size: 10 },
  ...(tickformat ? { tickformat } : {}),
  title: { text: title, side: "right", font: { size: 11, color: palette.muted } },
});

/**
 * RGBA of an image of `width` x `height` cells, clear at first, and put(column, row, colour), row 0
 * at the bottom, colour a place in `colours`, [red, green, blue, 255] each; a pixel at once,
 * whichever byte of it comes first.
 */
export function canvasOf(width, height, colours) {
  const image = new Uint8ClampedArray(4 * width * height);
  const pixels = new Uint32Array(image.buffer);
  const whole = new Uint32Array(Uint8Array.from(colours.flat()).buffer);
  const put = (column, row, colour) => {
    pixels[(height - 1 - row) * width + column] = whole[colour];
  };
  return { image, put };
}

const KEPT = 0.98;
// of more values only every so many-th is asked: a scale needs no more
const ASKED = 20_000;

/**
 * Ends of a colour scale that is even about zero, from the values of a list of lists: it spans KEPT
 * of them, so that one outlier does not leave all others pale; at least `least`.
 */
export function evenRange(rows, least = 1e-9) {
  const each = Math.ceil(rows.reduce((all, row) => all + row.length, 0) / ASKED);
  const asked = [];
  let at = 0;
  for (const row of rows)
    for (const value of row) {
      if (at % each === 0 && Number.isFinite(value)) asked.push(Math.abs(value));
      at += 1;
    }
  const sizes = Float64Array.from(asked).sort();
  const top = Math.max(least, sizes[Math.ceil(sizes.length * KEPT) - 1] ?? least);
  return [-top, top];
}
