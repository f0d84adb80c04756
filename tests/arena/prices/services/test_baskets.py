"""Markets are put together of what they have in common, or refused in words before anything is
stored.
"""

from dataclasses import replace

import numpy as np
import pytest

from arena.errors import BasketRefused
from arena.prices.market.bars import Bars, sha256_of
from arena.prices.models import MarketData
from arena.prices.services import baskets
from arena.prices.services.markets import market_store
from arena.prices.store import bars_read
from arena.selectors.market_choice import bars_of_settings
from arena.services.experiments import market_choice
from arena.settings_schema import SettingsError, parse
from tests.arena import world
from tests.arena.engine.small import small_bars
from tests.arena.prices.market.test_together import kept
from tests.arena.runs import tiny

pytestmark = pytest.mark.django_db
COUNT = 400


def part(seed, *, places=slice(None), name=None, kind="historical", **more):
    bars = kept(small_bars(seed, COUNT), places)
    return market_store(
        bars=[bars], name=name or f"series {seed}", data_kind=kind, source=f"test {seed}", **more
    )


def together(*parts, **more):
    return baskets.basket_store(basket=baskets.basket_look(parts=parts), **more)


def test_a_basket_is_one_row_with_the_bars_of_all_its_symbols():
    ada = world.user()
    parts = [part(1, symbols=["BTC"], provenance="from here"), part(2, symbols=["ETH"])]

    row = together(*parts, owner=ada)

    assert (row.name, row.symbols, row.bars, row.timeframe_ms) == (
        "BTC + ETH",
        ["BTC", "ETH"],
        COUNT,
        parts[0].timeframe_ms,
    )
    assert [bars.sha256() for bars in bars_read(row)] == [each.sha256 for each in parts]
    assert row.sha256 == sha256_of(bars_read(row))
    assert row.parts_in_order == parts
    assert row.provenance == "BTC: test 1. from here\nETH: test 2."
    assert list(ada.markets.all()) == [row]


def test_the_same_basket_is_stored_once_and_another_order_is_another():
    one, two = part(1), part(2)

    rows = [together(one, two), together(one, two), together(two, one)]

    assert rows[0].pk == rows[1].pk != rows[2].pk


def test_the_parts_stand_in_the_order_of_the_symbols_whichever_was_stored_first():
    parts = [part(seed) for seed in range(6)]

    row = together(*reversed(parts))

    assert row.parts_in_order == parts[::-1]
    assert row.symbols == [each.name for each in parts[::-1]]


def test_bars_that_other_parts_had_in_common_before_keep_the_parts_they_were_put_together_of(ada):
    short, long = part(1, places=slice(0, 300)), part(1, name="longer")
    row = together(short, part(2), owner=ada)

    assert together(long, part(2, places=slice(0, 300), name="shorter"), owner=ada).pk == row.pk
    assert row.parts_in_order == [short, MarketData.objects.get(name="series 2")]


def test_what_is_left_out_of_each_part_is_noted():
    row = together(
        part(1, places=slice(0, 350)), part(2, places=np.delete(np.arange(50, COUNT), [100, 101]))
    )

    assert row.bars == 298
    assert row.notes == [
        "Put together of the 298 bars that series 1 and series 2 have in common.",
        "series 1: of 350 bars left out 50 before or after them and 2 that another lacks.",
        "series 2: of 348 bars left out 50 before or after them.",
    ]
    assert (row.gap_count, row.missing_bars) == (1, 2)


def test_two_of_one_name_are_told_apart():
    assert together(
        part(1, symbols=["BTC"]), part(2, symbols=["BTC"]), part(3, symbols=["BTC"])
    ).symbols == ["BTC", "BTC 2", "BTC 3"]


@pytest.mark.parametrize(
    ("kinds", "kind"),
    [
        (["historical"] * 2, "historical"),
        (["historical", "simulated", "historical"], "simulated"),
        (["live", "historical"], "historical"),
    ],
)
def test_a_basket_is_no_better_than_the_least_favourable_of_its_parts(kinds, kind):
    assert together(*(part(seed, kind=each) for seed, each in enumerate(kinds))).data_kind == kind


