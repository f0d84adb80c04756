// A button beside each chart that shows the same as a table.

import { all, el, icon, one } from "./dom.js";

// rows of a table at most: the last ones
export const MOST = 1000;
const tables = new WeakMap();

/** Offers `table()`, {head, rows} of texts, beside `chart`; the newest is the one that is shown. */
export function offerTable(chart, table) {
  const isNew = !tables.has(chart);
  tables.set(chart, table);
  if (!isNew) return;
  const title = titleOf(chart);
  if (!title) return;
  const button = el(
    "button",
    {
      type: "button",
      class: "quiet as-table",
      "aria-haspopup": "dialog",
      click: () => open(title.textContent.trim(), tables.get(chart)()),
    },
    "Table",
    el("span", { class: "visually-hidden" }, ` of ${title.textContent.trim()}`),
  );
  if (title.parentElement.matches("header")) title.parentElement.append(button);
  else title.before(button);
}

/** The heading that is nearest to a chart. */
function titleOf(chart) {
  for (let around = chart.parentElement; around; around = around.parentElement) {
    const [title] = all("h2, h3", around);
    if (title) return title;
  }
  return null;
}

function open(title, { head, rows }) {
  const dialog = one("#as-table") ?? document.body.appendChild(made());
  const shown = rows.slice(-MOST);
  one("h2", dialog).textContent = title;
  one("p", dialog).textContent =
    rows.length > MOST ? `The last ${MOST} of ${rows.length} rows.` : "";
  one("table", dialog).replaceChildren(
    el("thead", {}, el("tr", {}, ...head.map((text) => el("th", { scope: "col" }, capital(text))))),
    el("tbody", {}, ...shown.map(line)),
  );
  dialog.showModal();
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);
const line = ([first, ...rest]) =>
  el("tr", {}, el("th", { scope: "row" }, first), ...rest.map((text) => el("td", {}, text)));

function made() {
  const close = el("button", { class: "quiet square", "aria-label": "Close" }, icon("close"));
  return el(
    "dialog",
    { id: "as-table", "aria-labelledby": "as-table-h" },
    el("header", {}, el("h2", { id: "as-table-h" }), el("form", { method: "dialog" }, close)),
    el("p", { class: "fine" }),
    el(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "as-table-h" },
      el("table"),
    ),
  );
}
