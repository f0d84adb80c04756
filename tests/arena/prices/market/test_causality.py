"""Another future leaves the past alone, and spares nothing of what comes after."""

import numpy as np

from arena.prices.market.bars import COLUMNS
from arena.prices.market.causality import cut, first_changes, futures, with_other_future
from arena.prices.market.simulators import simulate

BARS = simulate("jumps", 300, np.random.default_rng(1), drift=0.0, volatility=0.002)


def test_another_future_changes_every_column_of_every_later_bar_and_none_before():
    other = with_other_future(BARS, 200, np.random.default_rng(2))

    for name in COLUMNS:
        before, after = getattr(BARS, name), getattr(other, name)
        assert (before[:200] == after[:200]).all()
        assert (before[200:] != after[200:]).all()


def test_both_futures_keep_the_bars_up_to_the_moment():
    short, other = futures(BARS, 150, np.random.default_rng(2))

    assert (len(short), len(other)) == (151, 300)
    assert short.sha256() == cut(other, 151).sha256() == cut(BARS, 151).sha256()


def test_the_first_change_is_found_by_the_bit_nan_and_minus_zero_included():
    before = np.zeros((5, 4), np.float32)
    before[3, 3] = np.nan
    after = before.copy()
    after[2, 0], after[4, 0], after[1, 2] = 1e-45, 1.0, -0.0

    assert first_changes(before, after) == {0: 2, 2: 1}
