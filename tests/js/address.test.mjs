// Where one is on the page of an experiment, in the address and back.

import assert from "node:assert/strict";
import { test } from "node:test";

import { moved, placeOf, read, write } from "../../static/js/shared/address.js";

const BASE = "/experiments/7/";
const location = (address) => {
  const { pathname, search } = new URL(address, "http://here");
  return { pathname, search };
};
const nowhere = { round: null, agent: null, clade: null, symbol: null, bar: null };

/** A window whose address and history are lists. */
function browser(address) {
  const view = Object.assign(new EventTarget(), { location: location(address), past: [address] });
  view.history = {
    pushState(_state, _title, next) {
      view.past.push(next);
      view.location = location(next);
    },
    replaceState(_state, _title, next) {
      view.past[view.past.length - 1] = next;
      view.location = location(next);
    },
  };
  view.back = () => {
    view.past.pop();
    view.location = location(view.past.at(-1));
    view.dispatchEvent(new Event("popstate"));
  };
  return view;
}

test("every place is read from its address as it was written", () => {
  const places = [
    { tab: "overview", ...nowhere },
    { tab: "money", ...nowhere, clade: 3 },
    { tab: "agent", round: 0, agent: 755, clade: 520, symbol: 1, bar: 1840 },
  ];

  assert.deepEqual(
    places.map((place) => write(place, BASE)),
    [BASE, `${BASE}money/?clade=3`, `${BASE}agent/?round=0&agent=755&clade=520&symbol=1&bar=1840`],
  );
  assert.deepEqual(
    places.map((place) => read(location(write(place, BASE)), BASE)),
    places,
  );
});

test("what is no whole number chooses nothing", () => {
  const said = "round=-1&agent=1e3&symbol=x&bar=&clade=12345678901";
  const place = read(location(`${BASE}lineage/?${said}`), BASE);

  assert.deepEqual(place, { tab: "lineage", ...nowhere });
});

test("a bar belongs to its round and agent", () => {
  const place = { tab: "agent", ...nowhere, round: 4, agent: 7, bar: 9 };

  assert.equal(moved(place, { agent: 8 }).bar, null);
  assert.equal(moved(place, { round: null }).bar, null);
  assert.equal(moved(place, { tab: "money" }).bar, 9);
  assert.equal(moved(place, { agent: 7 }).bar, 9);
  assert.equal(moved(place, { round: 5, bar: 3 }).bar, 3);
});

test("back steps through tabs and picks, and not through rounds", () => {
  const view = browser(`${BASE}?round=2`);
  const shown = [];
  const place = placeOf(BASE, (now) => shown.push(write(now, BASE)), view);

  place.go({ tab: "population" });
  place.go({ agent: 5 });
  for (const round of [3, 4, 5]) place.slide({ round });
  place.go({ agent: 5 });
  assert.deepEqual(view.past, [
    `${BASE}?round=2`,
    `${BASE}population/?round=2`,
    `${BASE}population/?round=5&agent=5`,
  ]);
  assert.equal(shown.length, 5);

  view.back();
  assert.deepEqual([place.now().agent, place.now().round], [null, 2]);
  view.back();
  assert.equal(shown.at(-1), `${BASE}?round=2`);
  assert.equal(place.address({ tab: "evidence" }), `${BASE}evidence/?round=2`);
});
