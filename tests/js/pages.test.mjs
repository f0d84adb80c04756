// Pages of their own: an import under way, markets that are put together, and a chart with its key.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { draw, empty } from "../../static/js/shared/chart.js";
import { el } from "../../static/js/shared/dom.js";
import { openPage, settled, texts } from "./page.mjs";

let page = null;
let visits = 0;
const at = (selector) => document.querySelector(selector);
const run = (script) => import(`../../static/js/pages/${script}.js?${(visits += 1)}`);

beforeEach(() => {
  page = openPage();
});

const importing = {
  state: "running",
  label: "Running",
  percent: 40,
  bars: 12,
  source: "CoinGecko",
  reason: "",
  words: "",
  tried: [],
  watched: true,
  market: null,
  basket: null,
  cancel: true,
  again: false,
};

async function openImport(card) {
  page.answer = () => ({ json: card });
  page.body.replaceChildren(
    el(
      "section",
      { id: "import", "data-url": "/card" },
      el("b", { id: "label" }),
      el("div", { class: "bar" }, el("progress", { id: "progress" })),
      ...["percent", "bars", "source", "reason", "words"].map((name) =>
        el("b", { "data-figure": name }),
      ),
      el("ul", { id: "tried" }),
      el("form", { "data-control": "cancel" }),
      el("form", { "data-control": "again" }),
      el("a", { id: "to-market", "data-url": "/markets/0/" }),
      el("a", { id: "to-basket", "data-url": "/baskets/0/" }),
    ),
  );
  await run("import");
  await settled();
}

test("an import under way is asked for again until it ends", async () => {
  await openImport(importing);
  assert.deepEqual(
    [at("#progress").value, texts("[data-figure=bars]"), page.timers.length],
    ["40", ["12"], 1],
  );
  assert.deepEqual(
    ["cancel", "again"].map((name) => at(`[data-control="${name}"]`).hidden),
    [false, true],
  );
  assert.equal(at("#to-market").hidden, true);

  page.answer = () => ({
    json: { ...importing, state: "done", watched: false, market: 5, tried: ["CoinGecko: 500"] },
  });
  page.timers[0]();
  await settled();

  assert.deepEqual(
    [
      at("#label").dataset.state,
      at("#to-market").href,
      at("#to-market").hidden,
      texts("#tried li"),
    ],
    ["done", "/markets/5/", false, ["CoinGecko: 500"]],
  );
  assert.equal(page.timers.length, 1);
});

test("where the server is away it is asked again, and nothing changes meanwhile", async () => {
  page.answer = () => {
    throw new Error("away");
  };
  await openImport(null);

  assert.equal(page.timers.length, 1);
  assert.deepEqual(texts("#label"), [""]);
});

const common = {
  symbols: ["BTC", "ETH"],
  bars: 900,
  timeframe_ms: 3_600_000,
  first_time: 0,
  last_time: 3_600_000,
  gap_count: 2,
  missing_bars: 5,
  data_kind: "historical",
  notes: ["all", "one left out"],
  rounds: 1,
  refusal: null,
  growth: { time: [0, 1], lines: [{ symbol: "BTC", growth: [1, 2] }] },
};

async function openBasket() {
  const length = (name, ...markets) =>
    el(
      "fieldset",
      { "data-length": name },
      ...markets.map((pk) => el("input", { name: "part", value: pk, type: "checkbox" })),
    );
  page.body.replaceChildren(
    el(
      "form",
      { id: "basket-form", "data-most": "2", "data-common-url": "/common" },
      length("hour", 1, 2, 4),
      length("day", 3),
    ),
    el("div", { id: "common-words" }, el("p", {}, "Tick two.")),
    el("button", { id: "store" }),
    el("div", { id: "growth", "data-chart": "growth" }),
  );
  await run("basket");
  await settled();
  return document.querySelectorAll("[name=part]");
}

async function tick(box, on = true) {
  box.checked = on;
  box.say("change");
  await settled();
}

