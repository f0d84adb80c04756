// A stored market's page: its chart, of one symbol or of all together, and the latest price when somebody asks for it.

import { draw, empty } from "../shared/chart.js";
import { one, show, tabs } from "../shared/dom.js";
import { candlesFigure, candlesNote } from "../figures/candles.js";
import { growthFigure, growthNote } from "../figures/growth.js";
import { duration, time } from "../shared/format.js";
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
    if (!response?.ok) return shown === key && empty(chart, answer?.error ?? "The server did not answer; try again.");
    kept.set(key, answer);
  }
  if (shown === key) paint();
}

function paint() {
  const market = kept.get(shown);
  if (!market) return;
  const together = shown === TOGETHER;
  one("#price-note").textContent = (together ? growthNote : candlesNote)(market, duration);
  show(legend, together);
  const { data, layout } = (together ? growthFigure : candlesFigure)(market, palette());
  // another symbol is another chart: its zoom does not carry over
  draw(chart, { data, layout: { ...layout, uirevision: shown } }, together ? { legend } : {});
}

async function ask() {
  quote.textContent = "asking …";
  const headers = { "X-CSRFToken": one("[name=csrfmiddlewaretoken]").value };
  const response = await fetch(quote.dataset.url, { method: "POST", headers }).catch(() => null);
  const answer = await response?.json().catch(() => null);
  quote.classList.toggle("is-stale", !response?.ok || answer.stale || Boolean(answer.warning));
  quote.textContent = response?.ok ? quoteWords(answer) : answer?.error ?? "the server did not answer";
}

function quoteWords(told) {
  const price = told.price.toLocaleString("en", { maximumSignificantDigits: 8 });
  const from = `${price} from ${told.title}, ${time(told.at_ms)} UTC`;
  return [told.stale ? `${from}; no source answers now, this is the last known` : from, told.warning].filter(Boolean).join(". ");
}

quote?.querySelector("button")?.addEventListener("click", ask);
window.addEventListener("themechange", paint);
const choices = one("#symbol-tabs");
if (choices) {
  const symbols = JSON.parse(chart.dataset.symbols).map((symbol, place) => [keyOf(place), symbol]);
  tabs(choices, { [TOGETHER]: "All", ...Object.fromEntries(symbols) }, TOGETHER, load);
}
load(choices ? TOGETHER : keyOf(0));
