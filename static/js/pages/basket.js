// Markets to be put together: what those ticked have in common is asked for at each tick, before
// anything is stored.

import { all, el, one, show } from "../shared/dom.js";
import { paint } from "../shared/paint.js";
import { palette } from "../shared/palette.js";
import { renderCommon } from "../panels/common.js";

const form = one("#basket-form");
const words = one("#common-words");
const hint = words.firstElementChild;
const most = Number(form.dataset.most);
let asked = 0;
let basket = null;

const boxes = all("[name=part]", form);
const ticked = () => boxes.filter((box) => box.checked);

/**
 * Markets whose bars are of another length than those ticked cannot be ticked, nor one too many.
 */
function allow() {
  const chosen = ticked();
  const length = chosen[0]?.closest("[data-length]");
  for (const box of boxes)
    box.disabled =
      !box.checked &&
      Boolean(length) &&
      (box.closest("[data-length]") !== length || chosen.length >= most);
}

async function look() {
  allow();
  const mine = (asked += 1);
  if (ticked().length < 2) return tell(null, [hint]);
  const answer = await common();
  if (mine === asked)
    tell(
      answer.error ? null : answer,
      answer.error ? [el("p", { class: "note note-error" }, answer.error)] : renderCommon(answer),
    );
}

async function common() {
  const response = await fetch(form.dataset.commonUrl, {
    method: "POST",
    body: new FormData(form),
  }).catch(() => null);
  return (
    (await response?.json().catch(() => null)) ?? {
      error: "The server did not answer; tick again.",
    }
  );
}

function tell(answer, elements) {
  basket = answer;
  words.replaceChildren(...elements);
  one("#store").disabled = !basket;
  show(one("#growth"), Boolean(basket));
  show(one("#growth-legend"), Boolean(basket));
  paintGrowth();
}

function paintGrowth() {
  if (basket) paint(one("#growth"), { market: basket.growth, palette: palette() });
}

for (const box of boxes) box.addEventListener("change", look);
window.addEventListener("themechange", paintGrowth);
look();
