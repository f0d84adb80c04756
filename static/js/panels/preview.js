// What the server understood of an uploaded file, or what is wrong with it and where.

import { el } from "../dom.js";
import { significant, whole } from "../format.js";

const COLUMNS = ["time", "open", "high", "low", "close", "volume"];

/** Elements that tell an answer with ok = true. */
export function renderPreview(answer, name) {
  return [
    el("h3", {}, `${name}: understood`),
    el("ul", {}, ...answer.understood.map((text) => el("li", {}, text))),
    facts(answer),
    el("p", {}, gapsInWords(answer)),
    table(answer.head, "First bars"),
  ];
}

function facts(answer) {
  const columns = Object.entries(answer.columns).map(([ours, theirs]) => (ours === theirs ? ours : `${ours} from ${theirs}`)).join(", ");
  const terms = [
    ["Bars", whole(answer.rows)], ["From", utc(answer.first)], ["To", utc(answer.last)], ["One bar", answer.timeframe],
    ["Lowest to highest price", `${significant(answer.range.low, 7)} to ${significant(answer.range.high, 7)}`], ["Columns read", columns],
  ];
  return el("dl", { class: "facts" }, ...terms.map(([term, text]) => el("div", {}, el("dt", {}, term), el("dd", {}, text))));
}

/** "2022-03-01T00:00:00Z" -> "2022-03-01 00:00 UTC". */
export const utc = (iso) => `${String(iso).slice(0, 16).replace("T", " ")} UTC`;

/** How many gaps, and the first of them. */
export function gapsInWords({ gap_count: count, gaps }) {
  if (!count) return "No gaps.";
  const first = gaps.map((gap) => `${whole(gap.missing)} bars after ${utc(gap.after)}`).join(", ");
  return `${whole(count)} ${count === 1 ? "gap" : "gaps"}${gaps.length < count ? ", the first of them" : ""}: ${first}.`;
}

function table(rows, caption) {
  const head = COLUMNS.map((title) => el("th", { scope: "col" }, title));
  const body = rows.map((row) => el("tr", {}, ...COLUMNS.map((key) => el("td", {}, key === "time" ? utc(row.time) : significant(row[key], 8)))));
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body)));
}

/** What may be chosen for a role: by itself, as the answer found it, or any heading of the file. */
export function columnChoices(role, { headings, columns }) {
  const found = columns?.[role];
  return [{ value: "", text: found ? `by its heading: ${found}` : "by its heading" }, ...headings.map((heading) => ({ value: heading, text: heading }))];
}

/** Elements that tell an answer with ok = false. */
export function renderError(answer, name) {
  return [el("h3", {}, `${name} cannot be used${place(answer)}`), el("p", {}, answer.error)];
}

/** ": line 7, column high" as far as it is known. */
export function place({ line, column, unit = "line" }) {
  const parts = [line ? `${unit} ${line}` : "", column ? `column ${column}` : ""].filter(Boolean);
  return parts.length ? `: ${parts.join(", ")}` : "";
}
