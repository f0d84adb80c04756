"""Rule strategies read the observation only."""

import numpy as np
import pytest

from agents.strategies.base import BUY, EXPOSURE, HOLD, RANGE_16, RANGE_64, SELL
from agents.strategies.rules import RULES
from arena.engine import results
from arena.prices.market import features
from ml.networks.base import INPUTS, PUBLIC


def observation(**values: float) -> np.ndarray:
    columns = {"exposure": EXPOSURE, "range_16": RANGE_16, "range_64": RANGE_64}
    row = np.zeros(INPUTS, np.float32)
    for name, value in values.items():
        row[columns[name]] = value
    return row


def make(name: str):
    return RULES[name](np.random.default_rng(1))


def test_actions_have_the_engines_numbers():
    assert (SELL, HOLD, BUY) == (results.SELL, results.HOLD, results.BUY)


def test_the_columns_that_rules_read_are_what_they_are_called():
    assert (features.NAMES[RANGE_16], features.NAMES[RANGE_64]) == (
        "position in range 16",
        "position in range 64",
    )
    assert EXPOSURE == PUBLIC == len(features.NAMES)


def test_every_baseline_of_the_rules_is_there_by_its_name():
    assert list(RULES) == [
        "buy_and_hold",
        "short_and_hold",
        "constant_exposure",
        "cash",
        "random",
        "momentum",
        "mean_reversion",
        "ridge",
        "logistic",
    ]
    assert all(make(name).name == name for name in RULES)


def test_buy_and_hold_buys_once_and_never_sells():
    strategy = make("buy_and_hold")

    assert strategy.decide(observation(exposure=0.0)) == BUY
    assert strategy.decide(observation(exposure=0.97)) == HOLD


def test_cash_does_nothing_even_where_selling_would_mean_short():
    assert make("cash").decide(observation(range_64=1.0)) == HOLD


def test_random_takes_every_action_about_as_often():
    strategy = make("random")
    counts = np.bincount([strategy.decide(observation()) for _ in range(3000)])

    assert np.allclose(counts, 1000, atol=120)


def test_random_is_the_same_again_from_the_same_generator():
    a, b = make("random"), make("random")

    assert [a.decide(observation()) for _ in range(50)] == [
        b.decide(observation()) for _ in range(50)
    ]


@pytest.mark.parametrize(
    ("position", "action"), [(0.9, BUY), (-0.9, SELL), (0.0, HOLD), (0.5, HOLD)]
)
def test_momentum_follows_the_break_out_of_the_long_range(position, action):
    assert make("momentum").decide(observation(range_64=position)) == action


@pytest.mark.parametrize(("position", "action"), [(0.9, SELL), (-0.9, BUY), (0.0, HOLD)])
def test_mean_reversion_trades_against_the_short_range(position, action):
    assert make("mean_reversion").decide(observation(range_16=position)) == action


@pytest.mark.parametrize("name", list(RULES))
def test_a_rule_learns_nothing_from_its_trades(name):
    strategy = make(name)
    before = strategy.decide(observation(exposure=1.0)) if name != "random" else None

    strategy.on_win(5.0)
    strategy.on_loss(5.0)

    assert name == "random" or strategy.decide(observation(exposure=1.0)) == before
