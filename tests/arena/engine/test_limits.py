"""Every field of every array that an agent is made of has limits, and whatever lies beyond them is
named with its place.
"""

import re
from dataclasses import fields

import numpy as np
import pytest

from arena.engine import limits
from arena.engine.agent_record import LARGEST
from arena.engine.results import AGENT, FIGURES, Block
from tests.arena.engine.small import born, small_settings

INTEGERS = [name for name in AGENT.names if AGENT[name].base.kind == "i"]
FLOATS = [name for name in AGENT.names if AGENT[name].base.kind == "f"]
ARRAYS = [field.name for field in fields(Block) if field.name != "head"]


def lived():
    """A block that has filled its memory, with priorities."""
    block = born(small_settings(learning={"priority": 0.5, "replay": 64}))
    block.bar[:], block.head = np.arange(64), 5
    block.agents["remembered"] = 64
    return block


def beyond(name):
    """(value, whose words) that lie just outside the limits of a field of AGENT."""
    least, most = limits.AGENT_LIMITS[name]
    if name in INTEGERS:
        return [int(least) - 1, int(most) + 1]
    outside = [np.inf, -np.inf] if name in limits.UNKNOWN else [np.inf, -np.inf, np.nan]
    near = [
        np.nextafter(limit, side)
        for limit, side in ((least, -np.inf), (most, np.inf))
        if abs(limit) < LARGEST
    ]
    return outside + near


def test_newborns_and_veterans_are_sound():
    assert limits.agents_problem(born(small_settings()).agents) is None
    assert limits.block_problem(born(small_settings())) is None
    assert limits.block_problem(lived()) is None


def test_no_field_is_forgotten():
    assert set(limits.AGENT_LIMITS) == set(AGENT.names)
    assert set(limits.BLOCK_SHAPES) == set(ARRAYS)
    assert set(limits.BLOCK_LIMITS) == set(ARRAYS) - {"agents"}
    assert set(limits.FIGURE_LIMITS) <= set(FIGURES)


@pytest.mark.parametrize("name", [*INTEGERS, *FLOATS])
def test_a_field_beyond_its_limits_is_named_with_its_place(name):
    for value in beyond(name):
        block = lived()
        block.agents[name][2] = value

        for problem in (limits.agents_problem(block.agents), limits.block_problem(block)):
            assert re.match(rf"agents\.{name}\[2(, \d)?\] is ", problem), (value, problem)


@pytest.mark.parametrize("name", sorted(limits.UNKNOWN))
def test_what_is_not_known_yet_may_be_nan(name):
    agents = lived().agents
    agents[name][1] = np.nan

    assert limits.agents_problem(agents) is None


def test_a_generator_that_stands_still_is_named():
    agents = lived().agents
    agents["random"][3] = 0

    assert (
        limits.agents_problem(agents)
        == "agents.random[3] is all zero, from which nothing random comes"
    )


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_of_another_type_is_named(name):
    block = lived()
    setattr(block, name, np.zeros(getattr(block, name).shape, np.float16))

    assert limits.block_problem(block).startswith(f"{name} is float16, not ")


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_that_does_not_fit_the_others_is_named(name):
    for axis in range(getattr(lived(), name).ndim):
        block = lived()
        setattr(block, name, np.concatenate([getattr(block, name)] * 2, axis=axis))

        problem = limits.block_problem(block)

        # where all others follow the first of them, the second is the one that does not fit
        assert re.match(r"\w+ has shape \(.*\), not \(", problem), (axis, problem)
    setattr(block, name, getattr(block, name)[None])
    assert limits.block_problem(block).startswith(f"{name} has shape")


@pytest.mark.parametrize("name", sorted(limits.BLOCK_LIMITS))
def test_a_value_no_array_holds_is_named_with_its_place(name):
    least, most = limits.BLOCK_LIMITS[name]
    values = (
        [np.nan, np.inf, -np.inf] if getattr(lived(), name).dtype.kind == "f" else [int(least) - 1]
    )
    for value in values + ([-1.0] if least == 0.0 else []):
        block = lived()
        getattr(block, name).flat[-1] = value

        assert re.match(rf"{name}\[.*\] is ", limits.block_problem(block)), value


@pytest.mark.parametrize("name", FIGURES)
def test_every_column_of_figures_has_limits(name):
    column, good = FIGURES.index(name), np.ones((3, len(FIGURES)))
    values = [np.inf, -np.inf] + ([np.nan, -1, 1.5, 1e300] if name in limits.FIGURE_LIMITS else [])

    assert limits.figures_problem(good) is None
    for value in values:
        figures = good.copy()
        figures[1, column] = value
        assert limits.figures_problem(figures).startswith(f"figures.{name}[1] is ")


@pytest.mark.parametrize(
    "figures", [np.ones((3, len(FIGURES) - 1)), np.ones(3), np.ones((3, len(FIGURES)), np.float32)]
)
def test_figures_of_another_shape_or_type_are_none(figures):
    assert limits.figures_problem(figures).startswith("figures ")
