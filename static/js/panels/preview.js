// What the server understood of an uploaded file, or what is wrong with it and where.

import { el } from "../shared/dom.js";
import { significant, whole } from "../shared/format.js";

const MOST_TRIED = 6;
const COLUMNS = ["time", "open", "high", "low", "close", "volume"];

/** Elements that tell an answer with ok = true. */
export function renderPreview(answer, name) {
  return [
    el("h3", {}, `${name}: understood`),
    el("ul", {}, ...answer.understood.map((text) => el("li", {}, text))),
    facts(answer),
    el("p", {}, gapsInWords(answer)),
    table(answer.head, "First bars"),
    table(answer.tail, "Last bars"),
  ];
}

function facts(answer) {
  const columns = Object.entries(answer.columns)
    .map(([ours, theirs]) => (ours === theirs ? ours : `${ours} from ${theirs}`))
    .join(", ");
  const terms = [
    ["Bars", whole(answer.rows)],
    ["From", utc(answer.first)],
    ["To", utc(answer.last)],
    ["One bar", answer.timeframe],
    [
      "Lowest to highest price",
      `${significant(answer.range.low, 7)} to ${significant(answer.range.high, 7)}`,
    ],
    ["Columns read", columns],
    ["Trades", answer.calendar || "too little to tell"],
    ["Zone", answer.zone],
    ["Volume", answer.volume || "none"],
  ];
  return el(
    "dl",
    { class: "facts" },
    ...terms.map(([term, text]) => el("div", {}, el("dt", {}, term), el("dd", {}, text))),
  );
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
  const body = rows.map((row) =>
    el(
      "tr",
      {},
      ...COLUMNS.map((key) =>
        el("td", {}, key === "time" ? utc(row.time) : significant(row[key], 8)),
      ),
    ),
  );
  return el(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    el(
      "table",
      {},
      el("caption", {}, caption),
      el("thead", {}, el("tr", {}, ...head)),
      el("tbody", {}, ...body),
    ),
  );
}

/** What may be chosen for a role: by itself, as the answer found it, or any heading of the file. */
export function columnChoices(role, { headings, columns }) {
  const found = columns?.[role];
  const without = role === "volume" ? [{ value: "none", text: "none: there is no volume" }] : [];
  return [
    { value: "", text: found ? `by itself: ${found}` : "by itself" },
    ...without,
    ...headings.map((heading) => ({ value: heading, text: heading })),
  ];
}

/** Elements that tell an answer with ok = false: every problem with its place. */
export function renderError(answer, name) {
  const problems = answer.problems ?? [];
  if (problems.length < 2)
    return [el("h3", {}, `${name} cannot be used${place(answer)}`), el("p", {}, answer.error)];
  const items = problems.map((problem) =>
    el("li", {}, `${placeOf({ ...problem, unit: answer.unit })}: ${problem.text}`),
  );
  return [
    el("h3", {}, `${name} cannot be used: ${problems.length} problems`),
    el("ul", {}, ...items),
  ];
}

/**
 * Elements for an answer that asks: a button for each choice, with the bars it makes where it was
 * tried; `choose(value)` on a click.
 */
export function renderAsk({ ask, problems }, name, choose) {
  const tried = new Map(ask.readings.map((reading) => [reading.value, reading]));
  const all = Object.keys(ask.choices);
  // of a few answers each was tried, and one that makes no bars is none; of many the first ones
  // were
  const values = all.filter((value) => !tried.size || tried.has(value) || all.length > MOST_TRIED);
  return [
    el("h3", {}, `${name}: one question`),
    el("p", {}, capital(problems[0].text)),
    el(
      "div",
      { class: "choices" },
      ...values.map((value) => choice(value, ask, tried.get(value), choose)),
    ),
  ];
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function choice(value, ask, reading, choose) {
  const likely = value === ask.guess && Object.keys(ask.choices).length > 1 ? " (likely)" : "";
  const button = el(
    "button",
    { type: "button", class: "button", "data-value": value },
    `${ask.choices[value]}${likely}`,
  );
  button.addEventListener("click", () => choose(value));
  if (!reading) return el("div", { class: "choice" }, button);
  const stretch = `${whole(reading.rows)} bars of ${reading.timeframe}, ${utc(reading.first)} to ${utc(reading.last)}`;
  return el(
    "div",
    { class: "choice" },
    button,
    el("p", { class: "fine" }, stretch),
    table(reading.head, "First bars"),
    table(reading.tail, "Last bars"),
  );
}

/** ": line 7, column high" as far as it is known. */
export function place(problem) {
  const text = placeOf(problem);
  return text ? `: ${text}` : "";
}

function placeOf({ line, column, unit = "line" }) {
  return [line ? `${unit} ${line}` : "", column ? `column ${column}` : ""]
    .filter(Boolean)
    .join(", ");
}
