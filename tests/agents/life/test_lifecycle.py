"""States, juveniles and the number that must make room."""

import numpy as np
import pytest

from agents.life import lifecycle
from agents.life.lifecycle import ACTIVE, BANKRUPT, RETIRED, STATES, adults, retired, turnover_count
from agents.models import AgentState


@pytest.mark.tables
def test_every_state_has_a_code_of_its_name_at_its_place():
    named = {state.name: getattr(lifecycle, state.name, None) for state in AgentState}

    assert named == {name: code for code, name in enumerate(AgentState.__members__)}
    assert STATES[ACTIVE] == "active"


def test_only_the_living_retire():
    states = retired(np.array([ACTIVE, ACTIVE, BANKRUPT]), np.array([True, False, True]))

    assert states.tolist() == [RETIRED, ACTIVE, BANKRUPT]


def test_an_agent_is_grown_up_after_more_rounds_than_juveniles_live():
    assert adults(np.array([5, 4, 3, 2]), 5, 2).tolist() == [False, False, True, True]


def test_without_juvenile_rounds_everybody_is_grown_up():
    assert adults(np.array([5]), 5, 0).all()


@pytest.mark.parametrize(
    ("share", "population", "count"), [(0.1, 64, 6), (0.29, 100, 29), (0.9, 10, 9), (0.0, 50, 0)]
)
def test_turnover_is_a_share_rounded_down(share, population, count):
    assert turnover_count(share, population, population) == count


@pytest.mark.parametrize(("share", "population"), [(0.1, 9), (0.1, 2), (1e-6, 64)])
def test_where_there_is_turnover_at_least_one_makes_room(share, population):
    assert turnover_count(share, population, population) == 1


@pytest.mark.parametrize(("living", "count"), [(4, 3), (1, 0), (0, 0)])
def test_somebody_is_left_to_be_outcompeted_by(living, count):
    assert turnover_count(0.9, 10, living) == count
