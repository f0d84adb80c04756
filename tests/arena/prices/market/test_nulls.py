"""Shuffled copies of a market: the same bars in another order, drift and distribution kept,
structure gone.
"""

import numpy as np
import pytest

from arena.prices.market.nulls import shuffled
from tests.arena.engine.small import small_bars

BARS = small_bars(bars=1003, kind="regimes")


def shapes(bars):
    """What a bar is made of, one row each: gap, high, low and close from its open in logarithms,
    volume.
    """
    before = np.concatenate([bars.open[:1], bars.close[:-1]])
    columns = [
        np.log(bars.open / before),
        *(np.log(x / bars.open) for x in (bars.high, bars.low, bars.close)),
        bars.volume,
    ]
    return np.round(np.stack(columns, axis=1), 9) + 0.0


@pytest.mark.parametrize("block", [1, 7, 2000])
def test_the_copy_holds_the_same_bars_in_another_order(block):
    [copy] = shuffled([BARS], np.random.default_rng(1), block)

    assert sorted(map(tuple, shapes(copy))) == sorted(map(tuple, shapes(BARS)))
    assert (shapes(copy) == shapes(BARS)).all() == (block == 2000)
    np.testing.assert_array_equal(copy.time, BARS.time)


def test_the_price_ends_where_it_ended_so_that_drift_is_kept():
    [copy] = shuffled([BARS], np.random.default_rng(2))

    assert copy.close[-1] == pytest.approx(BARS.close[-1], rel=1e-9)
    assert copy.open[0] != BARS.open[0] or copy.close[0] != BARS.close[0]


def test_within_a_block_the_order_stays():
    copy, whole = shapes(shuffled([BARS], np.random.default_rng(3), 10)[0]), shapes(BARS)

    places = {tuple(row): i for i, row in enumerate(whole)}
    order = np.array([places[tuple(row)] for row in copy])
    steps = np.diff(order)
    assert (steps == 1).mean() > 0.88
    assert (np.diff(order[np.flatnonzero(steps != 1)[0] + 1 :])[:9] == 1).all()


def test_a_planted_edge_does_not_survive_and_that_of_the_original_is_there():
    planted = small_bars(bars=5000, kind="planted")

    def persistence(bars):
        signs = np.sign(np.log(bars.close / bars.open))
        return np.mean(signs[1:] == signs[:-1])

    assert persistence(planted) > 0.85
    assert abs(persistence(shuffled([planted], np.random.default_rng(4))[0]) - 0.5) < 0.03


def test_the_same_stream_gives_the_same_copy():
    copies = [shuffled([BARS], np.random.default_rng(seed))[0].sha256() for seed in (5, 5, 6)]

    assert copies[0] == copies[1] != copies[2]


def test_symbols_are_put_into_the_same_order_so_that_they_still_move_together():
    other = small_bars(seed=2, bars=1003)

    first, second = shuffled([BARS, other], np.random.default_rng(7))

    places = {tuple(row): i for i, row in enumerate(shapes(BARS))}
    order = np.array([places[tuple(row)] for row in shapes(first)])
    np.testing.assert_allclose(shapes(second), shapes(other)[order], atol=2e-9)
    assert first.sha256() == shuffled([BARS], np.random.default_rng(7))[0].sha256()
