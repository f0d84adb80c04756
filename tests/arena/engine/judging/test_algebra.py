"""Lines of algebra know the bars before the vault, and nothing after."""

from dataclasses import replace

import numpy as np

from agents.strategies.rules import RULES
from arena.engine.judging.algebra import algebra_runs, fitted
from arena.engine.judging.evaluate import baseline_runs
from arena.engine.results import TRADE_REASONS
from arena.engine.schedule import vault
from arena.prices.market.simulators import simulate
from arena.prices.market.view import MarketView
from tests.arena.engine.small import small_settings

BARS = 1500


def wave(seed=1):
    return simulate(
        "sine",
        BARS,
        np.random.default_rng(seed),
        drift=0.0,
        volatility=0.002,
        period=64,
        amplitude=0.1,
    )


def changed_from(bars, first):
    """The same series with every price doubled from bar `first` on."""
    factor = np.where(np.arange(len(bars.close)) < first, 1.0, 2.0)
    return replace(
        bars, **{name: getattr(bars, name) * factor for name in ("open", "high", "low", "close")}
    )


def settings_with_vault(**sections):
    return small_settings(4, evaluation={"vault": 0.3, "embargo": 16}, **sections)


def test_nothing_of_the_embargo_or_the_vault_is_in_a_fit():
    settings, bars = settings_with_vault(), wave()
    end = vault(BARS, settings)[0] - settings.evaluation.embargo

    for kind in ("ridge", "logistic"):
        earlier = fitted(kind, MarketView.of([bars]), settings)
        later = fitted(kind, MarketView.of([changed_from(bars, end)]), settings)
        np.testing.assert_array_equal(earlier.plane.slopes, later.plane.slopes)
        assert earlier.threshold == later.threshold
    # up to there everything is
    whole, without = (
        fitted("ridge", MarketView.of([changed_from(bars, first)]), settings)
        for first in (end, end - 1)
    )
    assert not np.array_equal(whole.plane.slopes, without.plane.slopes)


def test_on_a_wave_a_line_of_algebra_earns_and_stands_on_the_terms_of_all_rules():
    settings, market = (
        settings_with_vault(life={"max_leverage": 3.0, "stop_loss": 0.01}),
        MarketView.of([wave()]),
    )

    found = algebra_runs(market, settings)

    assert list(found) == [name for name, rule in RULES.items() if rule.fitted]
    assert all(run.window["log_growth"] > 0.3 for run in found.values())
    assert all(run.trades["leverage"].max() <= 1.0 + 1e-9 for run in found.values())
    assert not any(
        (run.trades["reason"] == TRADE_REASONS.index("stop_loss")).any() for run in found.values()
    )


def test_it_is_no_curve_of_a_round_and_needs_a_vault():
    settings, market = settings_with_vault(), MarketView.of([wave()])
    without = small_settings(4, evaluation={"vault": 0.0})

    assert not set(algebra_runs(market, settings)) & set(
        baseline_runs(market, (300, 400), settings, 0)
    )
    assert algebra_runs(market, without) == {}


def test_of_several_symbols_one_line_is_fitted_to_all():
    settings = settings_with_vault()
    market = MarketView.of([wave(1), wave(2)])

    line = fitted("ridge", market, settings)

    assert line.plane.slopes.shape == (20,)
    assert algebra_runs(market, settings)["ridge"].window["log_growth"] > 0.0
