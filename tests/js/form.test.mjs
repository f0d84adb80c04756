// The form of a new experiment: presets, the fields of a market, and what the server says of the
// room there is.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { el } from "../../static/js/shared/dom.js";
import { openPage, settled, texts } from "./page.mjs";

const PRESETS = {
  memory: { market__kind: "planted_memory", learning__gamma: "0.5", learning__enabled: false },
};
// of the empty page
const DEFAULTS = {
  market__kind: "sine",
  market__amplitude: "0.1",
  learning__gamma: "0.99",
  learning__enabled: true,
};
const field = (name, input, kinds = null) =>
  el("div", { class: "field", "data-field": name, "data-kinds": kinds }, input);
let page = null;
let form = null;
let visits = 0;

/** The page as the server sends it, and its script, run anew. */
async function open(search = "", problems = "") {
  page.window.location.search = search;
  page.body.replaceChildren(
    el("a", { "data-preset": "memory", class: "is-active" }, "Memory"),
    el("a", { "data-preset": "other" }, "Other"),
    el("div", { class: problems }, el("a", { href: "#gamma" }, "Gamma: at most 1")),
    el("p", { id: "room" }),
    el("p", { id: "extent" }),
    el(
      "form",
      {
        id: "experiment-form",
        "data-presets": JSON.stringify(PRESETS),
        "data-defaults": JSON.stringify(DEFAULTS),
        "data-room-url": "/room",
      },
      el("input", { name: "name", id: "name", value: "mine" }),
      el("input", { name: "csrfmiddlewaretoken", value: "t" }),
      el("input", { name: "read_zone", value: "UTC" }),
      field(
        "market__kind",
        el(
          "select",
          { name: "market__kind" },
          el("option", { value: "sine" }),
          el("option", { value: "file" }),
        ),
      ),
      el(
        "details",
        { class: "section" },
        field(
          "market__amplitude",
          el("input", { name: "market__amplitude", value: problems ? "0.9" : "0.1" }),
          "sine",
        ),
      ),
      field("upload", el("input", { name: "upload", type: "file" }), "file"),
      el(
        "details",
        { class: "learning" },
        field(
          "learning__gamma",
          el("input", { name: "learning__gamma", id: "gamma", value: "0.99" }),
        ),
        field(
          "learning__enabled",
          el("input", { name: "learning__enabled", type: "checkbox", checked: true }),
        ),
      ),
      el("p", { id: "gamma_help" }, "help"),
    ),
    el("div", { id: "preview" }),
  );
  form = document.querySelector("#experiment-form");
  form.elements.upload.files = [];
  await import(`../../static/js/pages/form.js?${(visits += 1)}`);
  await settled();
}

const valueOf = (name) => form.elements[name].value;
const shown = (name) => !document.querySelector(`[data-field="${name}"]`).hidden;

beforeEach(() => {
  page = openPage();
  page.answer = () => ({ status: 200, json: { text: "", extent: "8 MB", problems: {} } });
});

test("only the fields of the chosen market are shown, and no section without one", async () => {
  await open();
  assert.deepEqual([shown("market__amplitude"), shown("upload")], [true, false]);

  form.elements.market__kind.value = "file";
  form.elements.market__kind.say("change");

  assert.deepEqual([shown("market__amplitude"), shown("upload")], [false, true]);
  assert.equal(document.querySelector(".section").hidden, true);
});

test("a preset sets its own fields, puts the others back, and leaves name, zone and token alone", async () => {
  await open();
  Object.assign(form.elements.name, { value: "my own" });
  form.elements.read_zone.value = "Europe/Berlin";
  form.elements.market__amplitude.value = "0.7";

  document.querySelector('[data-preset="memory"]').click();

  assert.deepEqual(
    [
      "market__kind",
      "learning__gamma",
      "market__amplitude",
      "name",
      "read_zone",
      "csrfmiddlewaretoken",
    ].map(valueOf),
    ["planted_memory", "0.5", "0.1", "my own", "Europe/Berlin", "t"],
  );
  assert.equal(form.elements.learning__enabled.checked, false);
  assert.deepEqual(
    document
      .querySelectorAll("[data-preset]")
      .map((link) => [link.classList.contains("is-active"), link.getAttribute("aria-current")]),
    [
      [true, "true"],
      [false, null],
    ],
  );
});

