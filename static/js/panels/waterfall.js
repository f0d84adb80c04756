// From gross to net on the live page: a table with a row for all agents and one for each line of
// descent, and a chart of the chosen row.

import { el, figure, one, show } from "../shared/dom.js";
import { money, whole } from "../shared/format.js";
import { paint } from "../shared/paint.js";

const ALL = "all";
const OTHERS = "others";

/**
 * The panel: load(round) shows how it stood at the close of that round once the panel is in sight,
 * paint() draws it in today's colours, pick(founder) draws one line of descent, null all agents;
 * `tell(founder)` is called where a row is clicked.
 */
export function waterfallPanel(url, colours, tell = () => {}) {
  const target = one("#waterfall");
  let answer = null;
  let wanted = null;
  let shown = null;
  let inSight = false;
  let chosen = ALL;

  async function load(round) {
    wanted = round;
    if (!inSight || wanted === shown) return;
    shown = wanted;
    const response = await fetch(`${url}?round=${round}`).catch(() => null);
    if (round !== wanted) return;
    if (!response?.ok) {
      shown = null;
      return;
    }
    answer = await response.json();
    paintSheet();
  }

  function paintSheet() {
    if (!answer) return;
    const rows = waterfallRows(answer);
    const row = rows.find(({ key }) => key === chosen) ?? rows[0];
    const traded = answer.total.trades > 0;
    figure("waterfall-whose", row.title);
    show(one("#waterfall-table"), traded);
    paint(target, { sheet: row, palette: colours() });
    if (!traded) return;
    one("#waterfall-table thead").replaceChildren(heading(answer.steps));
    one("#waterfall-table tbody").replaceChildren(
      ...rows.map((each) => line(each, each === row, choose)),
    );
  }

  function choose(key) {
    chosen = key;
    paintSheet();
    tell(/^\d+$/.test(key) ? Number(key) : null);
  }

  function pick(founder) {
    if ((founder === null && !/^\d+$/.test(chosen)) || String(founder) === chosen) return;
    chosen = founder === null ? ALL : String(founder);
    paintSheet();
  }

  new IntersectionObserver(([entry]) => {
    inSight = entry.isIntersecting;
    if (wanted !== null) load(wanted);
  }).observe(target);
  return { load, paint: paintSheet, pick };
}

/**
 * Rows {key, title, trades, steps, net} of the answer: the whole, then the largest lines, then all
 * others as one.
 */
export function waterfallRows({ total, lines, others }) {
  const rows = [
    { ...total, key: ALL, title: "all agents" },
    ...lines.map((each) => ({
      ...each,
      key: String(each.founder),
      title: `line of agent ${each.founder}`,
    })),
  ];
  return others
    ? [
        ...rows,
        {
          ...others,
          key: OTHERS,
          title: `${whole(others.lines)} other line${others.lines === 1 ? "" : "s"}`,
        },
      ]
    : rows;
}

function heading(steps) {
  const names = [
    "Whose",
    "Traders",
    "Trades",
    ...steps.map((name) => name[0].toUpperCase() + name.slice(1)),
    "Net profit",
  ];
  return el("tr", {}, ...names.map((name) => el("th", { scope: "col" }, name)));
}

function line(row, isChosen, choose) {
  const pick = (event) => {
    event.stopPropagation();
    choose(row.key);
  };
  const title = el(
    "button",
    { type: "button", class: "link", click: pick, "aria-pressed": String(isChosen) },
    row.title,
  );
  const amounts = row.steps.map(({ amount }) => el("td", {}, money(amount)));
  const net = el(
    "td",
    { "data-tone": row.net > 0 ? "gain" : row.net < 0 ? "loss" : null },
    money(row.net),
  );
  return el(
    "tr",
    { class: isChosen ? "is-chosen" : null, click: () => choose(row.key) },
    el("th", { scope: "row" }, title),
    el("td", {}, whole(row.agents)),
    el("td", {}, whole(row.trades)),
    ...amounts,
    net,
  );
}
