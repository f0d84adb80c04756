// Which elements a viewer sees: what is out of view is drawn when it comes into it.

const seen = new WeakSet();
const watched = new WeakSet();
let printed = false;
let observer = null;

/**
 * Whether `element` is in view; from its first asking on onChange() is called whenever that may have
 * changed. On paper everything is in view, and so it is where the browser cannot tell.
 */
export function inView(element, onChange) {
  if (!window.IntersectionObserver) return true;
  observer ??= started(onChange);
  if (!watched.has(element)) {
    watched.add(element);
    observer.observe(element);
  }
  return printed || seen.has(element);
}

function started(onChange) {
  window.addEventListener("beforeprint", () => {
    printed = true;
    onChange({ atOnce: true });
  });
  window.addEventListener("afterprint", () => {
    printed = false;
  });
  return new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries)
      if (isIntersecting) seen.add(target);
      else seen.delete(target);
    if (entries.some(({ isIntersecting }) => isIntersecting)) onChange({ atOnce: false });
  });
}
