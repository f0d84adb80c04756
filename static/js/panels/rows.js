// A row of a table that is about an agent: a click anywhere on it chooses the agent, and a button of
// its own does so by keyboard.

import { el } from "../shared/dom.js";

/** The agent's number as a button; choose(number) is called where it is pressed. */
export function agentButton(number, choose) {
  const pick = (event) => {
    event.stopPropagation();
    choose(number);
  };
  return el(
    "button",
    { type: "button", class: "link", click: pick, "data-agent": number },
    String(number),
  );
}

/** A row of `cells`, marked where it is of the `chosen` one. */
export function agentRow(number, chosen, choose, cells) {
  return el(
    "tr",
    { class: number === chosen ? "is-chosen" : null, click: () => choose(number) },
    ...cells,
  );
}
