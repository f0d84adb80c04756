"""The digest chain depends on agents and order of rounds, never on how agents were grouped."""

import numpy as np

from arena.engine.results import TRADE
from arena.store import digests

NUMBERS = np.array([4, 2, 9, 1])
EACH, SHOWN = np.random.default_rng(2).integers(0, 256, (2, 4, 32)).astype(np.uint8)
COLUMNS = {"curves": {"return": {"median": 0.5}}, "agent_steps": 7}


def test_the_order_in_which_blocks_bring_their_agents_does_not_matter():
    turned = np.array([2, 0, 3, 1])

    turned_round = digests.link("a", NUMBERS[turned], EACH[turned], SHOWN[turned], "file", COLUMNS)

    assert digests.link("a", NUMBERS, EACH, SHOWN, "file", COLUMNS) == turned_round


def test_a_change_anywhere_changes_the_link():
    changed, shown = EACH.copy(), SHOWN.copy()
    changed[2, 31] ^= 1
    shown[0, 0] ^= 1
    links = {
        digests.link("a", NUMBERS, EACH, SHOWN, "file", COLUMNS),
        digests.link("b", NUMBERS, EACH, SHOWN, "file", COLUMNS),
        digests.link("a", NUMBERS + 1, EACH, SHOWN, "file", COLUMNS),
        digests.link("a", NUMBERS, changed, SHOWN, "file", COLUMNS),
        digests.link("a", NUMBERS, EACH, shown, "file", COLUMNS),
        digests.link("a", NUMBERS, EACH, SHOWN, "other", COLUMNS),
        digests.link("a", NUMBERS, EACH, SHOWN, "file", COLUMNS | {"agent_steps": 8}),
        digests.link(
            "a",
            NUMBERS,
            EACH,
            SHOWN,
            "file",
            {"curves": {"return": {"median": 0.6}}, "agent_steps": 7},
        ),
    }

    assert len(links) == 8


def test_where_a_market_was_read_from_does_not_matter_but_its_bars_do():
    here, there = ({"seed": 1, "market": {"path": path}} for path in ("/a/prices.csv", "b.csv"))

    assert digests.genesis(here, "bars", "founders") == digests.genesis(there, "bars", "founders")
    assert digests.genesis(here, "bars", "founders") != digests.genesis(here, "other", "founders")
    assert digests.genesis({"seed": 2}, "bars", "founders") != digests.genesis(
        {"seed": 1}, "bars", "founders"
    )


def test_records_are_hashed_by_agent_and_sequence():
    trades = np.zeros(3, TRADE)
    trades["agent"], trades["sequence"], trades["net_profit"] = (
        [1, 1, 2],
        [0, 1, 0],
        [5.0, -1.0, 3.0],
    )
    changed = trades.copy()
    changed["net_profit"][1] = np.nextafter(-1.0, 0.0)

    assert digests.records_sha256(trades) == digests.records_sha256(trades[::-1])
    assert digests.records_sha256(trades) != digests.records_sha256(changed)
