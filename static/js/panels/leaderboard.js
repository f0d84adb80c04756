// The living agents as a table that can be sorted and clicked.

import { rulesOf, standing } from "../shared/baselines.js";
import { el, one } from "../shared/dom.js";
import { money, number, percent, whole } from "../shared/format.js";
import { ruled } from "../shared/rules.js";
import { isAlive } from "../stream/state.js";
import { agentButton, agentRow } from "./rows.js";

export const TIERS = ["restricted", "bronze", "silver", "gold"];
const TOP = 10;
const MOST = 500;

/** Columns: how each is read for sorting and how it is shown. */
export const COLUMNS = {
  number: { title: "Agent", value: (a) => a.number, text: (a) => String(a.number) },
  fitness: { title: "Fitness", value: (a) => a.fitness, text: (a) => number(a.fitness, 4) },
  return: {
    title: "Return since birth",
    value: (a) => a.return_since_birth,
    text: (a) => percent(a.return_since_birth, 1, true),
  },
  equity: { title: "Equity", value: (a) => a.equity, text: (a) => money(a.equity) },
  trust: { title: "Trust", value: (a) => a.trust, text: (a) => number(a.trust, 0) },
  scars: { title: "Scars", value: (a) => a.scar_count, text: (a) => whole(a.scar_count) },
  trades: { title: "Trades", value: (a) => a.trade_count, text: (a) => whole(a.trade_count) },
  generation: { title: "Generation", value: (a) => a.generation, text: (a) => whole(a.generation) },
  age: { title: "Age, rounds", value: (a) => a.age, text: (a) => whole(a.age) },
};

/**
 * Living agents with their age, sorted by a column; agents without a value come last either way.
 */
export function sorted(agents, now, { key, descending }) {
  const { value } = COLUMNS[key];
  const rows = agents
    .filter(isAlive)
    .map((agent) => ({ ...agent, age: Math.max(0, now - agent.birth_round + 1) }));
  const order = (a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return (x === null) - (y === null) || a.number - b.number;
    return (descending ? y - x : x - y) || a.number - b.number;
  };
  return rows.sort(order);
}

/**
 * Draws the table of `state` with `view` = {sort, showAll, chosen}; `actions` = {choose(number),
 * sort(key), toggleAll()}.
 */
export function renderLeaderboard(state, view, actions) {
  const rows = sorted([...state.agents.values()], state.round ?? 0, view.sort);
  const shown = rows.slice(0, view.showAll ? MOST : TOP);
  one("#leaderboard thead").replaceChildren(
    el(
      "tr",
      {},
      ...Object.entries(COLUMNS).map(([key, column]) => heading(key, column, view.sort, actions)),
    ),
  );
  one("#leaderboard tbody").replaceChildren(
    ...(shown.length ? shown.map((agent) => line(agent, view.chosen, actions)) : [noAgents()]),
  );
  one("#leaderboard tfoot").replaceChildren(
    ...(state.round === null || state.round < 0
      ? []
      : rulesOf(state.curves).map(([key, look]) => rule(state, key, look.name))),
  );
  const toggle = one("#leaderboard-all");
  toggle.hidden = rows.length <= TOP;
  toggle.textContent = view.showAll
    ? `Top ${TOP} only`
    : `Show ${rows.length > MOST ? `the first ${MOST}` : `all ${rows.length}`}`;
}

function heading(key, column, sort, actions) {
  const active = sort.key === key;
  const arrow = active ? (sort.descending ? " ↓" : " ↑") : "";
  const button = el(
    "button",
    { type: "button", class: "sort", click: () => actions.sort(key), "data-sort": key },
    column.title + arrow,
  );
  return el(
    "th",
    { scope: "col", "aria-sort": active ? (sort.descending ? "descending" : "ascending") : "none" },
    button,
  );
}

function line(agent, chosen, actions) {
  const cells = Object.entries(COLUMNS).map(([key, column]) =>
    el("td", {}, cell(key, column, agent, actions)),
  );
  return agentRow(agent.number, chosen, actions.choose, cells);
}

function cell(key, column, agent, actions) {
  if (key === "number") return agentButton(agent.number, actions.choose);
  if (key === "trust")
    return el("span", { class: "trust" }, column.text(agent), " ", tier(agent.tier));
  if (key === "return")
    return el(
      "span",
      {
        "data-tone":
          agent.return_since_birth > 0 ? "gain" : agent.return_since_birth < 0 ? "loss" : "",
      },
      column.text(agent),
    );
  return column.text(agent);
}

/** A tier's badge, which leads to what the tier allows. */
function tier(place) {
  const name = TIERS[place];
  return name ? ruled(name, name, `tier tier-${name}`) : "";
}

/** A rule with a founder's money since round 0. */
function rule(state, key, name) {
  const own = standing(state.curves, key, state.experiment.endowment ?? null);
  const cells = {
    fitness: number(own.fitness, 4),
    return: percent(own.return, 1, true),
    equity: money(own.equity),
    age: whole((state.round ?? -1) + 1),
  };
  const rest = Object.keys(COLUMNS).slice(1);
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, name),
    ...rest.map((column) => el("td", {}, cells[column] ?? "")),
  );
}

function noAgents() {
  return el(
    "tr",
    {},
    el(
      "td",
      { colspan: Object.keys(COLUMNS).length, class: "empty" },
      "No agent is alive yet: the founders are born when the experiment starts.",
    ),
  );
}
