// Small helpers for the page's elements: text is always set as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

export const one = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/**
 * An element with attributes (`class`, `data-x`, …; null leaves one out, a function listens) and
 * children (text or elements).
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** An icon of the sprite in base.html; decoration only, so words must stand beside it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/**
 * Writes `text` into every element marked data-figure="name"; leaves the page alone where nothing
 * changed.
 */
export function figure(name, text, root = document) {
  for (const element of all(`[data-figure="${name}"]`, root))
    if (element.textContent !== text) element.textContent = text;
}

export function show(element, visible) {
  if (element) element.hidden = !visible;
}

/**
 * A row of tab buttons, one a choice, for the panel that data-controls names; `choose(key)` is
 * called on a click or by the arrow keys.
 */
export function tabs(container, choices, chosen, choose) {
  const buttons = Object.entries(choices).map(([key, label]) =>
    el(
      "button",
      {
        type: "button",
        role: "tab",
        class: "tab",
        "data-key": key,
        "aria-controls": container.dataset.controls,
        click: () => pick(key),
      },
      label,
    ),
  );
  const pick = (key) => {
    mark(container, key);
    choose(key);
  };
  container.setAttribute("role", "tablist");
  container.replaceChildren(...buttons);
  container.addEventListener("keydown", (event) => step(event, buttons));
  mark(container, chosen);
}

/** Marks the tab `key` of `container` as the one that is shown. */
export function mark(container, key) {
  for (const button of all("[data-key]", container)) {
    const on = button.dataset.key === key;
    button.setAttribute("aria-selected", String(on));
    button.tabIndex = on ? 0 : -1;
  }
}

function step(event, buttons) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  const next =
    buttons[(buttons.indexOf(document.activeElement) + by + buttons.length) % buttons.length];
  next.focus();
  next.click();
}