def test_what_struck_a_part_strikes_the_basket_where_the_bar_is_common():
    step = small_bars().timeframe_ms
    times = small_bars(1, COUNT).time
    events = [
        {"bar": bar, "time": int(times[bar]), "symbol": 0, "kind": "swan", "change": -0.3}
        for bar in (10, 60)
    ]
    row = together(part(1, places=slice(50, COUNT)), part(2, kind="simulated", events=events))

    assert row.events == [
        {"bar": 10, "time": int(times[60]), "symbol": 1, "kind": "swan", "change": -0.3}
    ]
    assert times[60] - times[50] == 10 * step


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (lambda: [part(1)], "choose 2 to 8 markets, not 1"),
        (lambda: [part(seed) for seed in range(9)], "choose 2 to 8 markets, not 9"),
        (lambda: [part(1), part(1)], "chosen twice"),
        (
            lambda: [part(1), together(part(2), part(3))],
            r"series 2 \+ series 3 was put together itself; choose its parts",
        ),
        (
            lambda: [part(1), daily()],
            (
                "differ in length: series 1 has 1 hour and daily has 1 day; choose markets of one"
                " length"
            ),
        ),
        (
            lambda: [part(1, places=slice(0, 200)), part(2, places=slice(200, COUNT))],
            "series 1 and series 2 have nothing in common",
        ),
        (
            lambda: [part(1, places=slice(0, 210)), part(2, places=slice(100, COUNT))],
            "have 110 bars in common, and .* needs 210",
        ),
    ],
)
def test_what_makes_no_market_is_refused_with_the_remedy_and_nothing_is_stored(chosen, words):
    parts = chosen()
    before = MarketData.objects.count()

    with pytest.raises(BasketRefused, match=words):
        baskets.basket_look(parts=parts)

    assert MarketData.objects.count() == before


def daily():
    bars = small_bars(5, COUNT)
    long = Bars(
        24 * bars.time,
        bars.open,
        bars.high,
        bars.low,
        bars.close,
        bars.volume,
        24 * bars.timeframe_ms,
    )
    return market_store(bars=[long], name="daily", data_kind="historical", source="test")


def test_what_a_web_process_could_not_hold_is_refused_there_and_nowhere_else():
    parts = [part(1), part(2)]

    with pytest.raises(BasketRefused, match="they hold 800 bars, more than 799"):
        baskets.basket_look(parts=parts, most_bars=2 * COUNT - 1)
    assert len(baskets.basket_look(parts=parts, most_bars=None).times) == COUNT


def test_built_in_series_are_put_together_where_settings_name_several():
    chosen = tiny(market={"kind": "file", "paths": ["ibm_daily", "aapl_daily"]})

    row = market_choice.market_of_settings(settings=chosen)

    assert row.symbols == ["IBM", "AAPL"]
    assert row.sha256 == sha256_of(bars_of_settings(settings=chosen))
    assert "Quandl WIKI" in row.provenance


def test_blocks_of_a_basket_are_drawn_from_the_same_places_for_every_symbol():
    chosen = tiny(market={"kind": "bootstrap", "paths": ["ibm_daily", "ibm_daily"], "block": 16})
    with pytest.raises(SettingsError, match=r"market.paths: .*chosen twice"):
        market_choice.market_of_settings(settings=chosen)
    bars = small_bars(1, COUNT)
    twin = replace(bars, volume=2 * bars.volume)
    pair = together(
        part(1), market_store(bars=[twin], name="twin", data_kind="historical", source="test")
    )

    row = market_choice.market_of_series(
        settings=tiny(market={"kind": "bootstrap", "block": 16}), series=pair
    )
    one, two = bars_read(row)

    assert (row.symbols, row.drawn_from, row.data_kind) == (["series 1", "twin"], pair, "simulated")
    assert np.array_equal(one.close, two.close)
    assert np.array_equal(2 * one.volume, two.volume)
    assert len(np.unique(np.diff(np.log(one.close)))) > 100


def test_impact_needs_the_volume_of_every_symbol():
    silent = replace(small_bars(2, COUNT), volume=np.zeros(COUNT))
    quiet = market_store(bars=[silent], name="quiet", data_kind="historical", source="test")
    pair = together(part(1), quiet)

    with pytest.raises(SettingsError, match="costs.impact: needs volume, and quiet has none"):
        market_choice.volume_check(market=pair, settings=tiny(costs={"impact": 0.1}))
    market_choice.volume_check(market=pair, settings=tiny())


@pytest.mark.parametrize(
    ("market", "words"),
    [
        (
            {"path": "ibm_daily", "paths": ["ibm_daily", "aapl_daily"]},
            "one series in path or several in paths, not both",
        ),
        ({"paths": ["ibm_daily"]}, "name a single series in path"),
        ({"paths": ["x"] * 9}, "at most 8"),
    ],
)
def test_paths_of_settings_name_two_to_eight(market, words):
    with pytest.raises(SettingsError, match=f"market.paths: .*{words}"):
        parse({"market": {"kind": "file", **market}})
