"""What the evidence says of noise, and of edges planted into it: few false champions, overfitting
near one half, power as it is.
"""

import numpy as np
import pytest

from agents.life.sharpe import moments
from arena.engine.judging.evidence.deflated import CONFIDENCE, deflated_sharpe, variance_of_trials
from arena.engine.judging.evidence.overfitting import overfitting, slice_sums

TRIALS, BARS = 60, 1000
# how many experiments a share is taken of, quickly and at length
COUNTS = pytest.mark.parametrize("count", [60, pytest.param(200, marks=pytest.mark.full)])


def champion_of(matrix):
    """(deflated Sharpe ratio of the best of all trials, its PBO); matrix: returns [trials,
    bars].
    """
    found = [
        moments(matrix.shape[1], *(float(np.sum(row**k)) for k in (1, 2, 3, 4))) for row in matrix
    ]
    sharpes = [each.sharpe for each in found]
    variance = variance_of_trials(sharpes, [matrix.shape[1]] * len(matrix), matrix.shape[1])
    best = found[int(np.argmax(sharpes))]
    return deflated_sharpe(best, len(matrix), variance), overfitting(
        np.stack([slice_sums(row, 10) for row in matrix])
    )


def experiments(count, edge, seed, common=0.0):
    """Deflated ratios and PBOs of `count` experiments, whose first trial has a true Sharpe ratio of
    `edge` a bar; `common`: share of one market.
    """
    rng, found = np.random.default_rng(seed), []
    for _ in range(count):
        matrix = np.sqrt(1 - common) * rng.standard_t(5, (TRIALS, BARS)) + np.sqrt(
            common
        ) * rng.standard_t(5, BARS)
        matrix *= 0.01 / np.sqrt(5 / 3)
        matrix[0] += 0.01 * edge
        found.append(champion_of(matrix))
    return np.array(found).T


@COUNTS
@pytest.mark.parametrize("common", [0.0, 0.5])
@pytest.mark.slow
def test_noise_gives_few_significant_champions_and_overfitting_near_one_half(count, common):
    deflated, overfit = experiments(count, 0.0, 1, common)

    assert np.mean(deflated >= CONFIDENCE) <= 0.05
    assert np.mean(overfit) == pytest.approx(0.5, abs=0.05)


def test_without_deflation_the_best_of_noise_would_look_significant():
    rng = np.random.default_rng(2)
    fooled = 0
    for _ in range(100):
        best = max(rng.normal(0, 1, (TRIALS, BARS)), key=lambda row: row.mean() / row.std())
        fooled += (
            moments(BARS, *(float(np.sum(best**k)) for k in (1, 2, 3, 4))).sharpe * BARS**0.5
            > 1.645
        )
    assert fooled > 90


@COUNTS
@pytest.mark.slow
def test_planted_edges_are_found_the_more_surely_the_stronger_they_are(count, record_property):
    power = {}
    for edge in (0.05, 0.10, 0.15, 0.20):
        deflated, overfit = experiments(count, edge, 3)
        power[edge] = (float(np.mean(deflated >= CONFIDENCE)), float(np.mean(overfit)))
        record_property(f"power at a Sharpe ratio of {edge:g} a bar", power[edge])

    shares = [share for share, _ in power.values()]
    assert shares == sorted(shares)
    assert shares[0] < 0.2
    assert shares[-1] > 0.9
    assert power[0.20][1] < 0.05
