// The form of a new experiment: presets fill it, only the fields of the chosen market show, and an
// upload is read back before it is sent.

import { all, el, one } from "../shared/dom.js";
import { attachReading, READING } from "../panels/reading.js";

const form = one("#experiment-form");
const presets = JSON.parse(form.dataset.presets || "{}");
const defaults = JSON.parse(form.dataset.defaults || "{}");
// milliseconds without a key after which a person is taken to have typed a value
const TYPING = 400;
const KEPT = new Set(["name", "upload", "csrfmiddlewaretoken"]);
// what a person typed: a preset that has nothing to say of it leaves it alone
const typedIn = new Set();

/** Of a page that came back with errors: what is not as it was at first was typed, or chosen. */
function noteTyped() {
  if (!one(".has-errors") && !one(".problems")) return;
  const chosen = presets[one(".preset.is-active")?.dataset.preset] ?? {};
  for (const { name, value, type } of form.elements)
    if (name && type !== "checkbox" && value !== String(chosen[name] ?? defaults[name] ?? ""))
      typedIn.add(name);
}

function setValue(input, value) {
  if (input.type === "checkbox") input.checked = value === true || value === "true";
  else if (input.type !== "file") input.value = String(value);
}

/**
 * A preset sets its own fields and puts the others back to their defaults, but for what a person
 * typed, and never the name or the file.
 */
function usePreset(name) {
  for (const input of form.elements) {
    if (!input.name || KEPT.has(input.name) || READING.test(input.name)) continue;
    const own = presets[name][input.name];
    if (own === undefined && typedIn.has(input.name)) continue;
    setValue(input, own ?? defaults[input.name] ?? "");
  }
  for (const link of all("[data-preset]")) {
    const active = link.dataset.preset === name;
    link.classList.toggle("is-active", active);
    if (active) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  showFieldsOfMarket();
  askRoom();
}

function showFieldsOfMarket() {
  const kind = form.elements.market__kind?.value;
  for (const field of all("[data-kinds]"))
    field.hidden = !field.dataset.kinds.split(" ").includes(kind);
  for (const section of all("details.section"))
    section.hidden = all(".field", section).every((field) => field.hidden);
  const preview = one("#preview");
  if (preview) preview.hidden = one('[data-field="upload"]').hidden || !preview.childElementCount;
}

/** From a problem on top to its field, which may stand in a part that is closed. */
function goTo(event) {
  const field = one(`#${CSS.escape(event.target.getAttribute("href").slice(1))}`);
  if (!field) return;
  event.preventDefault();
  field.closest("details")?.setAttribute("open", "");
  field.focus();
}

// bars of the file that was read back last
let fileBars = null;
let asked = 0;

/** Puts beside each field why it asks for too much, and takes away what was said there before. */
function showProblems(problems) {
  for (const note of all(".too-much", form)) note.remove();
  for (const [name, text] of Object.entries(problems)) {
    const field = one(`[data-field="${CSS.escape(name)}"]`);
    if (!field) continue;
    field.append(el("p", { class: "field-error too-much", role: "alert" }, text));
    field.closest("details")?.setAttribute("open", "");
  }
}

/** Says what the chosen series has no room for, and what the run takes, as the form stands. */
async function askRoom() {
  const turn = (asked += 1);
  const body = new FormData(form);
  body.delete("upload");
  const bars = form.elements.upload?.files.length && fileBars ? `?bars=${fileBars}` : "";
  const response = await fetch(form.dataset.roomUrl + bars, { method: "POST", body }).catch(
    () => null,
  );
  const answer = await response?.json().catch(() => null);
  if (turn !== asked) return;
  const box = one("#room");
  box.textContent = answer?.text ?? "";
  box.hidden = !box.textContent;
  one("#extent").textContent = answer?.extent ?? "";
  showProblems(answer?.problems ?? {});
}

for (const link of all("[data-preset]")) {
  link.addEventListener("click", (event) => {
    if (!presets[link.dataset.preset]) return;
    event.preventDefault();
    usePreset(link.dataset.preset);
  });
}
for (const input of all("input, select", form)) {
  const help = one(`#${CSS.escape(input.id)}_help`);
  if (input.id && help) input.setAttribute("aria-describedby", help.id);
}
form.elements.market__kind?.addEventListener("change", showFieldsOfMarket);
let typed = 0;
form.addEventListener("change", (event) => {
  if (event.target.name !== "upload") askRoom();
});
form.addEventListener("input", ({ target }) => {
  if (target.name) typedIn.add(target.name);
  clearTimeout(typed);
  typed = setTimeout(askRoom, TYPING);
});
attachReading(form, (answer) => {
  fileBars = answer.ok ? answer.rows : null;
  askRoom();
});
for (const link of all(".problems a")) link.addEventListener("click", goTo);
noteTyped();
showFieldsOfMarket();
askRoom();
