// The list of experiments: ticks and the bar that stands for them, folded groups, and rows that
// change as the server says they did.

import { all, el, figure, one, show } from "../shared/dom.js";
import { since } from "../shared/format.js";
import { lettersWork } from "../shared/keys.js";
import { connect, socketUrl } from "../stream/socket.js";

const MOST_COMPARED = 20;
const AGES_MS = 30_000;
const KEYS = { "/": "search", x: "tick", c: "compare" };
const TYPED = /^(SELECT|TEXTAREA)$/;
const form = one("#chosen");
const boxes = () => all("input[name=e]", form);
const changes = new Set();
let last = null;

const isShown = (box) => !box.closest("tr").hidden;

/** The bar and the boxes of groups and page, after what is ticked. */
function tell() {
  const ticked = boxes().filter((box) => box.checked);
  show(one("#deeds"), ticked.length > 0);
  show(one("#none"), ticked.length > 0);
  one("#count").textContent = `${ticked.length} chosen`;
  const compare = one("[data-compare]");
  compare.disabled = ticked.length < 2 || ticked.length > MOST_COMPARED;
  compare.title = compare.disabled ? `Choose 2 to ${MOST_COMPARED} to compare them` : "";
  for (const box of all("[data-all]", form)) mark(box, membersOf(box.dataset.all));
  mark(one("#all"), boxes());
}

const membersOf = (key) => all(`tr[data-of="${key}"] input[name=e]`, form);

function mark(box, those) {
  const ticked = those.filter((each) => each.checked).length;
  box.checked = those.length > 0 && ticked === those.length;
  box.indeterminate = ticked > 0 && ticked < those.length;
}

function tick(those, on) {
  for (const box of those) box.checked = on;
  tell();
}

/** With shift all between the last box that was ticked and this one. */
function stretch(box) {
  const shown = boxes().filter(isShown);
  const [from, to] = [shown.indexOf(last), shown.indexOf(box)].sort((a, b) => a - b);
  if (from >= 0) tick(shown.slice(from, to + 1), box.checked);
}

function clicked(event) {
  const box = event.target.closest("input[type=checkbox]");
  const fold = event.target.closest("[data-fold]");
  if (fold) toggle(fold);
  if (!box) return;
  if (box.id === "all") tick(boxes(), box.checked);
  else if (box.dataset.all) tick(membersOf(box.dataset.all), box.checked);
  else {
    if (event.shiftKey) stretch(box);
    last = box;
    tell();
  }
}

/** Shows the seeds of a group, or folds them away. */
function toggle(fold, open = fold.getAttribute("aria-expanded") !== "true") {
  fold.setAttribute("aria-expanded", String(open));
  for (const row of all(`tr[data-of="${fold.dataset.fold}"]`, form)) row.hidden = !open;
}

/** Writes into a row what changed of it; what did not is left as it is. */
export function write(row, given) {
  for (const [name, text] of Object.entries(given.cells)) figure(name, text, row);
  set(one(".pill", row), "data-state", given.state);
  const bar = one("progress", row);
  // a run that is whole has no bar
  if (bar && given.percent < 100) set(bar, "value", String(given.percent));
  else bar?.remove();
  set(one("[data-figure=sample]", row), "data-tone", given.tones.sample);
  set(one("[data-figure=verdict]", row), "data-verdict", given.tones.verdict);
  const tags = one("[data-tags]", row);
  const words = given.cells.tags.split(" ").filter(Boolean);
  const standing = all(".tag", tags).map((tag) => tag.textContent);
  if (words.join(" ") !== standing.join(" ")) tags.replaceChildren(...words.map(tagged));
}

const tagged = (tag) =>
  el("a", { class: "tag", href: `?tag=${encodeURIComponent(tag)}` }, tag);

function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/**
 * What the server says changed. Of what this page does not show, only what was made since counts:
 * the rest stands on other pages of the list, or was not asked for.
 */
export function heard({ rows, gone }) {
  for (const given of rows) {
    const row = one(`tr[data-row="${given.uuid}"]`, form);
    if (row && given.archived === isArchive()) write(row, given);
    else if (row) leave(row, given.uuid);
    else if (isNew(given)) changes.add(given.uuid);
  }
  for (const uuid of gone) {
    const row = one(`tr[data-row="${uuid}"]`, form);
    if (row) leave(row, uuid);
    else changes.delete(uuid);
  }
  offer();
}

const isArchive = () => form.dataset.archived === "yes";
const isNew = ({ archived, created }) =>
  archived === isArchive() && Date.parse(created) > Date.parse(form.dataset.made);

function leave(row, uuid) {
  row.classList.add("is-gone");
  const box = one("input[name=e]", row);
  box.checked = false;
  box.disabled = true;
  changes.add(uuid);
  tell();
}

/** Rows never jump under the pointer: a new order is a click. */
function offer() {
  const note = one("#changes");
  show(note, changes.size > 0);
  if (!changes.size) return;
  const many = changes.size === 1 ? "1 experiment" : `${changes.size} experiments`;
  note.replaceChildren(
    `${many} came or went. `,
    el("button", { type: "button", class: "link", click: () => window.location.reload() }, "Show"),
  );
}

function age() {
  const now = Date.now();
  for (const time of all("time[datetime]", form)) {
    const text = since(now - Date.parse(time.getAttribute("datetime")));
    if (text && text !== time.textContent) time.textContent = text;
  }
}

/** The box of the row that holds the focus. */
function boxInFocus() {
  const row = document.activeElement?.closest?.("tr[data-row]");
  return row && one("input[name=e]", row);
}

const deeds = {
  search: () => one("#q").focus(),
  tick: () => boxInFocus()?.click(),
  compare: () => one("[data-compare]").click(),
};

/** Whether a key is meant for the field that it is typed into. */
function isTyped({ target }) {
  if (TYPED.test(target.tagName)) return true;
  return target.tagName === "INPUT" && target.type !== "checkbox";
}

function pressed(event) {
  const { key } = event;
  if (!(key in KEYS) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyped(event) || !lettersWork()) return;
  deeds[KEYS[key]]();
  event.preventDefault();
}

/** A page that may not be seen any more says so by its status. */
async function ask() {
  const response = await fetch(window.location.href, { method: "HEAD" }).catch(() => null);
  return response?.status ?? null;
}

function listen() {
  connect(() => socketUrl(form.dataset.socket), {
    onMessages: (list) => {
      for (const { type, data } of list) if (type === "rows") heard(data);
    },
    onStatus: (status, words) => {
      one("#line").textContent = words;
      show(one("#line"), status === "offline");
    },
    ask,
  });
}

function attach() {
  form.addEventListener("click", clicked);
  window.addEventListener("keydown", pressed);
  one("#none").addEventListener("click", () => tick(boxes(), false));
  for (const select of all("#find select"))
    select.addEventListener("change", () => one("#find").requestSubmit());
  setInterval(age, AGES_MS);
  listen();
  tell();
}

if (form) attach();
