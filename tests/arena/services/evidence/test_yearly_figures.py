"""A card's yearly figures are those of the bars, by slow obvious versions, and by quantstats where
it is given our bars a year.

quantstats counts a year as so many returns, takes the sample deviation, divides downside by all
returns, and a drawdown from the money put in: so do we. Its default of 252 is for days alone.
"""

from dataclasses import replace
from math import sqrt

import numpy as np
import pandas as pd
import pytest

from arena.engine.judging.champion import champion_slot
from arena.engine.judging.evaluate import runs
from arena.models import Evaluation
from arena.prices.market.bars import DAY_MS, Bars
from arena.prices.market.calendar import WEEK_MS
from arena.prices.services.markets import market_store
from arena.services.evidence.judgement import case_at_end, year_of
from arena.services.evidence.judging import stretches
from tests.arena.prices.market.test_calendar import HOUR, forex
from tests.arena.runs import finished, tiny

pytestmark = pytest.mark.django_db(transaction=True)
VAULT = "out_of_sample"


def forex_bars():
    """A year and more of hours without weekends, more than 6,200."""
    times, rng = forex(weeks=56), np.random.default_rng(5)
    close = 1.1 * np.exp(np.cumsum(rng.standard_normal(len(times)) * 0.0012))
    first = np.concatenate([[1.1], close[:-1]])
    high, low = np.maximum(first, close) * 1.0002, np.minimum(first, close) * 0.9998
    return Bars(times, first, high, low, close, np.full(len(times), 100.0), HOUR)


def judged():
    """(the champion's figures on the vault, its bar returns there, bars of the market)."""
    bars = forex_bars()
    market = market_store(bars=[bars], name="EURUSD", data_kind="historical", source="test")
    experiment = finished(tiny(rounds=3, round_bars=96), market)
    case = case_at_end(experiment=experiment, beat=lambda: None)
    slot, stretch = (
        champion_slot(case.agents),
        stretches(bars=len(bars), settings=case.settings, rounds=case.rounds)[VAULT],
    )
    run = next(
        runs(
            case.weights_of(slot)[None],
            case.agents[slot : slot + 1],
            case.market,
            stretch,
            case.settings,
        )
    )
    row = Evaluation.objects.get(experiment=experiment, subject="champion", stretch=VAULT)
    return row.figures, run.returns, bars


def slow_bars_a_year(times, length_ms):
    """Bars that open in the largest whole number of years since the first, one by one, over those
    years; of weeks under a year.
    """
    lasts = times[-1] + length_ms - times[0]
    year = 365.25 * DAY_MS
    unit, many = (year, int(lasts // year)) if lasts >= year else (WEEK_MS, int(lasts // WEEK_MS))
    return sum(1 for time in times.tolist() if time - times[0] < many * unit) / many * (year / unit)


def slow_figures(returns, per_year):
    """Every yearly measure, bar by bar."""
    equity, peak, deepest, lost = 1.0, 1.0, 0.0, 0.0
    for r in returns.tolist():
        equity *= 1.0 + r
        peak = max(peak, equity)
        deepest = max(deepest, 1.0 - equity / peak)
        lost += min(r, 0.0) ** 2
    n, mean = len(returns), sum(returns.tolist()) / len(returns)
    deviation = sqrt(sum((r - mean) ** 2 for r in returns.tolist()) / (n - 1))
    cagr = equity ** (per_year / n) - 1.0
    return {
        "cagr": cagr,
        "annual_volatility": deviation * sqrt(per_year),
        "annual_sharpe": mean / deviation * sqrt(per_year),
        "annual_sortino": mean / sqrt(lost / n) * sqrt(per_year),
        "calmar": cagr / deepest,
        "max_drawdown": deepest,
        "return": equity - 1.0,
    }


def test_the_cards_yearly_figures_are_those_of_its_bars():
    figures, returns, bars = judged()

    per_year = slow_bars_a_year(bars.time, HOUR)
    assert len(bars) > 6_200 and 6_240 < per_year <= 6_270
    assert figures["bars_per_year"] == per_year
    assert np.any(returns != 0.0)
    for name, expected in slow_figures(returns, per_year).items():
        assert figures[name] == pytest.approx(expected, rel=1e-9), name


def test_the_cards_yearly_figures_are_those_of_quantstats():
    stats = pytest.importorskip("quantstats").stats
    figures, returns, bars = judged()
    series = pd.Series(returns, index=pd.to_datetime(bars.time[-len(returns) :], unit="ms"))

    periods = figures["bars_per_year"]

    assert figures["cagr"] == pytest.approx(stats.cagr(series, periods=periods), rel=1e-9)
    assert figures["annual_volatility"] == pytest.approx(
        stats.volatility(series, periods=periods), rel=1e-9
    )
    assert figures["annual_sharpe"] == pytest.approx(
        stats.sharpe(series, periods=periods), rel=1e-9
    )
    assert figures["annual_sortino"] == pytest.approx(
        stats.sortino(series, periods=periods), rel=1e-9
    )
    assert figures["max_drawdown"] == pytest.approx(-stats.max_drawdown(series), rel=1e-9)
    assert figures["calmar"] == pytest.approx(stats.calmar(series, periods=periods), rel=1e-9)


def test_blocks_of_a_series_have_the_year_of_that_series():
    bars = forex_bars()
    fields = {"data_kind": "historical", "source": "test"}
    series = market_store(bars=[bars], name="EURUSD", **fields)
    hours = replace(bars, time=bars.time[0] + np.arange(len(bars)) * HOUR)

    copy = market_store(bars=[hours], name="blocks of EURUSD", drawn_from=series, **fields)

    assert year_of(market=copy) == year_of(market=series) == slow_bars_a_year(bars.time, HOUR)
