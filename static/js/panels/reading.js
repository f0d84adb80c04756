// A form with a file of prices: what the server understood of it is shown, what it asks is answered
// by a click, columns become choices.

import { el, one } from "../shared/dom.js";
import { columnChoices, renderAsk, renderError, renderPreview } from "./preview.js";

// fields that say how a file is read
export const READING = /^(column|read)_/;

/**
 * Show in #preview what is understood of the file of `form`, again whenever something is said of
 * how it is read; `heard` is called with each answer.
 */
export function attachReading(form, heard = () => {}) {
  form?.elements.upload?.addEventListener("change", (event) => {
    for (const input of fieldsOf(form)) input.value = "";
    if (event.target.files[0]) preview(form, heard);
  });
  form?.addEventListener("change", (event) => {
    if (READING.test(event.target.name) && form.elements.upload.files[0]) preview(form, heard);
  });
}

const fieldsOf = (form) => [...form.elements].filter((input) => READING.test(input.name));

async function preview(form, heard) {
  const [file] = form.elements.upload.files;
  const box = one("#preview");
  box.hidden = false;
  box.classList.remove("is-error", "is-question");
  box.replaceChildren(el("p", {}, `Reading ${file.name} …`));
  const answer = await read(form, file);
  if (form.elements.upload.files[0] !== file) return;
  box.classList.toggle("is-error", !answer.ok && !answer.ask);
  box.classList.toggle("is-question", Boolean(answer.ask));
  box.replaceChildren(...shown(form, answer, file.name, heard));
  offerColumns(form, answer);
  heard(answer);
}

function shown(form, answer, name, heard) {
  if (answer.ok) return [...renderPreview(answer, name), ...zoneOffer(form, answer)];
  if (!answer.ask) return renderError(answer, name);
  return renderAsk(answer, name, (value) => say(form, `read_${answer.ask.option}`, value, heard));
}

/** Times without a zone are read as UTC: one click leads to where their zone is named. */
function zoneOffer(form, answer) {
  if (!answer.zone.startsWith("none named")) return [];
  const button = el("button", { type: "button", class: "button" }, "They are local times");
  button.addEventListener("click", () => {
    one("#columns").open = true;
    form.elements.read_zone.focus();
  });
  return [el("p", {}, "No zone is named, so times are read as UTC. ", button)];
}

function say(form, name, value, heard) {
  const input = form.elements[name];
  if (!input) return;
  input.value = value;
  preview(form, heard);
}

/** The headings of the file become choices; the section opens where one of them has to be made. */
function offerColumns(form, answer) {
  if (!answer.headings?.length) return;
  for (const input of fieldsOf(form).filter(({ name }) => name.startsWith("column_"))) {
    const role = input.name.slice("column_".length);
    const options = columnChoices(role, answer).map(({ value, text }) =>
      el("option", { value, selected: value === input.value }, text),
    );
    input.replaceWith(
      el(
        "select",
        { name: input.name, id: input.id, "aria-describedby": `${input.id}_help` },
        ...options,
      ),
    );
  }
  const section = one("#columns");
  if (!answer.ok && !answer.ask && section) section.open = true;
}

async function read(form, file) {
  const body = new FormData();
  body.append("file", file);
  for (const input of fieldsOf(form)) body.append(input.name, input.value);
  const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
  const response = await fetch(form.dataset.previewUrl, { method: "POST", body, headers }).catch(
    () => null,
  );
  if (!response) return { ok: false, error: "The server did not answer; try again." };
  const json = await response.json().catch(() => null);
  return json ?? { ok: false, error: `The server refused the file (${response.status}).` };
}
