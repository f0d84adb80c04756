// The chosen agent: who it is, its network at one bar, and its trades on the price of its last
// round.

import { el, figure, mark, one, show, tabs } from "../shared/dom.js";
import { money, number, percent, significant, time, whole, words } from "../shared/format.js";
import { oneAtATime } from "../shared/latest.js";
import { paint } from "../shared/paint.js";
import { ruled } from "../shared/rules.js";
import { TIERS } from "./leaderboard.js";

/**
 * A panel in `root`; `addresses` = {network(number), market(number)} give the JSON addresses,
 * `colours()` the palette of now; `tell({symbol, bar})` is called where a person chooses one, the
 * bar counted through the whole series; `arrived()` where another agent's price is drawn, whose
 * number shown() then is.
 */
export function agentPanel(root, addresses, colours, tell = () => {}, arrived = () => {}) {
  const own = {
    number: null,
    shown: null,
    round: null,
    symbol: 0,
    market: null,
    network: null,
    bar: null,
    wanted: null,
    asked: 0,
  };
  const slider = one("[data-bar]", root);
  const choice = one("[data-symbols]", root);
  const symbols = JSON.parse(choice?.dataset.symbols ?? "[]");

  // rounds of a small population follow faster than two answers come
  const load = oneAtATime(async (number, round = null, bar = null) => {
    const asked = (own.asked += 1);
    Object.assign(own, { number, round });
    const market = await answer(addresses.market(number) + query(own));
    if (asked !== own.asked) return;
    Object.assign(own, {
      round: market.round ?? round,
      market,
      bar: market.time?.length ? (bar ?? wantedIn(market) ?? market.time.length - 1) : null,
    });
    paintPrice();
    setSlider();
    if (own.shown !== number) {
      own.shown = number;
      arrived();
    }
    await loadNetwork(asked);
  });

  /** The same agent, round and bar at another symbol. */
  function choose(symbol) {
    own.symbol = symbol;
    tell({ symbol: symbol || null });
    if (own.number !== null) load(own.number, own.round, own.bar);
  }

  /** Shows a symbol and a bar of the series from the next load on, as an address named them. */
  function place({ symbol, bar }) {
    const named = symbol !== null && symbol < Math.max(1, symbols.length) ? symbol : 0;
    if (choice && named !== own.symbol) mark(choice, String(named));
    Object.assign(own, { symbol: named, wanted: bar });
  }

  /** The bar of the window that was asked for by its place in the series, or null. */
  function wantedIn({ window: [start] = [], time: bars = [] }) {
    const bar = own.wanted === null || start === undefined ? -1 : own.wanted - start;
    return bar >= 0 && bar < bars.length ? bar : null;
  }

  async function loadNetwork(asked = (own.asked += 1)) {
    if (own.number === null) return;
    const network = await answer(addresses.network(own.number) + networkQuery(own));
    if (asked !== own.asked) return;
    own.network = network;
    paintNetwork();
  }

  function setSlider() {
    const count = own.market?.time?.length ?? 0;
    slider.max = Math.max(0, count - 1);
    slider.value = own.bar ?? 0;
    slider.disabled = count === 0;
  }

  function paintPrice() {
    const bars = own.market?.time ?? [];
    if (bars.length) figure("price-title", priceTitle(own, symbols), root);
    const given = { market: { ...own.market, symbols }, time: bars[own.bar] ?? null };
    paint(one("[data-chart=price]", root), { ...given, palette: colours() });
  }

  function paintNetwork() {
    const { network } = own;
    show(one("[data-q]", root), Boolean(network?.layers));
    paint(one("[data-chart=network]", root), { network, palette: colours() });
    if (!network?.layers) return;
    figure(
      "bar-time",
      [symbols[network.symbol], `${time(network.time)} UTC`, `bar ${network.bar}`]
        .filter(Boolean)
        .join(", "),
      root,
    );
    figure(
      "network-note",
      network.private_inputs ? `Private inputs are shown ${network.private_inputs}.` : "",
      root,
    );
    renderQ(one("[data-q]", root), network);
  }

  function clear(text) {
    load.drop();
    const none = { error: text };
    Object.assign(own, {
      number: null,
      shown: null,
      market: none,
      network: none,
      bar: null,
      asked: own.asked + 1,
    });
    paintPrice();
    paintNetwork();
    setSlider();
  }

  if (choice)
    tabs(choice, Object.fromEntries(symbols.entries()), "0", (key) => choose(Number(key)));
  slider.addEventListener(
    "input",
    debounced(() => {
      own.bar = Number(slider.value);
      own.wanted = own.market?.window ? own.market.window[0] + own.bar : null;
      tell({ bar: own.wanted });
      paintPrice();
      loadNetwork();
    }, 120),
  );
  return {
    load,
    clear,
    place,
    shown: () => own.shown,
    repaint: () => {
      if (own.number !== null) {
        paintPrice();
        paintNetwork();
      }
    },
  };
}

