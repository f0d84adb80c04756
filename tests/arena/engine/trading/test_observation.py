"""What an agent sees: the public row of its bar, its own four inputs, and nothing it has lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from agents.strategies import base
from arena.engine.trading.ledger import ACCOUNT, POSITION
from arena.engine.trading.observation import PRIVATE_NAMES, observe, private_inputs
from arena.prices.market.features import NAMES, PREMIUM
from ml.networks.base import INPUTS, PREMIUM_FROM, PRIVATE, PUBLIC


@njit
def inputs_of(accounts, positions, price, multiplier, out):
    private_inputs(accounts[0], positions[0], price, multiplier, out)


def seen(price=100.0, multiplier=1.0, **fields):
    account, position, out = (
        np.zeros(1, ACCOUNT),
        np.zeros(1, POSITION),
        np.full(PRIVATE, np.nan, np.float32),
    )
    for name, value in fields.items():
        (account if name in ACCOUNT.names else position)[name] = value
    inputs_of(account, position, price, multiplier, out)
    return out


numbers = st.floats(-1e6, 1e6)
prices = st.floats(0.01, 1e5)


@settings(deadline=None)
@given(st.floats(-1e4, 1e4), prices, prices, numbers, st.floats(1, 1e6), st.floats(1, 9))
def test_private_inputs_equal_their_formulas_cut_at_five(
    quantity, price, entry, equity, peak, multiplier
):
    found = seen(price, multiplier, quantity=quantity, entry_price=entry, equity=equity, peak=peak)

    side = np.sign(quantity)
    exposure = quantity * price / equity if equity > 0 else 0.0
    expected = [exposure, 10 * side * (price / entry - 1), 1 - equity / peak, multiplier - 1]
    np.testing.assert_allclose(found, np.clip(expected, -5, 5), rtol=1e-5, atol=1e-6)


def test_a_flat_account_shows_no_position():
    found = seen(quantity=0.0, entry_price=50.0, equity=90.0, peak=100.0, multiplier=1.1)

    np.testing.assert_allclose(found, [0, 0, 0.1, 0.1], rtol=1e-6)


@pytest.mark.parametrize(("premium", "t"), [(True, 0), (True, 7), (False, 7)])
def test_an_observation_is_the_row_of_its_bar_then_the_private_inputs(premium, t):
    rng = np.random.default_rng(1)
    table, private = (
        rng.normal(size=(9, PUBLIC)).astype(np.float32),
        rng.normal(size=PRIVATE).astype(np.float32),
    )
    out = np.full(INPUTS, np.nan, np.float32)

    observe(table, t, private, premium, out)

    expected = np.concatenate([table[t], private])
    if not premium:
        expected[[16, 17, 18, 19]] = 0
    np.testing.assert_array_equal(out, expected)


def test_market_network_and_strategies_mean_the_same_columns():
    assert len(NAMES) == PUBLIC
    assert len(PRIVATE_NAMES) == PRIVATE
    assert tuple(range(PREMIUM_FROM, PUBLIC)) == PREMIUM
    assert NAMES[base.RANGE_16] == "position in range 16"
    assert NAMES[base.RANGE_64] == "position in range 64"
    assert base.EXPOSURE == PUBLIC
    assert PRIVATE_NAMES[base.EXPOSURE - PUBLIC] == "exposure"
