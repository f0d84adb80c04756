// What the live page knows of one experiment, and how each message changes it: pure, no DOM, no
// clock.

import { openedBands, withBand } from "./bands.js";
import { deadOf } from "./lives.js";
import { holders, opened, withColumn, withMeasure } from "./places.js";

export const VERSION = 1;
const DURABLE = new Set(["round", "state", "intervention"]);
const KEPT_FEED = 300;

// rounds heard one by one, until the curves are asked for again, thinned
export const MOST_HEARD = 512;

/**
 * The state before any message has come. `agents` maps the numbers of the living, and of others that
 * were asked for, to their rows; `dead` are short rows of all who died, null as long as nobody asked
 * for them; so are `bands`, the lines of descent. `heard`: rounds that came one by one.
 */
export function initial() {
  return {
    ready: false,
    needsResync: false,
    outdated: false,
    epoch: null,
    seq: 0,
    round: null,
    experiment: {},
    curves: emptyCurves(),
    heatmap: emptyHeatmap(),
    agents: new Map(),
    dead: null,
    bands: null,
    heard: 0,
    hall: [],
    feed: [],
    evaluations: [],
    interventions: [],
    progress: null,
  };
}

function emptyCurves() {
  return {
    rounds: [],
    reused: [],
    measures: {},
    baselines: {},
    diversity: {},
    events: {},
    money: {},
    alive: [],
  };
}

function emptyHeatmap() {
  return { rounds: [], slots: [], agent: [], measures: [] };
}

/**
 * The state after `message`; a new object, the old one is left as it was. A message it cannot place
 * asks for a snapshot.
 */
export function apply(state, message) {
  if (message.v !== VERSION) return { ...state, outdated: true };
  if (message.type === "snapshot") return fromSnapshot(state, message);
  if (!state.ready) return state;
  if (message.epoch !== state.epoch) return { ...state, needsResync: true };
  if (message.type in ASKED) return ASKED[message.type](state, message.data);
  return DURABLE.has(message.type) ? durable(state, message) : hint(state, message);
}

// what a page asks for, and how it is added
const ASKED = {
  heatmap: (state, { heatmap }) => ({
    ...state,
    heatmap: withMeasure(state.heatmap, opened(heatmap)),
  }),
  agents: (state, { agents }) => ({ ...state, agents: mergeAgents(state.agents, agents) }),
  lives: (state, { lives }) => {
    const dead = deadOf(lives);
    const agent = holders(state.heatmap, [...dead, ...state.agents.values()]);
    return { ...state, dead, heatmap: { ...state.heatmap, agent } };
  },
  bands: (state, { bands }) => ({ ...state, bands: openedBands(bands) }),
};

/** What the page showed when the round of a step message was closed; `state` is that of now. */
export function stepped(state, { round, data }) {
  const before = (rounds) => rounds.map((each) => each < round);
  const upTo = (rounds) => rounds.map((each) => each <= round);
  const { curves, heatmap } = state;
  return {
    ...state,
    round,
    experiment: { ...state.experiment, ...data.experiment },
    curves: appendRound(kept(curves, before(curves.rounds)), data.curves),
    heatmap: {
      ...kept(heatmap, upTo(heatmap.rounds)),
      slots: heatmap.slots,
      measures: heatmap.measures,
    },
    agents: mergeAgents(deadBy(state.agents, round), data.agents),
    dead: state.dead && state.dead.filter((each) => each.death_round <= round),
    hall: data.hall,
    feed: data.feed,
    evaluations: data.evaluations,
    interventions: [...data.interventions].reverse(),
    progress: null,
  };
}

/** Rows of those of `agents` who were dead when `round` was closed. */
function deadBy(agents, round) {
  return new Map([...agents].filter(([, row]) => !isAlive(row) && row.death_round <= round));
}

/** `columns` with those entries of every list whose flag is set. */
function kept(columns, flags) {
  const of = (value) =>
    Array.isArray(value) ? value.filter((_, i) => flags[i]) : value && kept(value, flags);
  return Object.fromEntries(Object.entries(columns).map(([key, value]) => [key, of(value)]));
}

function fromSnapshot(state, message) {
  const stale = state.ready && message.epoch === state.epoch && message.seq < state.seq;
  if (stale) return state;
  const data = message.data;
  const isSame = message.epoch === state.epoch;
  // the dead who were asked for stay as they are
  const asked = isSame ? deadBy(state.agents, message.round) : new Map();
  const agents = mergeAgents(asked, data.agents);
  const dead = isSame ? state.dead : null;
  const heatmap = { ...emptyHeatmap(), ...opened(data.heatmap) };
  return {
    ...initial(),
    dead,
    ready: true,
    epoch: message.epoch,
    seq: message.seq,
    round: message.round,
    experiment: data.experiment ?? {},
    curves: { ...emptyCurves(), ...data.curves },
    heatmap: { ...heatmap, agent: holders(heatmap, [...(dead ?? []), ...agents.values()]) },
    agents,
    hall: data.hall ?? [],
    feed: data.feed ?? [],
    evaluations: data.evaluations ?? [],
    interventions: [...(data.interventions ?? [])].reverse(),
    progress: isSame ? state.progress : null,
  };
}

