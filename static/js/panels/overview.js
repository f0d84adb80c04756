// Is it working? Four figures of a run that is not judged, its five fittest, and what mattered.

import { standing } from "../shared/baselines.js";
import { el, figure, icon, one } from "../shared/dom.js";
import { number, percent, points, whole } from "../shared/format.js";
import { mean, passOf, relativeOf, smoothed, widthOf } from "../shared/passes.js";
import { proved, ranked } from "../stream/state.js";
import { agentButton, agentRow } from "./rows.js";

const FIVE = 5;
const MOST = 6;
// of 100 earned: from here on a share says less than a multiple
const FAR = 1000;
const ICONS = {
  edit: "intervention",
  alarm: "alarm",
  scar: "scar",
  champion: "champion",
  ahead: "ahead",
};

/**
 * Figures of the rounds up to the last one in `state`; `sheet`: what its trades earned and cost,
 * or null.
 */
export function figuresOf(state, sheet) {
  const { curves } = state;
  if (!curves.rounds.length)
    return ["Return of a round", "Agents ahead of hold", "Deepest fall", "Costs took"].map(
      (label) => ({ label, value: "–", note: "after the first round" }),
    );
  return [earned(curves), ahead(state), deepest(curves), costs(sheet)];
}

function earned({ measures, baselines, reused }) {
  const rounds = passOf(reused);
  const lately = (values) => mean((values ?? []).slice(-rounds));
  const [own, hold] = [lately(measures.return?.mean), lately(baselines.return?.buy_and_hold)];
  const label = rounds > 1 ? `Mean return, last ${rounds} rounds` : "Mean return, last round";
  return {
    label,
    value: percent(own, 1, true),
    hold: percent(hold, 1, true),
    against: points(own === null || hold === null ? null : own - hold),
  };
}

function ahead(state) {
  const { ahead: counts = [], alive, rounds } = state.curves;
  const label = "Agents ahead of hold";
  const now = counts.at(-1) ?? null;
  // of many rounds not each is a point of its own
  const before = rounds.at(-2) === rounds.at(-1) - 1 ? (counts.at(-2) ?? null) : null;
  if (now === null) return { label, value: "–" };
  return {
    label,
    value: whole(now),
    unit: `of ${whole(alive.at(-1))}`,
    note: before === null ? "" : `${whole(before)} the round before`,
  };
}

function deepest({ measures, baselines }) {
  const down = (values) => {
    const value = values?.at(-1) ?? null;
    return percent(value === null ? null : -value, 1);
  };
  return {
    label: "Median deepest fall",
    value: down(measures.max_drawdown?.median),
    hold: down(baselines.max_drawdown?.buy_and_hold),
  };
}

/** Of 100 that trades earned at mid prices, what their costs took. */
function costs(sheet) {
  const label = "Costs took";
  const [gross, ...taken] = sheet?.steps ?? [];
  if (!gross) return { label, value: "–" };
  if (gross.amount <= 0) return { label, value: "–", note: "nothing was earned before costs" };
  const share = (amount) => Math.round((-100 * amount) / gross.amount);
  const all = share(taken.reduce((sum, { amount }) => sum + amount, 0));
  const largest = taken
    .filter(({ amount }) => share(amount) > 0)
    .sort((a, b) => a.amount - b.amount)
    .slice(0, 3);
  return {
    label,
    ...(all < FAR
      ? { value: whole(all), unit: "of 100 earned" }
      : { value: whole(all / 100), unit: "times" }),
    note:
      all < FAR
        ? largest.map(({ name, amount }) => `${name} ${whole(share(amount))}`).join(", ")
        : "what was earned before them",
  };
}

/** Draws the five fittest that have lived long enough; choose(number) picks one. */
export function renderFittest(now, chosen, past, choose) {
  figure("fittest-when", past ? ` in round ${now.round}` : "");
  figure("living", whole(ranked(now).length));
  const rows = proved(now)
    .filter(({ fitness }) => fitness !== null)
    .slice(0, FIVE);
  one("#fittest tbody").replaceChildren(
    ...(rows.length ? rows.map((agent) => line(agent, now, chosen, choose)) : [nobody(now)]),
  );
  const { fitness } = standing(now.curves, "buy_and_hold", null);
  one("#fittest tfoot").replaceChildren(
    ...(now.curves.rounds.length
      ? [
          el(
            "tr",
            {},
            el("th", { scope: "row", class: "hold" }, "buy and hold"),
            el("td", {}, number(fitness, 3)),
            el("td", { colspan: 3 }),
          ),
        ]
      : []),
  );
}

function line(agent, now, chosen, choose) {
  const cells = [
    number(agent.fitness, 3),
    whole(now.round - agent.birth_round + 1),
    number(agent.trust, 0),
    whole(agent.scar_count),
  ];
  return agentRow(agent.number, chosen, choose, [
    el("th", { scope: "row" }, agentButton(agent.number, choose)),
    ...cells.map((cell) => el("td", {}, cell)),
  ]);
}

const nobodyFit = (now) =>
  ranked(now).length ? "No agent has a fitness yet: it takes a round." : "No agent is alive.";

function nobody(now) {
  const text = now.agents.size
    ? nobodyFit(now)
    : "The founders are born when the experiment starts.";
  return el("tr", {}, el("td", { colspan: 5, class: "empty" }, text));
}

/**
 * Firsts that the curves tell of: [{round, kind, text}]; of the mean agent as the chart draws it,
 * for a single window may be luck.
 */
export function firstsOf(curves) {
  const { mean: means, worst } = relativeOf(curves);
  const first = (values, who) => {
    const place = values.findIndex((value) => value > 0);
    const text = `${who} was ahead of hold for the first time`;
    return place < 0 ? [] : [{ round: curves.rounds[place], kind: "ahead", text }];
  };
  const overPass = smoothed(means, widthOf(curves.reused));
  return [...first(overPass, "The mean agent"), ...first(worst, "Every agent")];
}

/** Draws marks and firsts up to the round that is shown, newest first. */
export function renderMattered(now, marks) {
  const found = [...marks, ...firstsOf(now.curves), ...champion(now)]
    .filter(({ round }) => round <= (now.round ?? -1))
    .sort((a, b) => b.round - a.round)
    .slice(0, MOST);
  one("#mattered").replaceChildren(
    ...(found.length ? found.map(item) : [el("li", { class: "fine" }, waiting(now))]),
  );
}

function champion({ evaluations }) {
  const row = evaluations.findLast(({ subject, agent }) => subject === "champion" && agent);
  return row
    ? [{ round: row.after_round, kind: "champion", text: `Agent ${row.agent} is the champion` }]
    : [];
}

const item = ({ kind, text, round }) =>
  el(
    "li",
    { class: `event-${kind}` },
    icon(ICONS[kind] ?? "other"),
    el("span", {}, text[0].toUpperCase() + text.slice(1)),
    el("span", { class: "fine" }, `round ${round}`),
  );

const ROUTINE = "Routine births and deaths are in the log.";
const waiting = (now) =>
  now.curves.rounds.length
    ? `Nothing out of the ordinary so far. ${ROUTINE}`
    : `Alarms, champions, heavy losses and your own edits will stand here. ${ROUTINE}`;
