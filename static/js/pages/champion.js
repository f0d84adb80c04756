// The champion's page: its null worlds as a chart, and how far they are while workers are at them.

import { figure, one, show, tabs } from "../shared/dom.js";
import { percent } from "../shared/format.js";
import { paint } from "../shared/paint.js";
import { palette } from "../shared/palette.js";

const EVERY_MS = 3000;
const page = one("#champion");
let worlds = JSON.parse(page.dataset.worlds || "null");
let colours = palette();
let measure = "vault";

const pending = () => worlds && worlds.done + worlds.failed < worlds.asked;

function paintAll() {
  show(one("[data-working]"), pending());
  if (pending())
    figure(
      "worlds",
      `${worlds.done} of ${worlds.asked} done, ${percent(worlds.share, 0)} of the work.${worlds.waits ? ` ${worlds.waits}` : ""}`,
    );
  const played = pending() ? "some" : "over";
  paint(one("#nulls"), {
    worlds: worlds?.[measure],
    who: measure === "committee" ? "committee" : "champion",
    pending: worlds ? played : "none",
    palette: colours,
  });
}

async function poll() {
  const response = await fetch(page.dataset.cardUrl, {
    headers: { Accept: "application/json" },
  }).catch(() => null);
  const before = pending();
  if (response?.ok) worlds = (await response.json()).null_worlds;
  paintAll();
  if (pending()) setTimeout(poll, EVERY_MS);
  // verdict and lines are written by the server
  else if (before) window.location.reload();
}

tabs(
  one("#nulls-tabs"),
  { vault: "Vault", competition: "Competition", committee: "Committee, vault" },
  measure,
  (key) => {
    measure = key;
    paintAll();
  },
);
window.addEventListener("themechange", () => {
  colours = palette();
  paintAll();
});
paintAll();
if (pending()) setTimeout(poll, EVERY_MS);