function durable(state, message) {
  if (message.seq <= state.seq) return state;
  if (message.seq !== state.seq + 1) return { ...state, needsResync: true };
  const next = { ...state, seq: message.seq, round: message.round ?? state.round };
  const data = message.data ?? {};
  const updated = withUpdates(next, data);
  const now = message.type === "round" ? withRound(updated, data) : updated;
  // a run is judged after it has ended, and only a snapshot carries what the vault showed
  return now.experiment.judgement?.state === "done" && !now.evaluations.length
    ? { ...now, needsResync: true }
    : now;
}

function hint(state, message) {
  if (message.seq > state.seq) return { ...state, needsResync: true };
  if (message.type !== "progress") return state;
  // an experiment under way waits for nothing
  return {
    ...state,
    experiment: { ...state.experiment, waits: "" },
    progress: { ...state.progress, ...message.data },
  };
}

function withUpdates(state, data) {
  return {
    ...state,
    experiment: { ...state.experiment, ...data.experiment },
    agents: mergeAgents(state.agents, data.agents),
    feed: [...(data.feed ?? []), ...state.feed].slice(0, KEPT_FEED),
    interventions: [...(data.interventions ?? []), ...state.interventions],
  };
}

function withRound(state, data) {
  const heard = state.heard + 1;
  return {
    ...buried(state, data.agents?.number ?? []),
    curves: appendRound(state.curves, data.curves),
    heatmap: withColumn(state.heatmap, data.heatmap),
    hall: data.hall ?? state.hall,
    bands: withBand(state.bands, state.round, data.agents),
    progress: null,
    heard,
    needsResync: state.needsResync || heard > MOST_HEARD,
  };
}

/** The state without those of `numbers` who are dead: they are no longer among the living. */
function buried(state, numbers) {
  const dead = numbers.map((number) => state.agents.get(number)).filter((row) => !isAlive(row));
  if (!dead.length) return state;
  const agents = new Map(state.agents);
  for (const { number } of dead) agents.delete(number);
  return { ...state, agents, dead: state.dead && [...state.dead, ...dead] };
}

/**
 * `columns` with every list of `added` put at its end; a round already there is not added twice.
 */
export function appendRound(columns, added) {
  if (!added || !added.rounds?.length || columns.rounds.includes(added.rounds[0])) return columns;
  return appended(columns, added, columns.rounds.length);
}

function appended(old, added, length) {
  const out = { ...old };
  for (const [key, value] of Object.entries(added)) {
    if (!Array.isArray(value)) out[key] = appended(old[key] ?? {}, value, length);
    else out[key] = [...(old[key] ?? Array(length).fill(null)), ...value];
  }
  return out;
}

/** A new Map of agents with the columnar rows of `columns` put over those of `agents`. */
export function mergeAgents(agents, columns) {
  if (!columns?.number?.length) return agents;
  const merged = new Map(agents);
  const keys = Object.keys(columns);
  columns.number.forEach((number, i) => {
    const row = Object.fromEntries(keys.map((key) => [key, columns[key][i]]));
    merged.set(number, { ...merged.get(number), ...row });
  });
  return merged;
}

export function isAlive(agent) {
  return agent.state === "active";
}

/** Living agents, best fitness first; those without a fitness last. */
export function ranked(state) {
  return [...state.agents.values()]
    .filter(isAlive)
    .sort((a, b) => (b.fitness ?? -Infinity) - (a.fitness ?? -Infinity) || a.number - b.number);
}

// fitness is a mean over this many windows; who lived through fewer may only have been lucky
const PROVED = 5;

/**
 * How many of the living have a higher fitness than agent `best`, but have not lived through enough
 * rounds to be called the fittest.
 */
export function youngerAhead(state, best) {
  return Math.max(
    0,
    ranked(state).findIndex((agent) => agent.number === best),
  );
}

/**
 * Living agents that lived through PROVED rounds, or as many as anybody alive where nobody has; the
 * fittest first.
 */
export function proved(state) {
  const living = ranked(state);
  const lived = (agent) => state.round - agent.birth_round + 1;
  const least = Math.min(PROVED, Math.max(...living.map(lived)));
  return living.filter((agent) => lived(agent) >= least);
}

/** Number of the fittest of them, or null. */
export function bestAgent(state) {
  return proved(state)[0]?.number ?? null;
}

/** The figures of the page's headline; null where there is none yet. */
export function headline(state) {
  const { curves } = state;
  const ever = state.experiment.ever ?? {};
  const last = (list) => (list?.length ? list[list.length - 1] : null);
  return {
    alive: last(curves.alive) ?? (state.agents.size ? ranked(state).length : null),
    meanReturn: last(curves.measures.return?.mean),
    holdReturn: last(curves.baselines.return?.buy_and_hold),
    births: ever.births ?? 0,
    immigrants: ever.immigrants ?? 0,
    deaths: ever.deaths ?? 0,
    scars: ever.scars ?? 0,
    trades: ever.trades ?? 0,
    profit: last(curves.money.profit),
    putIn: last(curves.money.money_put_in),
    best: bestAgent(state),
    lastRound: last(curves.rounds),
    reused: last(curves.reused) ?? false,
  };
}
