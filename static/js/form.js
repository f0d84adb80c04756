// The form of a new experiment: presets fill it, only the fields of the chosen market show, and an upload is read back before it is sent.

import { all, el, one } from "./dom.js";
import { columnChoices, renderError, renderPreview } from "./panels/preview.js";

const form = one("#experiment-form");
const presets = JSON.parse(form.dataset.presets || "{}");
const defaults = new Map([...form.elements].filter((input) => input.name).map((input) => [input.name, valueOf(input)]));
const KEPT = new Set(["name", "upload", "csrfmiddlewaretoken", ...["time", "open", "high", "low", "close", "volume"].map((role) => `column_${role}`)]);
// only then does the page stand at its defaults, which a preset starts from; otherwise the link asks the server
const PRISTINE = !window.location.search && !one(".has-errors");

function valueOf(input) {
  return input.type === "checkbox" ? input.checked : input.value;
}

function setValue(input, value) {
  if (input.type === "checkbox") input.checked = value === true || value === "true";
  else if (input.type !== "file") input.value = String(value);
}

/** A preset resets every other field to what the page came with, but never the name or the file. */
function usePreset(name) {
  for (const input of form.elements) {
    if (!input.name || KEPT.has(input.name)) continue;
    const value = presets[name][input.name] ?? defaults.get(input.name);
    setValue(input, value);
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
  for (const field of all("[data-kinds]")) field.hidden = !field.dataset.kinds.split(" ").includes(kind);
  for (const section of all("details.section")) section.hidden = all(".field", section).every((field) => field.hidden);
  const preview = one("#preview");
  if (preview) preview.hidden = one('[data-field="upload"]').hidden || !preview.childElementCount;
}

async function preview(file) {
  const box = one("#preview");
  box.hidden = false;
  box.classList.remove("is-error");
  box.replaceChildren(el("p", {}, `Reading ${file.name} …`));
  const answer = await read(file);
  box.classList.toggle("is-error", !answer.ok);
  box.replaceChildren(...(answer.ok ? renderPreview(answer, file.name) : renderError(answer, file.name)));
  offerColumns(answer);
  fileBars = answer.ok ? answer.rows : null;
  askRoom();
}

// of the file that was read back last
let fileBars = null;
let asked = 0;

/** Says what the chosen series has no room for, as the form stands. */
async function askRoom() {
  const turn = (asked += 1);
  const body = new FormData(form);
  body.delete("upload");
  const bars = form.elements.upload?.files.length && fileBars ? `?bars=${fileBars}` : "";
  const response = await fetch(form.dataset.roomUrl + bars, { method: "POST", body }).catch(() => null);
  const answer = await response?.json().catch(() => null);
  if (turn !== asked) return;
  const box = one("#room");
  box.textContent = answer?.text ?? "";
  box.hidden = !box.textContent;
}

const columnFields = () => [...form.elements].filter((input) => input.name.startsWith("column_"));

/** The headings of the file become choices; the section opens where one of them has to be made. */
function offerColumns(answer) {
  if (!answer.headings?.length) return;
  for (const input of columnFields()) {
    const role = input.name.slice("column_".length);
    const options = columnChoices(role, answer).map(({ value, text }) => el("option", { value, selected: value === input.value }, text));
    const select = el("select", { name: input.name, id: input.id, "aria-describedby": `${input.id}_help` }, ...options);
    select.addEventListener("change", () => preview(form.elements.upload.files[0]));
    input.replaceWith(select);
  }
  const section = one("#columns");
  if (!answer.ok && section) section.open = true;
}

async function read(file) {
  const body = new FormData();
  body.append("file", file);
  for (const input of columnFields()) body.append(input.name, input.value);
  const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  const response = await fetch(form.dataset.previewUrl, { method: "POST", body, headers }).catch(() => null);
  if (!response) return { ok: false, error: "The server did not answer; try again." };
  const json = await response.json().catch(() => null);
  return json ?? { ok: false, error: `The server refused the file (${response.status}).` };
}

for (const link of all("[data-preset]")) {
  link.addEventListener("click", (event) => {
    if (!PRISTINE || !presets[link.dataset.preset]) return;
    event.preventDefault();
    usePreset(link.dataset.preset);
  });
}
for (const input of all("input, select", form)) {
  const help = one(`#${CSS.escape(input.id)}_help`);
  if (input.id && help) input.setAttribute("aria-describedby", help.id);
}
form.elements.market__kind?.addEventListener("change", showFieldsOfMarket);
form.addEventListener("change", (event) => { if (event.target.name !== "upload") askRoom(); });
form.elements.upload?.addEventListener("change", (event) => {
  for (const input of columnFields()) input.value = "";
  if (event.target.files[0]) preview(event.target.files[0]);
});
showFieldsOfMarket();
askRoom();
