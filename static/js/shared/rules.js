// Words that lead to their rule: which anchor of the rulebook (docs/RULES.md) says what a word on a
// page means.

import { el } from "./dom.js";

export const RULE_OF = {
  alive: "life",
  fitness: "fitness",
  fittest: "fittest",
  trust: "trust",
  scars: "scars",
  equity: "equity",
  origin: "immigrants",
  birth: "inheritance",
  immigrant: "immigrants",
  death: "life",
  scar: "scars",
  alarm: "alarms",
  swan: "simulators",
  intervention: "interventions",
};

/**
 * `text` as a link to an anchor of the rulebook: a key of RULE_OF; or a tier, or a cause of death,
 * which are anchors themselves.
 */
export function ruled(word, text, look = "word") {
  const href = `${document.body.dataset.rules}#${RULE_OF[word] ?? word}`;
  return el("a", { class: look, href, click: (event) => event.stopPropagation() }, text);
}
