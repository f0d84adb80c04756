"""What an experiment takes grows with what is asked for, and where it is too much, what is proposed
instead fits.
"""

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from arena.engine.extent import Allowed, Place, exceeded, extent_of, ways_to_shrink, with_values
from arena.engine.generations.founders import founders
from arena.engine.play import fresh_block
from arena.engine.results import AGENT
from arena.settings_schema import parse

PLACE = Place(symbols=1, bars=20_000, block_size=64, workers=2, weights=10_000, memories=3)
SMALL_SITE = Allowed(memory=1 << 30, disk=10 << 30, rows=10_000_000, seconds=86_400.0)
HUGE = {"population": 100_000, "network": {"kind": "lstm", "hidden": [256, 256, 256]}}


def fits(settings):
    return not exceeded(extent_of(settings, PLACE), SMALL_SITE)


@pytest.mark.parametrize("kind", ["q_net", "dueling", "policy", "attention", "lstm"])
def test_a_null_world_is_as_large_as_the_arrays_of_its_block(kind):
    settings = parse(
        {
            "population": 20,
            "network": {"kind": kind, "hidden": [16, 8]},
            "learning": {"replay": 500},
        }
    )
    fewest = parse(
        {"population": 2, "network": {"kind": kind, "hidden": [16, 8]}, "learning": {"replay": 500}}
    )

    counted = (extent_of(settings, PLACE).worlds - extent_of(fewest, PLACE).worlds) / 18

    block = fresh_block(founders(settings), settings, 1)
    arrays = (
        block.online,
        block.target,
        block.moment1,
        block.moment2,
        block.private,
        block.action,
        block.reward,
    )
    # and the weights at birth, which a world keeps beside
    whole = sum(array.nbytes for array in (*arrays, block.online)) / 20 + AGENT.itemsize
    assert counted == pytest.approx(whole)


@pytest.mark.parametrize(
    "more",
    [
        {"population": 128},
        {"rounds": 40},
        {"round_bars": 1024},
        {"learning": {"episodes": 4}},
        {"learning": {"replay": 20_000}},
        {"network": {"hidden": [256, 256]}},
    ],
)
def test_more_of_anything_takes_more_and_never_less(more):
    little, much = extent_of(parse({}), PLACE), extent_of(parse(more), PLACE)

    assert all(
        getattr(much, name) >= getattr(little, name)
        for name in ("memory", "worlds", "disk", "kept", "rows", "seconds")
    )
    assert much != little


def test_two_workers_take_half_the_time_and_no_less_where_there_is_one_block():
    one = Place(1, 20_000, 64, 1, 10_000, 3)

    assert (
        extent_of(parse({"population": 128}), one).seconds
        == 2 * extent_of(parse({"population": 128}), PLACE).seconds
    )
    assert (
        extent_of(parse({"population": 64}), one).seconds
        == extent_of(parse({"population": 64}), PLACE).seconds
    )


def test_what_nobody_could_hold_is_too_much_in_memory_and_on_disk():
    assert {"memory", "disk"} <= set(exceeded(extent_of(parse(HUGE), PLACE), SMALL_SITE))


def test_a_way_that_is_proposed_fits_and_one_more_would_not():
    ways = ways_to_shrink(parse(HUGE), fits)

    assert ways
    for way in ways:
        assert fits(with_values(parse(HUGE), way))
        assert not fits(with_values(parse(HUGE), {key: value + 1 for key, value in way.items()}))


@effort(max_examples=60, deadline=None)
@given(
    st.builds(
        lambda *drawn: parse(
            {
                "population": drawn[0],
                "rounds": drawn[1],
                "round_bars": drawn[2],
                "network": {"kind": drawn[3], "hidden": [drawn[4]]},
                "learning": {"replay": drawn[5], "episodes": drawn[6]},
            }
        ),
        st.integers(2, 100_000),
        st.integers(1, 100_000),
        st.integers(32, 100_000),
        st.sampled_from(["q_net", "policy", "lstm", "attention"]),
        st.integers(4, 256),
        st.integers(64, 1_000_000),
        st.integers(0, 50),
    )
)
def test_every_way_that_is_ever_proposed_fits(settings):
    if not fits(settings):
        ways = ways_to_shrink(settings, fits)
        assert ways
        assert all(fits(with_values(settings, way)) for way in ways)