test("a preset is used on whatever page, and followed by its link where it is not known here", async () => {
  const followed = (name) => {
    const click = new Event("click", { cancelable: true });
    document.querySelector(`[data-preset="${name}"]`).dispatchEvent(click);
    return !click.defaultPrevented;
  };

  await open("?preset=other");

  assert.deepEqual([followed("memory"), followed("other")], [false, true]);
});

test("a preset leaves alone what a person typed, where it has nothing to say of it", async () => {
  await open();
  form.elements.market__amplitude.value = "0.7";
  form.elements.market__amplitude.say("input");
  form.elements.learning__gamma.value = "0.3";
  form.elements.learning__gamma.say("input");

  document.querySelector('[data-preset="memory"]').click();

  assert.deepEqual(["market__amplitude", "learning__gamma"].map(valueOf), ["0.7", "0.5"]);
});

test("on a page that came back with errors nothing typed is lost to a preset", async () => {
  await open("", "problems");
  form.elements.name.value = "mine";

  document.querySelector('[data-preset="memory"]').click();

  assert.deepEqual(["name", "market__amplitude"].map(valueOf), ["mine", "0.9"]);
});

test("a problem on top leads to its field, in a part that opens", async () => {
  await open("", "problems");

  document.querySelector(".problems a").click();

  assert.equal(document.querySelector(".learning").getAttribute("open"), "");
});

test("help is read out with its field", async () => {
  await open();

  assert.equal(form.elements.learning__gamma.getAttribute("aria-describedby"), "gamma_help");
  assert.equal(form.elements.name.getAttribute("aria-describedby"), null);
});

test("the form is sent without its file, and what the server says is shown", async () => {
  page.answer = () => ({
    status: 200,
    json: { text: "The series has 12 rounds.", extent: "takes 8 MB", problems: {} },
  });

  await open();

  const [{ url, method, body }] = page.asked;
  assert.deepEqual(
    [url, method, body.get("name"), body.has("upload")],
    ["/room", "POST", "mine", false],
  );
  assert.deepEqual(
    [texts("#room"), texts("#extent")],
    [["The series has 12 rounds."], ["takes 8 MB"]],
  );
  assert.equal(document.querySelector("#room").hidden, false);
});

test("what asks for too much is said beside its field, in a section that opens, once", async () => {
  page.answer = () => ({
    status: 200,
    json: { problems: { learning__gamma: "too much", unknown: "lost" } },
  });
  await open();

  form.elements.learning__gamma.say("change");
  await settled();

  assert.deepEqual(texts(".too-much"), ["too much"]);
  assert.equal(document.querySelector(".learning").getAttribute("open"), "");

  page.answer = () => ({ status: 200, json: { problems: {} } });
  form.elements.learning__gamma.say("change");
  await settled();
  assert.deepEqual(texts(".too-much"), []);
});

test("an answer that was overtaken is not shown", async () => {
  await open();
  const answers = [];
  page.answer = () =>
    new Promise((resolve) => {
      answers.push(resolve);
    });

  form.elements.learning__gamma.say("change");
  form.elements.learning__gamma.say("change");
  answers[1]({ json: { text: "new" } });
  await settled();
  answers[0]({ json: { text: "old" } });
  await settled();

  assert.deepEqual(texts("#room"), ["new"]);
});

test("where the server is away nothing is claimed", async () => {
  page.answer = () => {
    throw new Error("away");
  };

  await open();

  assert.equal(document.querySelector("#room").hidden, true);
  assert.deepEqual(texts("#extent"), [""]);
});

test("the bars of the file that was read back are shown, the file is not sent again", async () => {
  await open();
  page.answer = (url) => ({
    status: 200,
    json:
      url === "/room"
        ? {}
        : {
            ok: true,
            rows: 500,
            understood: [],
            columns: {},
            headings: [],
            head: [],
            tail: [],
            range: {},
            zone: "UTC",
            gap_count: 0,
            gaps: [],
          },
  });
  form.elements.upload.files = [{ name: "p.csv" }];

  form.elements.upload.say("change");
  await settled();

  assert.equal(page.asked.at(-1).url, "/room?bars=500");
});
