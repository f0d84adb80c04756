// What the live page knows of one experiment, and how each message changes it: pure, no DOM, no
// clock.

export const VERSION = 1;
const DURABLE = new Set(["round", "state", "intervention"]);
const KEPT_FEED = 300;

/** The state before any message has come. `agents` maps an agent's number to its row. */
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
  return { rounds: [], slots: [], agent: [] };
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
  return DURABLE.has(message.type) ? durable(state, message) : hint(state, message);
}

function fromSnapshot(state, message) {
  const stale = state.ready && message.epoch === state.epoch && message.seq < state.seq;
  if (stale) return state;
  const data = message.data;
  return {
    ...initial(),
    ready: true,
    epoch: message.epoch,
    seq: message.seq,
    round: message.round,
    experiment: data.experiment ?? {},
    curves: { ...emptyCurves(), ...data.curves },
    heatmap: { ...emptyHeatmap(), ...data.heatmap },
    agents: mergeAgents(new Map(), data.agents),
    hall: data.hall ?? [],
    feed: data.feed ?? [],
    evaluations: data.evaluations ?? [],
    interventions: [...(data.interventions ?? [])].reverse(),
    progress: message.epoch === state.epoch ? state.progress : null,
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
  const heatmap = appendRound(state.heatmap, withoutSlots(data.heatmap));
  return {
    ...state,
    curves: appendRound(state.curves, data.curves),
    heatmap: { ...heatmap, slots: data.heatmap?.slots ?? heatmap.slots },
    hall: data.hall ?? state.hall,
    progress: null,
  };
}

function withoutSlots(heatmap) {
  return heatmap && Object.fromEntries(Object.entries(heatmap).filter(([key]) => key !== "slots"));
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

/** Sum of a list of counts; a count may be a number or counts by cause. */
export function total(counts) {
  return (counts ?? []).reduce((sum, count) => sum + countOf(count), 0);
}

function countOf(count) {
  if (count === null || count === undefined) return 0;
  return typeof count === "number" ? count : Object.values(count).reduce((a, b) => a + b, 0);
}

/** The figures of the page's headline; null where there is none yet. */
export function headline(state) {
  const { curves } = state;
  const last = (list) => (list?.length ? list[list.length - 1] : null);
  return {
    alive: last(curves.alive) ?? (state.agents.size ? ranked(state).length : null),
    meanReturn: last(curves.measures.return?.mean),
    holdReturn: last(curves.baselines.return?.buy_and_hold),
    births: total(curves.events.births),
    immigrants: total(curves.events.immigrants),
    deaths: total(curves.events.deaths),
    scars: total(curves.events.scars),
    trades: total(curves.events.trades),
    profit: last(curves.money.profit),
    putIn: last(curves.money.money_put_in),
    best: bestAgent(state),
    lastRound: last(curves.rounds),
    reused: last(curves.reused) ?? false,
  };
}
