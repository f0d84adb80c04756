// Lineage: each agent's life as a line from birth to death, its mother's life joined to it at
// birth; children lie beside their parents.

import { bar, baseLayout, evenRange, roundsAxis } from "./base.js";

export const LIMIT = 1500;
const BINS = 9;

let last = { agents: null, rows: [], note: "" };

/** {rows, note} of what is drawn of `agents`, made once for all that is drawn of them. */
function drawnOf(agents) {
  if (last.agents !== agents) {
    const { kept, note } = pruned([...agents.values()], LIMIT);
    last = { agents, rows: placed(kept), note };
  }
  return last;
}

/**
 * Plotly figure of `agents` (rows, a list or by number) as of round `now`; `note` says what was
 * left out, "" when nothing was.
 */
export function lineageFigure(agents, now, palette) {
  const { rows, note } = drawnOf(agents);
  const [low, high] = evenRange([rows.map((row) => row.agent.fitness)], 1e-6);
  const data = [
    edges(rows, palette),
    ...lives(rows, now, [low, high], palette),
    nodes(rows, now, [low, high], palette),
  ];
  return { data, layout: layout(now, palette), note };
}

/** At most `limit` agents: the living and their ancestors first; `note` in words. */
export function pruned(agents, limit) {
  if (agents.length <= limit) return { kept: agents, note: "" };
  const ancestral = withAncestors(
    agents,
    agents.filter((agent) => agent.state === "active"),
  );
  const kept = agents.filter((agent) => ancestral.has(agent.number));
  if (kept.length <= limit)
    return {
      kept,
      note: `${agents.length - kept.length} of ${agents.length} agents left no living descendant and are not drawn.`,
    };
  const best = kept
    .filter((agent) => agent.state === "active")
    .sort((a, b) => (b.fitness ?? -Infinity) - (a.fitness ?? -Infinity));
  const some = withAncestors(agents, best.slice(0, Math.floor(limit / 4)));
  const drawn = agents.filter((agent) => some.has(agent.number)).slice(-limit);
  return {
    kept: drawn,
    note: `The fittest living agents and their ancestors are drawn: ${drawn.length} of ${agents.length} agents.`,
  };
}

/** Numbers of `some` and of everyone they descend from. */
export function withAncestors(agents, some) {
  const byNumber = new Map(agents.map((agent) => [agent.number, agent]));
  const found = new Set();
  const open = some.map((agent) => agent.number);
  while (open.length) {
    const number = open.pop();
    if (found.has(number) || !byNumber.has(number)) continue;
    found.add(number);
    open.push(...(byNumber.get(number).parents ?? []));
  }
  return found;
}

/**
 * [{agent, y, mother}] in drawing order: each family in one run of rows. The child born last lies
 * next to its mother, so that the line down to an older child passes before any younger sibling's
 * life begins and nothing crosses.
 */
export function placed(agents) {
  const known = new Set(agents.map((agent) => agent.number));
  const children = new Map();
  const roots = [];
  for (const agent of agents) {
    const mother = (agent.parents ?? []).find((number) => known.has(number));
    if (mother === undefined) roots.push([agent, null]);
    else children.set(mother, [...(children.get(mother) ?? []), agent]);
  }
  return depthFirst(roots, children);
}

function depthFirst(roots, children) {
  const rows = [];
  const open = [...roots].reverse();
  while (open.length) {
    const [agent, mother] = open.pop();
    const row = { agent, mother, y: rows.length };
    rows.push(row);
    // popped from the end: oldest birth pushed first comes out last
    const young = [...(children.get(agent.number) ?? [])].sort(
      (a, b) => a.birth_round - b.birth_round || b.number - a.number,
    );
    for (const child of young) open.push([child, row]);
  }
  return rows;
}

const lastRound = (agent, now) => agent.death_round ?? Math.max(now, agent.birth_round);

function edges(rows, palette) {
  const x = [];
  const y = [];
  for (const { agent, mother, y: place } of rows) {
    if (!mother) continue;
    x.push(agent.birth_round, agent.birth_round, null);
    y.push(mother.y, place, null);
  }
  return { x, y, mode: "lines", line: { color: palette.edge, width: 1 }, hoverinfo: "skip" };
}

