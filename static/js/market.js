// A stored market's page: its chart, and the latest price when somebody asks for it.

import { draw, empty } from "./chart.js";
import { one } from "./dom.js";
import { candlesFigure, candlesNote } from "./figures/candles.js";
import { duration, time } from "./format.js";
import { palette } from "./palette.js";

const chart = one("#price");
const quote = one("#quote");
let market = null;

async function load() {
  const response = await fetch(chart.dataset.url).catch(() => null);
  const answer = await response?.json().catch(() => null);
  if (!response?.ok) empty(chart, answer?.error ?? "The server did not answer; try again.");
  else {
    market = answer;
    one("#price-note").textContent = candlesNote(market, duration);
    paint();
  }
}

function paint() {
  if (market) draw(chart, candlesFigure(market, palette()));
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
load();
