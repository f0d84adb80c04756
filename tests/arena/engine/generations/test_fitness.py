"""The score of a window, each kind written out on the equity itself."""

from typing import get_args

import numpy as np
import pytest
from numba import njit

from arena.engine.generations.fitness import score_of, sharpe_of
from arena.engine.trading.windows import WINDOW, count_bar
from arena.settings_schema import FITNESS


@njit
def count(windows, equity):
    for t in range(len(equity) - 1):
        count_bar(windows[0], equity[t], equity[t + 1], 0.5)


def window_of(equity):
    """The WINDOW record of a path of equity, by the kernel that counts every bar."""
    windows = np.zeros(1, WINDOW)
    count(windows, np.asarray(equity, float))
    windows["log_growth"] = np.log(equity[-1] / equity[0])
    return windows[0]


def slow(kind, equity):
    returns = np.diff(equity) / np.asarray(equity)[:-1]
    growth, depth = (
        np.log(equity[-1] / equity[0]),
        np.max(1 - equity / np.maximum.accumulate(equity)),
    )
    losses = np.minimum(returns, 0)
    return {
        "score": lambda: growth - 0.5 * depth,
        "roi": lambda: equity[-1] / equity[0] - 1,
        "sharpe": lambda: returns.mean() / returns.std(ddof=1),
        "sortino": lambda: returns.mean() / np.sqrt(np.mean(losses**2)),
        "calmar": lambda: growth / depth,
    }[kind]()


KINDS = get_args(FITNESS)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_fitness_equals_its_formula_on_the_equity(kind, seed):
    equity = 1e4 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.001, 0.02, 300)))

    assert score_of(kind, window_of(equity)) == pytest.approx(slow(kind, equity), rel=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_an_agent_that_never_traded_scores_nothing(kind):
    assert score_of(kind, window_of([1e4] * 50)) == 0.0


@pytest.mark.parametrize(
    ("kind", "value"), [("calmar", 0.0), ("sortino", 0.0), ("score", np.log(1.5))]
)
def test_a_window_without_a_loss_divides_by_nothing(kind, value):
    assert score_of(kind, window_of([1e4, 1.2e4, 1.5e4])) == pytest.approx(value)


def test_a_sharpe_ratio_needs_returns_that_vary():
    assert np.isnan(sharpe_of(window_of([1e4, 1.1e4])))
    assert np.isnan(sharpe_of(window_of([1e4] * 9)))
    assert score_of("sharpe", window_of([1e4] * 9)) == 0.0


def test_a_window_counts_bars_powers_exposure_and_its_deepest_fall():
    equity = np.array([100.0, 110.0, 99.0, 120.0, 90.0, 95.0])
    returns = np.diff(equity) / equity[:-1]

    window = window_of(equity)

    assert window["bars"] == 5
    for k in (1, 2, 3, 4):
        assert window[f"sum{k}"] == pytest.approx(np.sum(returns**k))
    assert window["downside2"] == pytest.approx(np.sum(returns[returns < 0] ** 2))
    assert window["exposure"] == pytest.approx(2.5)
    assert window["max_drawdown"] == pytest.approx(0.25)


def test_an_unknown_fitness_is_refused():
    with pytest.raises(ValueError, match="no fitness is called 'luck'"):
        score_of("luck", window_of([1, 2, 3]))