/**
 * A line's colour belongs to its trace, so lives are sorted into a few traces by fitness and by
 * being alive.
 */
function lives(rows, now, range, palette) {
  const groups = new Map();
  for (const { agent, y } of rows) {
    const alive = agent.state === "active";
    const key = `${alive}:${binOf(agent.fitness, range)}`;
    const group = groups.get(key) ?? { alive, bin: binOf(agent.fitness, range), x: [], y: [] };
    group.x.push(agent.birth_round, lastRound(agent, now), null);
    group.y.push(y, y, null);
    groups.set(key, group);
  }
  const width = rows.length > 400 ? 1.5 : rows.length > 150 ? 2.5 : 4;
  return [...groups.values()].map(({ alive, bin, x, y }) => ({
    x,
    y,
    mode: "lines",
    line: { color: colourOf(bin, palette), width: alive ? width : width * 0.6 },
    opacity: alive ? 1 : 0.55,
    hoverinfo: "skip",
  }));
}

/** 0 .. BINS - 1 along the scale, null without a fitness. */
export function binOf(fitness, [low, high]) {
  if (!Number.isFinite(fitness)) return null;
  return Math.min(BINS - 1, Math.max(0, Math.floor(((fitness - low) / (high - low)) * BINS)));
}

function colourOf(bin, palette) {
  return bin === null ? palette.edge : palette.steps[bin];
}

function nodes(rows, now, [cmin, cmax], palette) {
  const alive = rows.map(({ agent }) => agent.state === "active");
  return {
    x: rows.map(({ agent }) => agent.birth_round),
    y: rows.map(({ y }) => y),
    mode: "markers",
    customdata: rows.map(({ agent }) => agent.number),
    marker: {
      size: rows.length > 400 ? 5 : 8,
      symbol: rows.map(({ agent }) => symbolOf(agent)),
      color: rows.map(({ agent }) => agent.fitness ?? 0),
      colorscale: palette.diverging,
      cmin,
      cmax,
      opacity: alive.map((a) => (a ? 1 : 0.6)),
      line: { width: alive.map((a) => (a ? 1.5 : 0)), color: palette.text },
      colorbar: bar(palette, "fitness"),
    },
    text: rows.map(({ agent }) => hover(agent)),
    hovertemplate: "%{text}<extra></extra>",
  };
}

function symbolOf(agent) {
  return { founder: "square", immigrant: "diamond", child: "circle" }[agent.origin] ?? "circle";
}

function hover(agent) {
  const end =
    agent.death_round === null || agent.death_round === undefined
      ? "alive"
      : `${agent.state.replaceAll("_", " ")} in round ${agent.death_round}`;
  const fitness = Number.isFinite(agent.fitness) ? agent.fitness.toPrecision(3) : "none yet";
  const from = agent.parents?.length ? `child of ${agent.parents.join(" and ")}` : agent.origin;
  return `<b>agent ${agent.number}</b> · ${from}<br>born in round ${agent.birth_round}, ${end}<br>generation ${agent.generation} · fitness ${fitness}`;
}

/** The line of descent of the chosen agent, back to its founder: a path, or nothing. */
export function ancestryShapes(agents, now, chosen, palette) {
  let row = drawnOf(agents).rows.find(({ agent }) => agent.number === chosen);
  if (!row) return [];
  const path = [`M${lastRound(row.agent, now)},${row.y}`];
  for (; row; row = row.mother) {
    path.push(`H${row.agent.birth_round}`);
    if (row.mother) path.push(`V${row.mother.y}`);
  }
  return [{ type: "path", path: path.join(""), line: { color: palette.text, width: 2 } }];
}

function layout(now, palette) {
  return baseLayout(palette, {
    margin: { l: 16, r: 8, t: 8, b: 44 },
    hovermode: "closest",
    hoverdistance: 30,
    xaxis: roundsAxis(now + 1),
    yaxis: { visible: false, autorange: "reversed" },
  });
}
