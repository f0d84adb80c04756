// A slider back through the rounds: shows the whole page as of the close of an earlier round, and
// returns to now.

import { figure, one, show } from "../shared/dom.js";
import { decode } from "../stream/frames.js";

/**
 * The control; `use(envelope)` is called with the snapshot of an earlier round, or with null for
 * now.
 */
export function timeTravel(snapshotUrl, use) {
  const slider = one("#as-of");
  const live = one("#as-of-live");
  let asked = 0;

  async function go(round) {
    const own = (asked += 1);
    const response = await fetch(`${snapshotUrl}?round=${round}`).catch(() => null);
    if (own !== asked) return;
    use(response?.ok ? decode(await response.arrayBuffer())[0] : null);
  }

  function back() {
    asked += 1;
    use(null);
  }

  slider.addEventListener("change", () =>
    Number(slider.value) >= Number(slider.max) ? back() : go(Number(slider.value)),
  );
  slider.addEventListener("input", () => figure("as-of", `round ${slider.value}`));
  live.addEventListener("click", back);
  return { render: (now, past) => renderSlider(slider, live, now, past) };
}

function renderSlider(slider, live, now, past) {
  slider.max = Math.max(0, now.round ?? 0);
  slider.disabled = !(now.round > 0);
  if (!past) slider.value = slider.max;
  figure("as-of", past ? `round ${past.round}` : "now");
  document.body.classList.toggle("is-past", Boolean(past));
  show(live, Boolean(past));
}
