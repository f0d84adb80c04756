// An import under way: asks how far it is until it runs no more, and the basket it is for is put
// together.

import { all, el, figure, one, show } from "../shared/dom.js";

const EVERY_MS = 1500;
const root = one("#import");

async function look() {
  const response = await fetch(root.dataset.url).catch(() => null);
  const card = response?.ok ? await response.json().catch(() => null) : null;
  if (card) paint(card);
  if (!card || card.watched) window.setTimeout(look, EVERY_MS);
}

function paint(card) {
  const label = one("#label");
  label.dataset.state = card.state;
  label.textContent = card.label;
  one("#progress").value = card.percent;
  one(".bar").setAttribute("aria-valuenow", String(card.percent));
  for (const name of ["percent", "bars", "source", "reason", "words"])
    figure(name, String(card[name]), root);
  one("#tried").replaceChildren(...card.tried.map((text) => el("li", {}, text)));
  for (const control of all("[data-control]")) show(control, card[control.dataset.control]);
  for (const [place, market] of [
    ["#to-market", card.market],
    ["#to-basket", card.basket],
  ]) {
    const link = one(place);
    if (market) link.href = link.dataset.url.replace("/0/", `/${market}/`);
    show(link, Boolean(market));
  }
}

if (root) look();
