"""The deflated Sharpe ratio: its published worked example, simulated luck, and the track record
that would be enough.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.life.sharpe import Moments, chance_above
from arena.engine.judging.evidence.deflated import (
    deflated_sharpe,
    expected_maximum,
    luck,
    minimum_track_record,
    variance_of_noise,
    variance_of_trials,
)

# Bailey and Lopez de Prado (2014): five years of daily returns, the best of 100, Sharpe ratios
# annual with 250 days a year
YEAR = 250
PAPER = Moments(n=1250, sharpe=2.5 / YEAR**0.5, skew=-3.0, kurtosis=10.0)
TRIALS, VARIANCE = 100, 0.5 / YEAR


def test_the_published_worked_example_is_reproduced():
    assert round(luck(TRIALS, VARIANCE), 4) == 0.1132
    assert round(deflated_sharpe(PAPER, TRIALS, VARIANCE), 4) == 0.9004


@pytest.mark.parametrize("trials", [10, 100, 1000])
def test_the_expected_maximum_is_what_draws_give(trials):
    draws = np.random.default_rng(trials).standard_normal((20_000, trials)).max(axis=1)

    # an approximation for many trials
    assert expected_maximum(trials) == pytest.approx(draws.mean(), rel=0.03)


def test_a_single_trial_needs_no_deflation():
    assert expected_maximum(1) == 0.0
    assert deflated_sharpe(PAPER, 1, VARIANCE) == chance_above(0.0, PAPER)


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.floats(1e-6, 0.1))
def test_more_trials_never_make_a_result_more_believable(few, more, variance):
    few, more = sorted((few, more))

    assert deflated_sharpe(PAPER, more, variance) <= deflated_sharpe(PAPER, few, variance) + 1e-12


def test_trials_of_one_length_vary_by_the_plain_sample_variance():
    sharpes = np.random.default_rng(1).normal(0, 0.05, 40)

    assert variance_of_trials(sharpes, [500] * 40, 500) == pytest.approx(np.var(sharpes, ddof=1))


def test_trials_of_different_lengths_vary_as_if_all_were_as_long_as_asked():
    rng = np.random.default_rng(2)
    lengths = rng.integers(100, 3000, 4000)
    sharpes = [rng.normal(0, 1, n).mean() for n in lengths]

    # unit variance returns without skill: a ratio over n bars has variance 1 / n
    assert variance_of_trials(sharpes, lengths, 1000) == pytest.approx(1 / 1000, rel=0.06)


def test_what_trials_differ_in_stays_however_long_they_are_measured():
    rng, skill = np.random.default_rng(3), 0.1
    lengths = rng.integers(100, 3000, 4000)
    sharpes = [rng.normal(0, skill) + rng.normal(0, 1 / n**0.5) for n in lengths]

    # the noise of few bars is the less certain part, as long lives count more
    for at, close in ((100, 0.2), (10_000, 0.1)):
        assert variance_of_trials(sharpes, lengths, at) == pytest.approx(
            skill**2 + 1 / at, rel=close
        )


def test_fewer_than_two_trials_do_not_vary():
    assert variance_of_trials([0.3], [100], 100) == variance_of_trials([], [], 100) == 0.0


@pytest.mark.parametrize("benchmark", [0.0, 0.05])
def test_the_minimum_track_record_is_just_enough(benchmark):
    bars = minimum_track_record(PAPER, benchmark)

    assert chance_above(benchmark, PAPER._replace(n=bars)) == pytest.approx(0.95)


def test_no_track_record_is_long_enough_for_what_is_not_above_the_benchmark():
    assert minimum_track_record(PAPER._replace(sharpe=0.1), 0.1) is None
    assert minimum_track_record(PAPER._replace(sharpe=-0.1)) is None


@pytest.mark.parametrize("bars", [100, 1000])
@pytest.mark.parametrize("draw", ["standard_normal", "standard_t"])
def test_noise_makes_sharpe_ratios_vary_as_the_formula_says_whatever_its_tails(bars, draw):
    rng = np.random.default_rng(bars)
    returns = (
        rng.standard_normal((4000, bars))
        if draw == "standard_normal"
        else rng.standard_t(3, (4000, bars))
    )
    ratios = returns.mean(axis=1) / returns.std(axis=1, ddof=1)

    assert variance_of_noise(bars) == pytest.approx(np.var(ratios), rel=0.1)


def test_the_ruined_and_the_good_swell_the_published_luck_and_leave_that_of_noise_alone():
    """A wave that some have learnt, and on which the young are ruined: 30 who earn, 30 who lost
    early.
    """
    rng = np.random.default_rng(4)
    lengths = np.repeat([2000, 100], 30)
    sharpes = np.repeat([0.4, -0.4], 30) + rng.standard_normal(60) / lengths**0.5

    published, noise = (
        luck(60, variance_of_trials(sharpes, lengths, 2000)),
        luck(60, variance_of_noise(2000)),
    )

    assert published > 0.15
    # the best of 60 draws of 2000 bars each, written out
    best = (rng.standard_normal((2000, 60)) / 2000**0.5).max(axis=1).mean()
    assert noise == pytest.approx(best, rel=0.05)
