// The chosen agent beside any part of the page: not modal, so that the bar of time stays free.

import { one, show } from "../shared/dom.js";

/**
 * The drawer in `root`. open(opener) shows it and moves the focus in, close() hides it and gives
 * the focus back to what opened it, or to what names the same agent where that was drawn anew;
 * `closed()` is called where a person closes it.
 */
export function drawer(root, closed) {
  let opener = null;

  // it hangs below the frame, wherever that stands while the page is scrolled
  const hang = () => {
    const below = one(".frame")?.getBoundingClientRect?.().bottom;
    if (below) root.style.setProperty("--at", `${below}px`);
  };

  function open(from) {
    hang();
    if (from && !root.contains?.(from))
      opener = { element: from, agent: from.dataset?.agent ?? null };
    show(root, true);
    if (from) root.focus({ preventScroll: true });
  }

  function close() {
    if (root.hidden) return;
    const had = root.contains?.(document.activeElement);
    show(root, false);
    if (had) back();
    opener = null;
  }

  /** A table is drawn anew with every pick: then its button for the same agent is meant. */
  function back() {
    const { element, agent } = opener ?? {};
    const again = agent && one(`.tab-page:not([hidden]) [data-agent="${agent}"]`);
    (element?.isConnected ? element : (again ?? one(".chosen [data-chip]")))?.focus();
  }

  for (const moved of ["scroll", "resize"])
    window.addEventListener(moved, () => root.hidden || hang(), { passive: true });
  one("[data-close]", root).addEventListener("click", () => {
    close();
    closed();
  });
  return { open, close, isOpen: () => !root.hidden };
}
