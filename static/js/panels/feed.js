// What happened, newest first, and what people did: two lists of plain words with an icon.

import { el, icon, one } from "../shared/dom.js";
import { words } from "../shared/format.js";
import { RULE_OF, ruled } from "../shared/rules.js";

const SHOWN = 100;
const ICONS = {
  birth: "birth",
  immigrant: "immigrant",
  death: "death",
  scar: "scar",
  alarm: "alarm",
  swan: "swan",
  intervention: "intervention",
};
const LABELS = {
  birth: "Birth",
  immigrant: "Immigrant",
  death: "Death",
  scar: "Scar",
  alarm: "Alarm",
  swan: "Black swan",
  intervention: "Intervention",
};

/**
 * Draws the feed of `state`; `filter` is "" for everything or one kind; choose(number) opens an
 * agent.
 */
export function renderFeed(state, filter, choose) {
  const items = state.feed.filter((item) => !filter || item.kind === filter).slice(0, SHOWN);
  const list = one("#feed");
  list.replaceChildren(
    ...(items.length
      ? items.map((item) => event(item, choose))
      : [el("li", { class: "empty" }, waiting(state, filter))]),
  );
}

function waiting(state, filter) {
  if (filter) return `No ${(LABELS[filter] ?? filter).toLowerCase()} so far.`;
  return state.curves.rounds.length
    ? "Nothing happened yet."
    : "Waiting for the first round: births, deaths and scars appear here.";
}

function event(item, choose) {
  const kind = LABELS[item.kind] ?? words(item.kind);
  const label =
    item.kind in RULE_OF
      ? ruled(item.kind, kind, "kind word")
      : el("span", { class: "kind" }, kind);
  const who =
    item.agent === null
      ? null
      : el(
          "button",
          {
            type: "button",
            class: "link",
            click: () => choose(item.agent),
            "data-agent": item.agent,
          },
          `agent ${item.agent}`,
        );
  return el(
    "li",
    { class: `event event-${ICONS[item.kind] ?? "other"}` },
    icon(ICONS[item.kind] ?? "other"),
    el(
      "div",
      {},
      el(
        "p",
        { class: "event-head" },
        label,
        who,
        el(
          "span",
          { class: "round" },
          item.round === null || item.round < 0 ? "" : `round ${item.round}`,
        ),
      ),
      el("p", {}, item.text),
    ),
  );
}

/** undo(row) is called for a change of a living agent that is to be set back; null: it cannot be. */
export function renderInterventions(state, undo = null) {
  const rows = state.interventions.map((row) =>
    el(
      "li",
      { class: "event event-intervention" },
      icon("intervention"),
      el(
        "div",
        {},
        el(
          "p",
          { class: "event-head" },
          el("span", { class: "kind" }, subject(row)),
          el("span", { class: "round" }, `from round ${row.effective_round}`),
        ),
        el("p", {}, change(row)),
        row.reason ? el("p", {}, `“${row.reason}”`) : null,
        el("p", { class: "fine" }, `${row.who ?? "someone"}, ${when(row.at)}`),
        undo && mayUndo(row, state) ? undoButton(row, undo) : null,
      ),
    ),
  );
  one("#interventions").replaceChildren(
    ...(rows.length ? rows : [el("li", { class: "empty" }, "Nobody has intervened.")]),
  );
}

/** Whether its agent lives and nothing was changed at the same trait since. */
function mayUndo(row, { agents, interventions }) {
  const later = interventions.slice(0, interventions.indexOf(row));
  const again = later.some(({ agent, field }) => agent === row.agent && field === row.field);
  return row.field !== "retire" && !again && agents.get(row.agent)?.state === "active";
}

function undoButton(row, undo) {
  const click = ({ currentTarget: button }) => {
    button.disabled = true;
    undo(row);
  };
  return el("button", { type: "button", class: "button small", click }, "Undo");
}

const subject = (row) => (row.agent === null ? "Experiment" : `Agent ${row.agent}`);
const change = (row) => `${words(row.field)}: ${row.before || "–"} → ${row.after || "–"}`;
const when = (iso) => `${String(iso).slice(0, 16).replace("T", " ")} UTC`;
