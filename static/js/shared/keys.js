// Single keys of the page of an experiment; a person may switch the letters off.

const KEPT = "letters";
const [BEFORE, AFTER] = [",<;", ".>:"];
const TYPED = /^(INPUT|SELECT|TEXTAREA)$/;

/** What an event asks for: {deed, …} of the table in parts/keys.html, or null. */
export function askedFor({ key, shiftKey, ctrlKey, metaKey, altKey }) {
  if (ctrlKey || metaKey || altKey) return null;
  if (key === "Escape") return { deed: "escape" };
  if (/^[1-7]$/.test(key)) return { deed: "tab", place: Number(key) - 1 };
  // with shift they are other letters, on every keyboard their own
  if (shiftKey && BEFORE.includes(key)) return { deed: "jump", by: -1 };
  if (shiftKey && AFTER.includes(key)) return { deed: "jump", by: 1 };
  if (key === "," || key === ".") return { deed: "step", by: key === "." ? 1 : -1 };
  if (key === "[" || key === "]") return { deed: "neighbour", by: key === "]" ? 1 : -1 };
  const deeds = { " ": "play", l: "live", L: "live", "?": "keys" };
  return key in deeds ? { deed: deeds[key] } : null;
}

/** Whether letters work: they do unless this browser was told otherwise. */
export function lettersWork(store = safely(() => window.localStorage)) {
  return safely(() => store.getItem(KEPT)) !== "off";
}

export function letLettersWork(on, store = safely(() => window.localStorage)) {
  safely(() => store.setItem(KEPT, on ? "on" : "off"));
}

// storage may be forbidden
function safely(work) {
  try {
    return work();
  } catch {
    return null;
  }
}

/**
 * Calls `deeds[deed](asked)` for each key that asks for something and is not typed into a field.
 */
export function listenForKeys(deeds, target = document) {
  target.addEventListener("keydown", (event) => {
    const asked = askedFor(event);
    if (!asked || event.defaultPrevented) return;
    if (asked.deed !== "escape" && (!lettersWork() || isTaken(event))) return;
    deeds[asked.deed]?.(asked);
    if (asked.deed !== "escape") event.preventDefault();
  });
}

/** A field takes what is typed, and a button the space bar. */
function isTaken({ target, key }) {
  if (TYPED.test(target.tagName) || target.isContentEditable) return true;
  return key === " " && target.closest?.("button, a, summary, [role=tab]");
}
