"""Markets are made by the settings and their seed, stored once, and say of what they were made."""

import numpy as np
import pytest

from arena.prices.market.bars import sha256_of
from arena.prices.market.simulators import SIMULATORS
from arena.prices.models import MarketData
from arena.prices.selectors.markets import series_offered
from arena.prices.services import markets
from arena.prices.store import bars_read
from arena.selectors.market_choice import bars_of_settings
from arena.services.experiments import market_choice
from arena.settings_schema import ON_SERIES, Market, SettingsError, parse
from tests.arena import world
from tests.arena.runs import draft, tiny

pytestmark = pytest.mark.django_db
KINDS = [*SIMULATORS, "bootstrap", "file"]


def settings(kind="jumps", seed=7, **figures):
    path = {"path": "ibm_daily"} if kind in ON_SERIES else {}
    return tiny(seed=seed, market={"kind": kind, **path, **figures})


def test_every_kind_of_the_schema_can_be_made():
    assert set(KINDS) == set(Market.model_fields["kind"].annotation.__args__)


@pytest.mark.parametrize("kind", KINDS)
def test_the_bars_of_settings_are_the_bars_that_are_stored(kind):
    row = market_choice.market_of_settings(settings=settings(kind))

    assert (
        sha256_of(bars_of_settings(settings=settings(kind)))
        == row.sha256
        == sha256_of(bars_read(row))
    )
    assert row.data_kind == ("historical" if kind == "file" else "simulated")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "file"])
def test_another_seed_makes_another_market(kind):
    rows = [
        market_choice.market_of_settings(settings=settings(kind, seed=seed)) for seed in (1, 1, 2)
    ]

    assert rows[0].pk == rows[1].pk != rows[2].pk


def test_the_source_names_the_figures_that_shaped_the_market_and_no_others():
    assert (
        market_choice.market_of_settings(settings=settings("gbm")).source
        == "simulator gbm: volatility 0.002, seed 7"
    )


def test_black_swans_are_recorded_with_their_bars():
    row = market_choice.market_of_settings(settings=settings(swan_rate=50.0, swan_drop=0.4))
    [bars] = bars_read(row)

    struck = np.flatnonzero(bars.close / bars.open < 0.7)

    assert len(struck) > 0
    assert [event["bar"] for event in row.events] == struck.tolist()
    assert [event["time"] for event in row.events] == bars.time[struck].tolist()
    assert [event["change"] for event in row.events] == pytest.approx(
        bars.close[struck] / bars.open[struck] - 1
    )
    assert market_choice.market_of_settings(settings=settings("regimes")).events == []


def test_a_resampled_series_says_what_it_was_drawn_from():
    row = market_choice.market_of_settings(settings=settings("bootstrap", block=16))

    assert row.drawn_from.data_kind == "historical"
    assert (
        row.source
        == "stationary block bootstrap, blocks of 16 bars, seed 7, of built-in series ibm_daily"
    )
    assert row.provenance == row.drawn_from.provenance


def test_a_file_that_was_only_resampled_is_offered_again_to_its_owner():
    series = MarketData.objects.get(pk=markets.market_builtin(name="ibm_daily").pk)
    MarketData.objects.filter(pk=series.pk).update(source="file ibm.csv")
    owner = world.user()
    chosen = settings("bootstrap", block=16)
    run = draft(settings=chosen, owner=owner)
    run.market = market_choice.market_of_series(settings=chosen, series=series)
    run.save()

    assert list(series_offered(user=owner)) == [series]
    assert list(series_offered(user=world.user("eve"))) == []


@pytest.mark.parametrize(
    ("market", "key"),
    [
        ({"kind": "bootstrap"}, "market.path"),
        ({"kind": "bootstrap", "path": "tulips"}, "market.path"),
        ({"kind": "bootstrap", "path": "ibm_daily", "block": 5000}, "market.block"),
    ],
)
def test_what_cannot_be_resampled_is_refused_with_the_key(market, key):
    chosen = parse({"market": market})

    for make in (market_choice.market_of_settings, bars_of_settings):
        with pytest.raises(SettingsError) as caught:
            make(settings=chosen)

        assert list(caught.value.problems) == [key]
    assert not MarketData.objects.filter(data_kind="simulated").exists()
