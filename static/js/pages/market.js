// A stored market's page: its chart, of one symbol or of all together, and the latest price when
// somebody asks for it.

import { one, show, tabs } from "../shared/dom.js";
import { candlesNote } from "../figures/candles.js";
import { growthNote } from "../figures/growth.js";
import { duration, time } from "../shared/format.js";
import { paint } from "../shared/paint.js";
import { palette } from "../shared/palette.js";

const chart = one("#price");
const legend = one("#price-legend");
const quote = one("#quote");
// keys of the tabs; a plain number would sort before the others
const TOGETHER = "together";
const keyOf = (place) => `symbol=${place}`;
const kept = new Map();
let shown = null;

async function load(key) {
  shown = key;
  if (!kept.has(key)) {
    const url = key === TOGETHER ? chart.dataset.growthUrl : `${chart.dataset.url}?${key}`;
    const response = await fetch(url).catch(() => null);
    const answer = await response?.json().catch(() => null);
    if (response?.ok) kept.set(key, answer);
    else if (shown === key) return paintMarket(answer);
  }
  if (shown === key) paintMarket(kept.get(key));
}

function paintMarket(market) {
  const together = shown === TOGETHER;
  const note = together ? growthNote : candlesNote;
  one("#price-note").textContent = market?.time ? note(market, duration) : "";
  show(legend, together);
  const given = { market, shown, palette: palette() };
  paint(chart, given, { name: together ? "growth" : "candles" });
}

async function ask() {
  quote.textContent = "asking …";
  const headers = { "X-CSRFToken": one("[name=csrfmiddlewaretoken]").value };
  const response = await fetch(quote.dataset.url, { method: "POST", headers }).catch(() => null);
  const answer = await response?.json().catch(() => null);
  quote.classList.toggle("is-stale", !response?.ok || answer.stale || Boolean(answer.warning));
  quote.textContent = response?.ok
    ? quoteWords(answer)
    : (answer?.error ?? "the server did not answer");
}

function quoteWords(latest) {
  const price = latest.price.toLocaleString("en", { maximumSignificantDigits: 8 });
  const from = `${price} from ${latest.title}, ${time(latest.at_ms)} UTC`;
  return [
    latest.stale ? `${from}; no source answers now, this is the last known` : from,
    latest.warning,
  ]
    .filter(Boolean)
    .join(". ");
}

quote?.querySelector("button")?.addEventListener("click", ask);
window.addEventListener("themechange", () => kept.has(shown) && paintMarket(kept.get(shown)));
const choices = one("#symbol-tabs");
if (choices) {
  const symbols = JSON.parse(chart.dataset.symbols).map((symbol, place) => [keyOf(place), symbol]);
  tabs(choices, { [TOGETHER]: "All", ...Object.fromEntries(symbols) }, TOGETHER, load);
}
load(choices ? TOGETHER : keyOf(0));
