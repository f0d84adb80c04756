"""Planted markets: the rule holds as often as promised, and shows in the features exactly where it
should.
"""

import numpy as np
import pytest

from arena.prices.market.features import WARMUP, features
from arena.prices.market.planted import LAG, rises, widths
from arena.prices.market.simulators import simulate

VOLATILITY = 0.002


def make(kind, bars=40_000, seed=1, edge=0.9):
    return simulate(
        kind,
        bars,
        np.random.default_rng(seed),
        drift=0.0,
        volatility=VOLATILITY,
        period=64,
        amplitude=0.1,
        edge=edge,
    )


def wide_bars(bars):
    return widths(bars.open, bars.high, bars.low, bars.close)


@pytest.mark.parametrize("kind", ["planted", "planted_memory"])
def test_every_bar_moves_by_exactly_the_volatility(kind):
    bars = make(kind)

    np.testing.assert_allclose(np.abs(np.log(bars.close / bars.open)), VOLATILITY, rtol=1e-9)


@pytest.mark.parametrize("edge", [0.5, 0.75, 0.9, 0.99])
def test_the_planted_direction_persists_with_the_chance_of_the_edge(edge):
    rose = rises(*(getattr(make("planted", edge=edge), name) for name in ("open", "close")))

    kept = (rose[1:] == rose[:-1]).mean()

    assert abs(kept - edge) < 4 * np.sqrt(edge * (1 - edge) / len(rose)) + 1e-9


@pytest.mark.parametrize("edge", [0.5, 0.9, 0.99])
def test_the_width_of_the_bar_eight_before_tells_the_direction_with_the_chance_of_the_edge(edge):
    bars = make("planted_memory", edge=edge)
    rose, wide = rises(bars.open, bars.close), wide_bars(bars)

    held = {lag: (wide[:-lag] == rose[lag:]).mean() for lag in range(1, 13)}
    error = 4 * np.sqrt(0.25 / len(rose))

    assert abs(held.pop(LAG) - edge) < error
    assert all(abs(share - 0.5) < error for share in held.values())
    assert abs(wide.mean() - 0.5) < error


def linear_probe(x, y):
    """Share of the later half that a least-squares plane through the earlier half calls right; x
    float [n, d], y -1 or 1 [n].
    """
    x, half = np.column_stack([x, np.ones(len(x))]), len(x) // 2
    plane = np.linalg.lstsq(x[:half], y[:half], rcond=None)[0]
    return (np.sign(x[half:] @ plane) == y[half:]).mean()


def tree_probe(x, y, depth=6, cuts=16):
    """As `linear_probe`, for a tree grown greedily by squared error over `cuts` quantiles of every
    column.
    """
    half = len(x) // 2

    def grow(rows, level):
        if level == 0 or len(rows) < 200:
            return y[rows].mean()
        best = None
        for column in range(x.shape[1]):
            for cut in np.unique(np.quantile(x[rows, column], np.arange(1, cuts) / cuts)):
                left = x[rows, column] <= cut
                n, total = left.sum(), y[rows][left].sum()
                if 50 < n < len(rows) - 50:
                    gain = total**2 / n + (y[rows].sum() - total) ** 2 / (len(rows) - n)
                    best = max(best or (gain, column, cut), (gain, column, cut))
        if best is None:
            return y[rows].mean()
        left = x[rows, best[1]] <= best[2]
        return best[1], best[2], grow(rows[left], level - 1), grow(rows[~left], level - 1)

    def call(node, row):
        while isinstance(node, tuple):
            node = node[2] if row[node[0]] <= node[1] else node[3]
        return 1 if node > 0 else -1

    tree = grow(np.arange(half), depth)
    return np.mean(
        [call(tree, row) == truth for row, truth in zip(x[half:], y[half:], strict=True)]
    )


def seen_and_next(bars):
    """(features float [n, 20] at each close, the direction of the next bar, -1 or 1 [n])."""
    moves = np.sign(np.log(bars.close / bars.open))
    return features(bars)[WARMUP:-1].astype(float), moves[WARMUP + 1 :]


def test_present_features_show_the_planted_rule():
    x, y = seen_and_next(make("planted", bars=12_000))

    assert linear_probe(x, y) == pytest.approx(0.9, abs=0.015)


@pytest.mark.parametrize("probe", [linear_probe, tree_probe])
def test_present_features_show_nothing_of_the_rule_that_needs_memory(probe):
    x, y = seen_and_next(make("planted_memory", bars=12_000, edge=0.99))

    # the error of 6,000 calls is 0.65 %
    assert abs(probe(x, y) - 0.5) < 0.02


@pytest.mark.parametrize("probe", [linear_probe, tree_probe])
def test_the_features_of_eight_bars_ago_show_it(probe):
    x, y = seen_and_next(make("planted_memory", bars=12_000))

    assert probe(x[: -LAG + 1], y[LAG - 1 :]) == pytest.approx(0.9, abs=0.015)
