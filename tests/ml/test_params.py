"""Flat parameters: where they lie, how they begin, and what damage does to them."""

import numpy as np
import pytest
from scipy import stats

from ml.networks.registry import NETWORKS
from ml.params import deviations, disturbed, xavier

HIDDENS = [(8,), (16, 12), (5, 7, 4)]


def rng(seed=1):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("hidden", HIDDENS)
@pytest.mark.parametrize("kind", list(NETWORKS))
def test_weights_begin_uniform_within_glorots_bound_and_biases_at_their_start(kind, hidden):
    layout = NETWORKS[kind].layout(hidden)

    weights = xavier(layout, rng())

    assert weights.dtype == np.float32
    for part in layout.parts:
        values = weights[part.slice]
        if part.bias:
            assert (values == part.start).all()
        else:
            bound = np.sqrt(6 / (part.fan[0] + part.fan[1]))
            assert np.abs(values).max() <= bound * (1 + 1e-6)
            assert stats.kstest(values / bound, stats.uniform(-1, 2).cdf).pvalue > 1e-3


@pytest.mark.parametrize("kind", list(NETWORKS))
def test_a_part_is_seen_in_its_own_shape_without_a_copy(kind):
    layout = NETWORKS[kind].layout((8, 5))
    weights = np.arange(layout.size, dtype=np.float32)

    for part in layout.parts:
        seen = layout.view(weights, part.name)
        assert seen.shape == part.shape
        assert seen.flat[0] == part.offset
        assert np.shares_memory(seen, weights)


@pytest.mark.parametrize("kind", list(NETWORKS))
def test_the_deviation_of_a_matrix_is_its_own_and_its_layers_biases_take_it_too(kind):
    layout = NETWORKS[kind].layout((8, 5))
    weights = rng().normal(size=layout.size).astype(np.float32)

    found = deviations(layout, weights)

    for part, value in zip(layout.parts, found, strict=True):
        matrix = (
            next(other for other in layout.parts if other.layer == part.layer and not other.bias)
            if part.bias
            else part
        )
        assert value == pytest.approx(
            layout.view(weights, matrix.name).astype(float).std(), rel=1e-12
        )


@pytest.mark.parametrize("kind", list(NETWORKS))
def test_damage_is_normal_with_a_share_of_each_layers_deviation(kind):
    layout = NETWORKS[kind].layout((64, 64))
    weights = xavier(layout, rng())
    before = weights.copy()

    noise = disturbed(layout, weights, 0.05, rng(2)).astype(float) - weights

    np.testing.assert_array_equal(weights, before)
    shares = np.concatenate(
        [
            noise[part.slice] / (0.05 * s)
            for part, s in zip(layout.parts, deviations(layout, weights), strict=True)
        ]
    )
    assert stats.kstest(shares, stats.norm.cdf).pvalue > 1e-3
