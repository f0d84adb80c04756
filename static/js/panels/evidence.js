// What the run shows: champion, committee, median agent and baselines side by side, in its rounds,
// on all bars played and on the vault.

import { el, one } from "../shared/dom.js";
import { BASELINES } from "../figures/measures.js";
import { number, percent, whole } from "../shared/format.js";

const { committee, ...RULES } = Object.fromEntries(
  Object.entries(BASELINES).map(([key, look]) => [key, look.name]),
);
const NAMES = {
  ceiling: "best possible",
  champion: "champion",
  committee,
  median_agent: "median agent",
  ...RULES,
};
const ORDER = Object.keys(NAMES);

/**
 * Rows {subject, agent, lived, competition, out_of_sample} of the newest evaluation of each subject
 * and stretch.
 */
export function evidenceRows(evaluations) {
  const bySubject = new Map();
  for (const row of evaluations) {
    const entry = bySubject.get(row.subject) ?? { subject: row.subject, agent: row.agent };
    const older = entry[row.stretch];
    if (!older || older.after_round <= row.after_round)
      entry[row.stretch] = { ...row.figures, after_round: row.after_round };
    bySubject.set(row.subject, entry);
  }
  const rank = (subject) => (ORDER.indexOf(subject) + ORDER.length + 1) % (ORDER.length + 1);
  return [...bySubject.values()].sort((a, b) => rank(a.subject) - rank(b.subject));
}

/**
 * What share of the best possible growth was reached, "" where it is not known: log growth against
 * log growth on the vault.
 */
export function proofOf(rows) {
  const figures = (subject) => rows.find((row) => row.subject === subject)?.out_of_sample;
  const best = figures("ceiling");
  if (!best) return "";
  const bars = best.growth ? Math.log1p(best.return) / best.growth : 0;
  const usual = `the best policy returned ${percent(best.return, 1, true)} on the vault, ${percent(Math.expm1(best.expected_growth * bars), 1, true)} is usual for it`;
  const earned = figures("median_agent")?.return ?? null;
  if (earned === null || best.return <= 0) return `What can be earned here is known: ${usual}.`;
  return `What can be earned here is known: ${usual}. The median agent reached ${percent(Math.log1p(earned) / Math.log1p(best.return), 0)} of its growth.`;
}

export function renderEvidence(state) {
  const rows = evidenceRows(state.evaluations);
  one("#proof").textContent = proofOf(rows);
  one("#proof-note").hidden = !proofOf(rows);
  one("#evidence").hidden = rows.length === 0;
  one("#evidence tbody").replaceChildren(...rows.map(line));
}

function line(row) {
  const name = NAMES[row.subject] ?? row.subject;
  return el(
    "tr",
    { class: row.subject === "champion" ? "is-chosen" : null },
    el("th", { scope: "row" }, row.agent ? `${name} (agent ${row.agent})` : name),
    ...["lived", "competition", "out_of_sample"].flatMap((stretch) => cells(row[stretch])),
  );
}

function cells(figures) {
  const f = figures ?? {};
  return [
    percent(f.return, 1, true),
    number(f.sharpe, 4),
    percent(f.max_drawdown, 1),
    whole(f.trades),
  ].map((text) => el("td", {}, text));
}
