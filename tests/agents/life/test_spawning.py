"""Who may have children, and what a newborn starts with."""

import numpy as np
import pytest

from agents.life.spawning import birth_trust, can_afford, child_traits, first_epsilon, fit_to_breed
from agents.life.traits import BOUNDS

FIT = {"tier": 1, "scars": 2, "trades": 10, "wealth": 101.0, "endowment": 100.0}
PARENT = {
    "learning_rate": 1e-3,
    "gamma": 0.99,
    "epsilon_bars": 4000.0,
    "risk_fraction": 1.0,
    "mutation_rate": 0.15,
    "mutation_strength": 0.02,
}


def fit(**changes) -> bool:
    return bool(
        fit_to_breed(**{name: np.array([value]) for name, value in {**FIT, **changes}.items()})[0]
    )


def test_bronze_with_two_scars_ten_trades_and_a_profit_may_bear():
    assert fit()


@pytest.mark.parametrize(
    "lack", [{"tier": 0}, {"scars": 3}, {"trades": 9}, {"wealth": 100.0}, {"wealth": 99.0}]
)
def test_an_agent_that_lacks_one_thing_may_not(lack):
    assert not fit(**lack)


def test_paying_must_leave_twice_the_line_of_bankruptcy():
    equity = np.array([2667.0, 2666.0])

    assert can_afford(equity, np.array([10_000.0]), spawn_cost=0.25, bankrupt_at=0.1).tolist() == [
        True,
        False,
    ]


def test_a_parent_in_debt_cannot_pay_even_where_nobody_goes_bankrupt():
    assert not can_afford(np.array([-1.0]), np.array([10_000.0]), spawn_cost=0.25, bankrupt_at=0.0)[
        0
    ]


def test_where_nobody_goes_bankrupt_a_parent_still_keeps_money_that_can_be_counted():
    equity, endowment = np.array([1.0]), np.array([10_000.0])
    children = 0
    while can_afford(equity, endowment, spawn_cost=0.99, bankrupt_at=0.0)[0]:
        equity, children = equity * 0.01, children + 1

    assert (children, equity[0]) == (1, pytest.approx(0.01))


def test_half_the_parents_trust_and_a_quarter_of_all():
    assert [birth_trust(t) for t in (0.0, 50.0, 100.0)] == [25.0, 50.0, 75.0]


def test_a_child_explores_as_its_parent_but_at_least_a_fifth():
    assert [first_epsilon(e) for e in (0.05, 0.2, 0.5, 0.9)] == [0.2, 0.2, 0.5, 0.9]


def test_traits_vary_with_mutation_and_only_then():
    same = child_traits(PARENT, False, True, np.random.default_rng(1))
    varied = child_traits(PARENT, True, False, np.random.default_rng(1))

    assert same == PARENT
    assert set(varied) == set(PARENT) and all(
        varied[name] != PARENT[name] for name in ("learning_rate", "gamma", "mutation_rate")
    )


def test_traits_stay_within_their_bounds_over_many_generations():
    rng = np.random.default_rng(2)
    edge = {name: BOUNDS[name][1] for name in PARENT}

    for _ in range(500):
        edge = child_traits(edge, True, True, rng)

        assert all(BOUNDS[name][0] <= value <= BOUNDS[name][1] for name, value in edge.items())