/**
 * "?round=…&symbol=…&bar=…" for the bar under the slider, counted through the whole series as the
 * server counts.
 */
export function networkQuery({ round, symbol, market, bar }) {
  const start = market?.window?.[0];
  return query({ round, symbol }, start === undefined || bar === null ? null : start + bar);
}

/** "?name=…" of what is set; the first symbol need not be named. */
function query({ round, symbol }, bar = null) {
  const parts = Object.entries({ round, symbol: symbol || null, bar })
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${value}`);
  return parts.length ? `?${parts.join("&")}` : "";
}

/** What the price chart shows; the symbol is named where there are several. */
export function priceTitle({ number, symbol, market }, symbols) {
  const price = symbols.length > 1 ? `Price of ${symbols[symbol]}` : "Price";
  return `${price}, round ${market.round}, with what agent ${number} did`;
}

async function answer(url) {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    const type = response.headers.get("content-type") ?? "";
    return type.includes("json")
      ? await response.json()
      : { error: `The server answered ${response.status}.` };
  } catch {
    return { error: "The server did not answer; choose the agent again to retry." };
  }
}

function debounced(work, wait) {
  let timer = null;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, wait);
  };
}

/** Q-values as labelled bars, the chosen action marked. */
function renderQ(container, network) {
  const names = network.action_names ?? ["SELL", "HOLD", "BUY"];
  const top = Math.max(1e-9, ...network.q.map(Math.abs));
  container.replaceChildren(
    ...network.q.map((q, k) => {
      const meter = el("span", { class: `q-bar ${q < 0 ? "is-negative" : ""}` });
      meter.style.setProperty("--share", Math.abs(q) / top);
      return el(
        "div",
        { class: `q-row ${network.action === k ? "is-chosen" : ""}` },
        el("span", { class: "q-name" }, names[k]),
        el("span", { class: "q-track" }, meter),
        el("span", { class: "q-value" }, significant(q, 4)),
      );
    }),
  );
}

/** The chosen agent's figures as a list of terms; `link` is the address of its page. */
export function renderFacts(root, agent, link) {
  figure("chosen", agent ? `Agent ${agent.number}` : "No agent chosen", root);
  const page = one("[data-agent-page]", root);
  show(page, Boolean(agent));
  if (!agent) return one("[data-facts]", root).replaceChildren();
  page.href = link;
  const alive = agent.state === "active";
  const life = alive
    ? [`since round ${agent.birth_round}`]
    : [
        `rounds ${agent.birth_round} to ${agent.death_round}, `,
        ruled(agent.state, words(agent.state)),
      ];
  const tier = TIERS[agent.tier];
  const facts = [
    ["Lives", life, "alive"],
    [
      "Origin",
      agent.parents?.length ? `child of ${agent.parents.join(" and ")}` : words(agent.origin),
    ],
    ["Generation", whole(agent.generation)],
    ["Fitness", number(agent.fitness, 4), "fitness"],
    ["Return since birth", percent(agent.return_since_birth, 2, true)],
    ["Equity", money(agent.equity)],
    ["Largest drawdown", percent(agent.max_drawdown, 1)],
    ["Trust", [`${number(agent.trust, 0)}, `, tier ? ruled(tier, tier) : "–"], "trust"],
    ["Scars", whole(agent.scar_count), "scars"],
    ["Trades", whole(agent.trade_count)],
    ["Learning rate", significant(agent.learning_rate)],
  ];
  return one("[data-facts]", root).replaceChildren(...facts.map(fact));
}

/** A term with its value, text or parts of it; a term that has a rule leads there. */
function fact([term, value, rule]) {
  return el(
    "div",
    {},
    el("dt", {}, rule ? ruled(rule, term) : term),
    el("dd", {}, ...[value].flat()),
  );
}