test("markets of another length, and one too many, cannot be ticked", async () => {
  const boxes = await openBasket();
  const open = () =>
    document
      .querySelectorAll("[name=part]")
      .filter((box) => !box.disabled)
      .map((box) => box.value);
  page.answer = () => ({ json: { error: "nothing in common" } });

  assert.deepEqual(open(), ["1", "2", "4", "3"]);
  await tick(boxes[0]);
  assert.deepEqual(open(), ["1", "2", "4"]);
  await tick(boxes[1]);
  assert.deepEqual(open(), ["1", "2"]);
});

test("nothing can be stored until two have something in common", async () => {
  const boxes = await openBasket();
  assert.deepEqual(
    [texts("#common-words"), at("#store").disabled, page.asked.length],
    [["Tick two."], true, 0],
  );

  page.answer = () => ({ json: { error: "nothing in common" } });
  await tick(boxes[0]);
  await tick(boxes[1]);
  assert.deepEqual(
    [texts(".note-error"), at("#store").disabled, at("#growth").hidden],
    [["nothing in common"], true, true],
  );

  page.answer = () => ({ json: common });
  await tick(boxes[1]);
  assert.deepEqual([at("#store").disabled, at("#growth").hidden], [false, false]);
  assert.deepEqual(texts("#common-words dd"), [
    "BTC, ETH",
    "900",
    "1\u00a0h",
    "1970-01-01 00:00",
    "1970-01-01 01:00",
    "2, 5 bars missing",
    "historical",
  ]);
  assert.deepEqual(texts("#common-words li"), ["one left out"]);
});

const figure = {
  data: [
    { name: "a", line: { color: "red" } },
    { name: "b", line: { color: "blue" } },
    { name: "c", showlegend: false },
  ],
  layout: { title: "x" },
};

test("a line that is drawn by its key alone is off until it is switched on", async () => {
  const [target, legend] = [el("div"), el("div")];
  const quiet = { ...figure, data: [{ ...figure.data[0], visible: "legendonly" }] };
  await draw(target, quiet, { legend });
  assert.equal(page.drawn.at(-1).data[0].visible, false);

  legend.children[0].click();

  assert.equal(page.drawn.at(-1).data[0].visible, true);
  assert.equal(legend.children[0].getAttribute("aria-pressed"), "true");
});

test("a line that is switched off in the key stays off in what is drawn next", async () => {
  const [target, legend] = [el("div"), el("div")];
  await draw(target, figure, { legend });
  assert.deepEqual(texts("button", legend), ["a", "b"]);

  legend.children[0].click();
  await draw(target, figure, { legend });

  assert.deepEqual(
    page.drawn.at(-1).data.map((trace) => trace.visible),
    [false, true, true],
  );
  assert.deepEqual(
    legend.children.map((button) => button.getAttribute("aria-pressed")),
    ["false", "true"],
  );
  legend.children[0].click();
  assert.deepEqual(
    page.drawn.at(-1).data.map((trace) => trace.visible),
    [true, true, true],
  );
  assert.equal(page.drawn.at(-1).layout.showlegend, false);
});

test("nothing of a chart is ever sent elsewhere, whatever a page asks for", async () => {
  await draw(el("div"), figure, {
    config: { showSendToCloud: true, plotlyServerURL: "https://elsewhere", displayModeBar: false },
  });

  const [{ config }] = page.drawn;
  assert.deepEqual(
    [config.showSendToCloud, config.plotlyServerURL, config.displayModeBar],
    [false, "", false],
  );
});

test("a click tells of the first point that says whose it is, however often the chart was drawn", async () => {
  const [target, picked, clicks] = [el("div"), [], []];
  target.on = (_, work) => clicks.push(work);

  await draw(target, figure, { onPick: (who) => picked.push(who) });
  await draw(target, figure, { onPick: (who) => picked.push(who) });
  for (const click of clicks) click({ points: [{}, { customdata: 7 }, { customdata: 8 }] });
  for (const click of clicks) click({ points: [{}] });

  assert.deepEqual(picked, [7]);
});

test("words take the place of a chart, and go when there is one", async () => {
  const target = el("div");
  empty(target, "Nothing yet.");
  assert.deepEqual(
    [texts("p", target), target.classList.contains("is-empty")],
    [["Nothing yet."], true],
  );

  await draw(target, figure);

  assert.deepEqual([texts("p", target), target.classList.contains("is-empty")], [[], false]);
});
