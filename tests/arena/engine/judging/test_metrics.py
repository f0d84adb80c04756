"""Performance measures against empyrical on the same series, and against slow, obvious versions
where it has none.
"""

from fractions import Fraction

import empyrical
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.engine.judging.metrics import deepest_of, metrics
from arena.engine.results import TRADE

NO_TRADES = np.zeros(0, TRADE)


def measure(returns, per_year=365.0, exposures=None, trades=NO_TRADES):
    return metrics(
        np.asarray(returns),
        np.zeros(len(returns)) if exposures is None else np.asarray(exposures),
        trades,
        per_year,
    )


def trades_of(*rows):
    """TRADE [n] of (net profit, entry price, exit price, leverage)."""
    trades = np.zeros(len(rows), TRADE)
    for trade, (profit, entry, exit_, leverage) in zip(trades, rows, strict=True):
        trade["net_profit"], trade["entry_price"], trade["exit_price"], trade["leverage"] = (
            profit,
            entry,
            exit_,
            leverage,
        )
    return trades


@pytest.mark.parametrize("per_year", [252.0, 365.0, 8760.0])
@pytest.mark.parametrize("seed", range(4))
def test_annual_measures_equal_empyricals(seed, per_year):
    returns = np.random.default_rng(seed).standard_t(4, 3000) * 0.003 + 0.0002 * (seed - 1)

    found = measure(returns, per_year)

    series = pd.Series(returns)
    assert found["cagr"] == pytest.approx(
        empyrical.annual_return(series, annualization=per_year), rel=1e-9
    )
    assert found["annual_volatility"] == pytest.approx(
        empyrical.annual_volatility(series, annualization=per_year), rel=1e-9
    )
    assert found["annual_sharpe"] == pytest.approx(
        empyrical.sharpe_ratio(series, annualization=per_year), rel=1e-9
    )
    assert found["annual_sortino"] == pytest.approx(
        empyrical.sortino_ratio(series, annualization=per_year), rel=1e-9
    )
    assert found["calmar"] == pytest.approx(
        empyrical.calmar_ratio(series, annualization=per_year), rel=1e-9
    )
    assert (found["bars"], found["bars_per_year"]) == (3000, per_year)


def slow_drawdown_bars(returns):
    """Bars between the peak before the deepest point and the next equity as high, by looking at
    every bar, in whole fractions.
    """
    equity = [Fraction(1)]
    for r in returns:
        equity.append(equity[-1] * (1 + Fraction(str(r))))
    deepest, found, peak, since = -1.0, 0, equity[0], 0
    for i, value in enumerate(equity):
        if value >= peak:
            peak, since = value, i
        if 1 - value / peak > deepest:
            deepest = 1 - value / peak
            later = [j for j in range(i, len(equity)) if equity[j] >= peak]
            found = (later[0] if later else len(equity) - 1) - since
    return found


@given(st.lists(st.sampled_from([-0.1, -0.02, 0.0, 0.01, 0.05, 0.12]), max_size=40))
def test_the_length_of_the_largest_drawdown_equals_a_slow_count(returns):
    assert measure(returns)["max_drawdown_bars"] == slow_drawdown_bars(returns)


def test_a_drawdown_is_as_long_as_it_takes_to_come_back_or_to_the_end():
    assert measure([0.1, -0.2, 0.0, 0.5, -0.05])["max_drawdown_bars"] == 3
    assert measure([0.1, -0.2, 0.0, 0.1])["max_drawdown_bars"] == 3


def test_trades_give_win_rate_profit_factor_and_expectancy():
    found = measure(
        [0.0] * 10,
        trades=trades_of((30, 100, 110, 1), (-10, 100, 99, 1), (0, 100, 100, 1), (10, 100, 101, 1)),
    )

    assert found["win_rate"] == 0.5
    assert found["profit_factor"] == 4.0
    assert found["expectancy"] == 7.5


def test_turnover_counts_both_sides_of_a_trade_in_equities_a_year():
    # twice the equity bought at 100 and sold at 110, in a tenth of a year
    assert measure([0.0] * 10, 100.0, trades=trades_of((1, 100, 110, 2.0)))[
        "turnover"
    ] == pytest.approx((2 + 2.2) * 10)


def test_exposure_is_the_mean_size_of_the_position_whatever_its_side():
    assert measure([0.0] * 4, exposures=[1.0, -1.0, 0.0, 0.5])["exposure"] == 0.625


@pytest.mark.parametrize("returns", [[], [0.0], [0.0] * 5], ids=["none", "one", "cash"])
def test_what_is_not_defined_is_none_and_never_infinite(returns):
    found = measure(returns)

    assert (
        found["annual_sharpe"]
        is found["annual_sortino"]
        is found["calmar"]
        is found["win_rate"]
        is found["profit_factor"]
        is None
    )
    assert found["max_drawdown_bars"] == 0


def test_a_few_fabulous_bars_make_no_year():
    assert measure([9.0, 9.0], 525_600.0)["cagr"] is None
    assert measure([0.5, -1.0, 0.0])["cagr"] == -1.0


def test_a_history_that_compounds_beyond_any_number_keeps_its_figures():
    # a hundredth a bar for 200,000 bars is e to the power of 1990; then a tenth is lost, and won
    # back
    returns = np.concatenate([np.full(200_000, 0.01), [-0.1, 0.02, 0.1]])

    found = measure(returns, 1_000.0)

    assert found["cagr"] == pytest.approx(np.expm1(1_000 * np.log1p(returns).mean()))
    assert (found["calmar"], found["max_drawdown_bars"]) == (pytest.approx(found["cagr"] / 0.1), 3)
    assert deepest_of(returns) == pytest.approx(0.1)
