// The hall of fame: the fittest agents that ever lived, the dead among them.

import { rulesOf, standing } from "../shared/baselines.js";
import { el, one } from "../shared/dom.js";
import { number, whole, words } from "../shared/format.js";
import { ruled } from "../shared/rules.js";
import { agentButton, agentRow } from "./rows.js";

/** Draws the table of `state.hall`; choose(number) opens an agent. */
export function renderHall(state, chosen, choose) {
  const rows = state.hall.map((agent, i) => line(agent, i + 1, chosen, choose));
  one("#hall tbody").replaceChildren(
    ...(rows.length
      ? rows
      : [el("tr", {}, el("td", { colspan: 6, class: "empty" }, "Nobody has a fitness yet."))]),
  );
  one("#hall tfoot").replaceChildren(
    ...(state.hall.length
      ? rulesOf(state.curves).map(([key, look]) => rule(state, key, look.name))
      : []),
  );
}

/** What a rule's fitness is now. */
function rule(state, key, name) {
  const { fitness } = standing(state.curves, key, state.experiment.endowment ?? null);
  return el(
    "tr",
    {},
    el("td", {}, ""),
    el("th", { scope: "row" }, name),
    el("td", {}, number(fitness, 4)),
    el("td", { colspan: 3 }, ""),
  );
}

function line(agent, place, chosen, choose) {
  const cells = [
    whole(place),
    agentButton(agent.number, choose),
    number(agent.fitness, 4),
    whole(agent.generation),
    whole(agent.rounds),
  ];
  return agentRow(agent.number, chosen, choose, [
    ...cells.map((cell) => el("td", {}, cell)),
    el("td", {}, ...fateCell(fate(agent))),
  ]);
}

/** What became of an agent: {rule that says more, text, when}. */
export function fate(agent) {
  if (agent.death_round === null) return { rule: "alive", text: "alive", when: "" };
  return { rule: agent.state, text: words(agent.state), when: `, round ${agent.death_round}` };
}

const fateCell = ({ rule, text, when }) => [ruled(rule, text), when];
