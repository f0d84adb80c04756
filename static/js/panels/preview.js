// What the server understood of an uploaded file, or what is wrong with it and where.

import { el } from "../dom.js";
import { duration, significant, whole } from "../format.js";

/** Elements that tell an answer with ok = true. */
export function renderPreview(answer, name) {
  return [
    el("h3", {}, `${name}: understood`),
    el("ul", {}, ...answer.understood.map((text) => el("li", {}, text))),
    facts(answer),
    gaps(answer.gaps),
    table(answer.head, "First bars"),
  ].filter(Boolean);
}

function facts(answer) {
  const columns = Object.entries(answer.columns).map(([ours, theirs]) => `${ours} ← ${theirs}`).join(", ");
  const terms = [
    ["Bars", whole(answer.rows)], ["From", answer.first], ["To", answer.last], ["One bar", duration(answer.timeframe_ms)],
    ["Lowest and highest price", answer.range.map((x) => significant(x, 7)).join(" to ")], ["Columns", columns],
  ];
  return el("dl", { class: "facts" }, ...terms.map(([term, text]) => el("div", {}, el("dt", {}, term), el("dd", {}, text))));
}

function gaps(found) {
  if (!found?.count) return el("p", {}, "No gaps.");
  const first = found.first.map((gap) => `${gap.start} (${whole(gap.missing)} bars)`).join(", ");
  return el("p", {}, `${whole(found.count)} gaps, ${whole(found.missing)} bars missing; the first: ${first}.`);
}

function table(rows, caption) {
  const head = ["time", "open", "high", "low", "close", "volume"].map((title) => el("th", { scope: "col" }, title));
  const body = rows.map((row) => el("tr", {}, ...row.map((value, i) => el("td", {}, i ? significant(value, 8) : String(value)))));
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body)));
}

/** Elements that tell an answer with ok = false. */
export function renderError(answer, name) {
  return [el("h3", {}, `${name} cannot be used${place(answer)}`), el("p", {}, answer.error)];
}

/** ": line 7, column high" as far as it is known. */
export function place({ line, column }) {
  const parts = [line ? `line ${line}` : "", column ? `column ${column}` : ""].filter(Boolean);
  return parts.length ? `: ${parts.join(", ")}` : "";
}
