// An agent's neural network for one bar: layers as columns, nodes coloured by activation, the
// strongest weights as lines.

import { baseLayout } from "./base.js";

export const EDGES = 250;
const WIDTHS = [0.5, 1, 1.8, 3];

/**
 * Plotly figure of the answer of the network address: {layers, input_names, activations, inputs, q,
 * weights, action, action_names}.
 */
export function networkFigure(network, palette) {
  const columns = network.layers.map((size, i) => column(size, i));
  const data = [
    ...strongest(network).flatMap((edges, i) => lines(edges, columns, i, palette)),
    ...nodes(network, columns, palette),
  ];
  return { data, layout: layout(network, columns, palette) };
}

/** Heights 1 .. 0 of the nodes of a layer; small layers keep to the middle. */
function column(size, index) {
  const half = Math.min(0.5, 0.04 + size * 0.014);
  const place = (k) => (size === 1 ? 0.5 : 0.5 + half - (2 * half * k) / (size - 1));
  return { x: index, y: Array.from({ length: size }, (_, k) => place(k)) };
}

/** For each layer its strongest weights, [{from, to, weight}], about EDGES in all. */
export function strongest(network, budget = EDGES) {
  const share = Math.ceil(budget / network.weights.length);
  return network.weights.map((flat, i) => {
    const width = network.layers[i + 1];
    return flat
      .map((weight, k) => ({ from: Math.floor(k / width), to: k % width, weight }))
      .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
      .slice(0, share);
  });
}

/** One trace for each sign and width: a line's colour and width belong to its trace. */
function lines(edges, columns, layer, palette) {
  const top = Math.abs(edges[0]?.weight ?? 1) || 1;
  const groups = new Map();
  for (const { from, to, weight } of edges) {
    const size = Math.min(
      WIDTHS.length - 1,
      Math.floor((Math.abs(weight) / top) ** 2 * WIDTHS.length),
    );
    const key = `${weight > 0}:${size}`;
    const group = groups.get(key) ?? { positive: weight > 0, size, x: [], y: [] };
    group.x.push(layer, layer + 1, null);
    group.y.push(columns[layer].y[from], columns[layer + 1].y[to], null);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ positive, size, x, y }) => ({
    x,
    y,
    mode: "lines",
    hoverinfo: "skip",
    opacity: 0.25 + 0.2 * size,
    line: { color: positive ? palette.positive : palette.negative, width: WIDTHS[size] },
  }));
}

/**
 * Activations of every layer, the inputs first and the Q-values last, whether or not the server
 * lists them among the activations.
 */
export function activationsOf(network) {
  const inner = network.activations ?? [];
  if (inner.length === network.layers.length) return inner;
  const withInputs =
    inner[0]?.length === network.layers[0] && inner.length >= network.layers.length - 1
      ? inner
      : [network.inputs, ...inner];
  return withInputs.length < network.layers.length ? [...withInputs, network.q] : withInputs;
}

function nodes(network, columns, palette) {
  const values = activationsOf(network);
  return columns.map(({ x, y }, layer) => {
    const own = values[layer] ?? [];
    const top = Math.max(1e-9, ...own.map((v) => Math.abs(v ?? 0)));
    const names = y.map((_, k) => nameOf(network, layer, k));
    return {
      x: y.map(() => x),
      y,
      mode: "markers",
      cliponaxis: false,
      text: names,
      customdata: own,
      hovertemplate: "%{text}: <b>%{customdata:.4~g}</b><extra></extra>",
      marker: {
        size: layer === columns.length - 1 ? 16 : y.length > 40 ? 6 : 9,
        color: own,
        colorscale: palette.diverging,
        cmin: -top,
        cmax: top,
        line: { width: 1, color: palette.edge },
      },
    };
  });
}

function nameOf(network, layer, k) {
  if (layer === 0) return network.input_names?.[k] ?? `input ${k}`;
  if (layer === network.layers.length - 1) return outputName(network, outputNames(network)[k]);
  return `layer ${layer}, unit ${k}`;
}

const actionNames = (network) => network.action_names ?? ["SELL", "HOLD", "BUY"];

const outputNames = (network) => network.output_names ?? actionNames(network);

function outputName(network, name) {
  if (name === "value") return "value of the state";
  return network.kind === "policy" ? `preference for ${name}` : `Q of ${name}`;
}

function layout(network, columns, palette) {
  const last = columns.length - 1;
  const label = (x, y, text, extra) => ({
    x,
    y,
    text,
    showarrow: false,
    font: { size: 9.5, color: palette.muted },
    ...extra,
  });
  const inputs = columns[0].y.map((y, k) =>
    label(0, y, nameOf(network, 0, k), { xanchor: "right", xshift: -8 }),
  );
  const outputs = columns[last].y.map((y, k) =>
    label(last, y, actionText(network, k), {
      xanchor: "left",
      xshift: 12,
      font: { size: 12, color: palette.text },
    }),
  );
  return baseLayout(palette, {
    annotations: [...inputs, ...outputs],
    hovermode: "closest",
    margin: { l: 118, r: 56, t: 4, b: 4 },
    xaxis: { visible: false, range: [-0.06, last + 0.06], fixedrange: true },
    yaxis: { visible: false, automargin: false, range: [-0.03, 1.03], fixedrange: true },
  });
}

function actionText(network, k) {
  const name = outputNames(network)[k];
  return name === actionNames(network)[network.action] ? `<b>${name}</b>` : name;
}
