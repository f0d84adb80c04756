// What an experiment has come to: verdict or state in words of the server, the questions asked, and
// four figures, each beside that of buy and hold.

import { el, figure, icon, one } from "../shared/dom.js";

const ICONS = { wait: "wait", good: "ok", warn: "alarm", danger: "alarm" };
const PASSED = [
  [true, "yes", "ok", "passed"],
  [false, "no", "no", "not passed"],
  [null, "open", "wait", "open"],
];

/** Draws heading, sentence and questions; `warnings` in a few words stand behind the questions. */
export function renderAnswer({ tone, heading, text, checks }, warnings = []) {
  const title = one("#answer-h");
  title.dataset.tone = tone;
  one("svg", title).replaceWith(icon(ICONS[tone]));
  figure("answer", heading);
  figure("answer-text", text);
  one("#checks").replaceChildren(...checks.map(check), ...warnings.map(warning));
}

function check({ passed, text }) {
  const [, word, look, said] = PASSED.find(([each]) => each === passed);
  return el(
    "li",
    { "data-passed": word },
    icon(look),
    el("span", { class: "visually-hidden" }, `${said}: `),
    text,
  );
}

const warning = (text) =>
  el(
    "li",
    { "data-passed": "warn" },
    icon("alarm"),
    el("span", { class: "visually-hidden" }, "to know: "),
    text,
  );

/** Draws figures {label, value, unit, note, hold, against, tone}. */
export function renderFigures(figures) {
  one("#figures").replaceChildren(...figures.map(shown));
}

function shown({ label, value, unit = "", note = "", hold = "", against = "", tone = "" }) {
  const better = /^[^\d]*0(\.0)?$/.test(against) ? "" : against.startsWith("+") ? "gain" : "loss";
  return el(
    "div",
    {},
    el("dt", {}, label),
    el(
      "dd",
      { class: "value", "data-tone": tone || null },
      value,
      unit ? el("small", {}, ` ${unit}`) : null,
    ),
    el(
      "dd",
      { class: "fine" },
      note,
      hold ? el("span", {}, note ? ", hold " : "hold ", el("b", { class: "hold" }, hold)) : null,
      against ? el("span", {}, ", ", el("b", { "data-tone": better || null }, against)) : null,
    ),
  );
}
