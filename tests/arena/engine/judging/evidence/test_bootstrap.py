"""The stationary bootstrap: blocks drawn as asked, sums as of the series written out, intervals
that cover what they should.
"""

import numpy as np
import pytest

from arena.engine.judging.evidence.bootstrap import (
    block_length,
    blocks,
    interval_of_return,
    interval_of_sharpe,
    resampled_sums,
)


def slow_sums(series, rng, samples):
    """The same draws, with every resampled series written out bar by bar."""
    found = []
    for _ in range(samples):
        starts, lengths = blocks(len(series), rng)
        bars = [
            series[(start + k) % len(series)]
            for start, length in zip(starts, lengths, strict=True)
            for k in range(length)
        ]
        found.append(np.sum(bars, axis=0))
    return np.array(found)


def test_sums_of_blocks_equal_the_resampled_series_written_out():
    series = np.random.default_rng(1).normal(0, 1, (97, 2))

    quick, slow = (
        resampled_sums(series, np.random.default_rng(2), 20),
        slow_sums(series, np.random.default_rng(2), 20),
    )

    np.testing.assert_allclose(quick, slow, atol=1e-9)


@pytest.mark.parametrize("bars", [1, 2, 10, 1000])
def test_blocks_are_as_long_together_as_the_series(bars):
    rng = np.random.default_rng(bars)
    for _ in range(200):
        starts, lengths = blocks(bars, rng)
        assert lengths.sum() == bars
        assert lengths.min() >= 1
        assert 0 <= starts.min() <= starts.max() < bars


def test_blocks_have_their_mean_length():
    rng = np.random.default_rng(3)
    lengths = np.concatenate([blocks(8000, rng)[1] for _ in range(200)])

    assert block_length(8000) == 20
    assert lengths.mean() == pytest.approx(20, rel=0.05)


@pytest.mark.slow
def test_intervals_cover_the_truth_about_as_often_as_they_say():
    rng, mean, deviation, bars = np.random.default_rng(4), 0.0005, 0.01, 500
    covered = []
    for _ in range(150):
        found = interval_of_sharpe(rng.normal(mean, deviation, bars), rng)
        covered.append(found.low <= mean / deviation <= found.high)

    assert 0.88 <= np.mean(covered) <= 1.0


def test_dependence_between_bars_widens_the_interval():
    rng = np.random.default_rng(5)
    noise = rng.normal(0, 0.01, 4000)
    tied = np.convolve(noise, np.ones(10) / 10**0.5, "same")

    def width(returns):
        found = interval_of_return(returns, np.random.default_rng(6))
        return np.log1p(found.high) - np.log1p(found.low)

    assert width(tied) > 1.8 * width(noise)


def test_the_chance_of_so_much_is_the_share_of_resampled_series_that_lost():
    returns = np.random.default_rng(10).normal(0.0004, 0.01, 500)
    found = interval_of_return(returns, np.random.default_rng(11))

    sums = slow_sums(np.log1p(returns)[:, None], np.random.default_rng(11), 1000)[:, 0]

    assert found.p == pytest.approx((1 + np.sum(sums <= 0)) / 1001)
    # where the interval lies above 0, chance has less than what lies below it
    sure = interval_of_return(returns + 0.002, np.random.default_rng(11))
    assert sure.low > 0
    assert sure.p <= 0.025


def test_against_another_on_the_same_bars_only_the_difference_counts():
    rng = np.random.default_rng(7)
    market = rng.normal(0, 0.02, 1000)
    better = (1 + market) * 1.001 - 1

    of_itself = interval_of_return(better, np.random.default_rng(8))
    against = interval_of_return(better, np.random.default_rng(8), market)

    assert of_itself.low < 0 < against.low
    assert against.low == pytest.approx(1.001**1000 - 1) == against.high


def test_cash_has_a_certain_return_and_no_sharpe_ratio():
    found = interval_of_return(np.zeros(50), np.random.default_rng(9))

    assert (found.low, found.high) == (0.0, 0.0)
    assert interval_of_sharpe(np.zeros(50), np.random.default_rng(9)) is None
    assert interval_of_return(np.zeros(1), np.random.default_rng(9)) is None
