"""Figures and actions of a block survive their packing."""

import numpy as np
import pytest

from arena.engine import packing
from arena.engine.limits import FIGURE_LIMITS
from arena.engine.results import FIGURES


def made_up():
    """Figures of five agents."""
    figures = np.random.default_rng(1).normal(size=(5, len(FIGURES)))
    for name in FIGURE_LIMITS:
        figures[:, FIGURES.index(name)] = [1, 2, 3, 2, 1]
    return figures


def test_figures_come_back_with_their_gaps():
    figures = made_up()
    figures[2, 3] = np.nan

    assert np.array_equal(
        packing.unpack_figures(packing.pack_figures(figures)), figures, equal_nan=True
    )


@pytest.mark.parametrize("symbols", [1, 3])
@pytest.mark.parametrize("bars", [1, 3, 4, 5, 512])
def test_actions_take_two_bits_each_and_come_back(bars, symbols):
    actions = np.random.default_rng(2).integers(0, 4, (7, symbols, bars)).astype(np.uint8)

    packed = packing.pack_actions(actions)

    assert np.array_equal(packing.unpack_actions(packed), actions)
    assert len(packed) <= 7 * symbols * -(-bars // 4) + 200


def test_a_block_that_is_not_done_has_none():
    assert packing.unpack_figures(b"").shape == (0, len(FIGURES))
    assert packing.unpack_actions(b"").shape == (0, 0, 0)
