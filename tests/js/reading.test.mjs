// A file of prices in a form: what was understood is shown, what is asked is answered by a click.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { el } from "../../static/js/shared/dom.js";
import { attachReading } from "../../static/js/panels/reading.js";
import { openPage, settled, texts } from "./page.mjs";

const bars = [{ time: "2022-03-01T00:00:00Z", open: 1, high: 2, low: 0.5, close: 1.5, volume: 7 }];
const GOOD = {
  ok: true,
  rows: 1200,
  understood: ["Commas."],
  columns: { time: "when", close: "close" },
  headings: ["when", "close"],
  first: bars[0].time,
  last: "2022-04-01T00:00:00Z",
  timeframe: "1 hour",
  range: { low: 0.5, high: 2 },
  calendar: "",
  zone: "UTC",
  volume: "",
  gap_count: 1,
  gaps: [{ after: bars[0].time, missing: 3 }],
  head: bars,
  tail: bars,
};
const ASKS = {
  ok: false,
  ask: {
    option: "dates",
    guess: "day",
    choices: { day: "day first", month: "month first", odd: "odd" },
    readings: [
      {
        value: "day",
        rows: 9,
        timeframe: "1 day",
        first: bars[0].time,
        last: bars[0].time,
        head: bars,
        tail: bars,
      },
      {
        value: "month",
        rows: 8,
        timeframe: "1 day",
        first: bars[0].time,
        last: bars[0].time,
        head: bars,
        tail: bars,
      },
    ],
  },
  problems: [{ text: "dates can be read two ways." }],
};
let page = null;
let form = null;
let heard = null;

beforeEach(() => {
  page = openPage();
  heard = [];
  form = el(
    "form",
    { "data-preview-url": "/preview" },
    el("input", { name: "upload", type: "file" }),
    el("input", { name: "csrfmiddlewaretoken", value: "token" }),
    el("input", { name: "read_dates", value: "old" }),
    el("input", { name: "read_zone" }),
    el("details", { id: "columns" }, el("input", { name: "column_close", id: "close" })),
  );
  page.body.append(form, el("div", { id: "preview", hidden: true }));
  attachReading(form, (answer) => heard.push(answer));
});

async function upload(json, status = 200) {
  page.answer = () => ({ status, json });
  form.elements.upload.files = [{ name: "prices.csv" }];
  form.elements.upload.say("change");
  await settled();
}

const box = () => document.querySelector("#preview");

test("another file begins with nothing said of how it is read", async () => {
  await upload(GOOD);

  const [{ url, body, headers }] = page.asked;
  assert.deepEqual(
    [url, body.get("file").name, body.get("read_dates"), headers["X-CSRFToken"]],
    ["/preview", "prices.csv", "", "token"],
  );
});

test("what was understood is shown with its facts and bars", async () => {
  await upload(GOOD);

  assert.equal(box().hidden, false);
  assert.deepEqual(texts("h3", box()), ["prices.csv: understood"]);
  assert.deepEqual(
    Object.fromEntries(
      box()
        .querySelectorAll("dl div")
        .map((row) => row.children.map((part) => part.textContent)),
    ),
    {
      Bars: "1\u202f200",
      From: "2022-03-01 00:00 UTC",
      To: "2022-04-01 00:00 UTC",
      "One bar": "1 hour",
      "Lowest to highest price": "0.5 to 2",
      "Columns read": "time from when, close",
      Trades: "too little to tell",
      Zone: "UTC",
      Volume: "none",
    },
  );
  assert.ok(texts("p", box()).includes("1 gap: 3 bars after 2022-03-01 00:00 UTC."));
  assert.deepEqual(texts("caption", box()), ["First bars", "Last bars"]);
  assert.deepEqual(heard, [GOOD]);
});

test("a zone that nobody named can be named", async () => {
  await upload({ ...GOOD, zone: "none named, read as UTC" });

  box().querySelector("button").click();

  assert.equal(document.querySelector("#columns").open, true);
  assert.equal(document.activeElement, form.elements.read_zone);
});

test("a question has a button for each answer that makes bars, and a click reads again", async () => {
  await upload(ASKS);
  assert.equal(box().classList.contains("is-question"), true);
  assert.deepEqual(texts("button", box()), ["day first (likely)", "month first"]);
  assert.ok(texts("p", box()).includes("Dates can be read two ways."));

  page.answer = () => ({ status: 200, json: GOOD });
  box().querySelectorAll("button")[1].click();
  await settled();

  assert.equal(page.asked.at(-1).body.get("read_dates"), "month");
  assert.deepEqual(texts("h3", box()), ["prices.csv: understood"]);
  assert.equal(box().classList.contains("is-question"), false);
});

test("a refusal says what is wrong and where, and opens the choice of columns", async () => {
  await upload({
    ok: false,
    error: "the row has an empty cell",
    line: 3,
    column: "close",
    headings: ["when", "last"],
  });

  assert.equal(box().classList.contains("is-error"), true);
  assert.deepEqual(texts("h3", box()), ["prices.csv cannot be used: line 3, column close"]);
  assert.equal(document.querySelector("#columns").open, true);
  assert.deepEqual(
    form.elements.column_close
      .querySelectorAll("option")
      .map((option) => option.getAttribute("value")),
    ["", "when", "last"],
  );
});

test("several problems are a list", async () => {
  await upload({
    ok: false,
    unit: "row",
    problems: [
      { line: 3, column: "close", text: "empty" },
      { line: 9, column: null, text: "odd" },
    ],
  });

  assert.deepEqual(texts("h3", box()), ["prices.csv cannot be used: 2 problems"]);
  assert.deepEqual(texts("li", box()), ["row 3, column close: empty", "row 9: odd"]);
});

test("a server that is away, and one that refuses the file, are told apart", async () => {
  await upload(null, 413);
  assert.ok(texts("p", box()).includes("The server refused the file (413)."));

  page.answer = () => {
    throw new Error("away");
  };
  form.elements.upload.say("change");
  await settled();
  assert.ok(texts("p", box()).includes("The server did not answer; try again."));
});

test("a change of how it is read asks again, any other change does not", async () => {
  await upload(GOOD);

  form.elements.read_zone.say("change");
  form.elements.csrfmiddlewaretoken.say("change");
  await settled();

  assert.equal(page.asked.length, 2);
});

test("an answer about a file that was replaced meanwhile is not shown", async () => {
  const answers = [];
  page.answer = () =>
    new Promise((resolve) => {
      answers.push(resolve);
    });
  form.elements.upload.files = [{ name: "one.csv" }];
  form.elements.upload.say("change");
  form.elements.upload.files = [{ name: "two.csv" }];

  answers[0]({ status: 200, json: GOOD });
  await settled();

  assert.deepEqual(texts("p", box()), ["Reading one.csv …"]);
  assert.deepEqual(heard, []);
});
