// A living agent is changed by the owner of its experiment: one trait, and why; each change can be
// undone, which is another change.

import { el, one, show } from "../shared/dom.js";
import { significant } from "../shared/format.js";

const NO_ANSWER = "The server did not answer; nothing was changed.";

/**
 * The form in `root`; `address(number)` gives the address of an agent's edits. of(number) is called
 * with the agent that is shown, null where it can no longer be changed.
 */
export function editPanel(root, address) {
  const form = one("form", root);
  const said = one("[data-said]", root);
  let number = null;
  let seen = null;

  async function read() {
    const asked = number;
    const found = await answer(address(asked));
    if (asked !== number) return;
    seen = found.error ? null : found;
    said.textContent = found.error ?? "";
    form.elements.field.replaceChildren(
      ...(seen?.fields ?? []).map(({ name, label }) => el("option", { value: name }, label)),
    );
    choose();
  }

  function choose() {
    const trait = seen?.fields.find(({ name }) => name === form.elements.field.value);
    if (!trait) return;
    form.elements.value.value = trait.value;
    one("[data-limits]", root).textContent =
      `${significant(trait.low)} to ${significant(trait.high)}`;
  }

  form.elements.field.addEventListener("change", choose);
  root.addEventListener("toggle", () => {
    if (root.open && number !== null) read();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const found = await sent(address(number), {
      field: form.elements.field.value,
      value: form.elements.value.value,
      reason: form.elements.reason.value,
      version: seen?.version ?? 0,
    });
    if (!found.error) form.elements.reason.value = "";
    await read();
    said.textContent = found.error ?? found.text;
  });

  return {
    of(shown) {
      show(root, shown !== null);
      if (shown === number) return;
      number = shown;
      root.open = false;
      said.textContent = "";
    },
  };
}

/** Sets what was changed back to what it was; the words of the answer. */
export async function undone(address, { field, before, after }) {
  const { version, error } = await answer(address);
  if (error) return error;
  const reason = `Undoes the change of ${field} to ${after}`;
  const found = await sent(address, { field, value: before, reason, version });
  return found.error ?? found.text;
}

function sent(address, values) {
  const token = one("[name=csrfmiddlewaretoken]").value;
  return answer(address, {
    method: "POST",
    headers: { "X-CSRFToken": token },
    body: new URLSearchParams(values),
  });
}

async function answer(address, asked = {}) {
  const headers = { Accept: "application/json", ...asked.headers };
  const response = await fetch(address, { ...asked, headers }).catch(() => null);
  const found = await response?.json().catch(() => null);
  return found ?? { error: NO_ANSWER };
}
