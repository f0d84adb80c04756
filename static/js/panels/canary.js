// The canary's button: asks the server whether anybody looks ahead, and shows its answer in words.

import { el, one } from "../shared/dom.js";

const FAILED = "The server did not answer; try again.";

/** What to show of an answer {sound, text, found} or {error}: {tone, text, found}. */
export function verdictOf(answer) {
  if (answer?.text === undefined)
    return { tone: "error", text: answer?.error ?? FAILED, found: [] };
  return { tone: answer.sound ? "success" : "error", text: answer.text, found: answer.found ?? [] };
}

/** Makes the button of the card `root` (null: none on this page) ask data-url. */
export function canaryPanel(root) {
  if (!root) return;
  const [button, said] = [one("button", root), one("[data-said]", root)];
  button.addEventListener("click", async () => {
    button.disabled = true;
    said.className = "note";
    said.replaceChildren(el("p", {}, "Playing again with other futures, a few seconds \u2026"));
    const { tone, text, found } = verdictOf(await ask(root.dataset.url));
    said.className = `note note-${tone}`;
    said.replaceChildren(
      el("p", {}, text),
      ...(found.length ? [el("ul", {}, ...found.map((sentence) => el("li", {}, sentence)))] : []),
    );
    button.disabled = false;
  });
}

async function ask(url) {
  const response = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
  return response
    ? response.json().catch(() => ({ error: `The server answered ${response.status}.` }))
    : null;
}
