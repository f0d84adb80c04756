// The champion's card in short: its verdict, what doubts are left, and its lines, each word leading
// to what it means.

import { el, one, show } from "../shared/dom.js";
import { newestOf } from "../shared/latest.js";

/** Fetches the card from `url` and shows it; an older answer never replaces a newer one. */
export const cardPanel = (url) => newestOf(url, render);

function render(card) {
  const verdict = one("#verdict");
  verdict.textContent = card.verdict;
  verdict.dataset.edge = String(card.edge);
  show(one("#champion-link"), card.agent !== null);
  show(one("#judge-again"), card.judgement.state === "failed");
  one("#doubts").replaceChildren(...card.reasons.map((reason) => el("li", {}, reason)));
  const lines = one("#card-lines");
  lines.replaceChildren(...card.lines.map((line) => row(line, lines.dataset.termsUrl)));
}

function row({ term, label, value, text }, terms) {
  return el(
    "div",
    {},
    el("dt", {}, el("a", { href: `${terms}#${term}` }, label)),
    el("dd", { class: "value" }, value),
    el("dd", { class: "fine" }, text),
  );
}
