"""Few memories are kept however long an experiment runs, always the last two, and some to fork
from.
"""

import pytest

from arena.selectors.machine import keeping


@pytest.mark.parametrize(("population", "most"), [(64, 5), (1024, 5), (4096, 1), (20_000, 0)])
def test_what_is_kept_is_what_was_never_forgotten(population, most):
    kept = set()
    for rounds in range(1, 700):
        kept.add(rounds - 1)
        forgotten = keeping.to_forget(rounds, population)
        assert kept.issuperset(forgotten)
        kept.difference_update(forgotten)

        assert kept == {
            index for index in range(rounds) if keeping.is_kept(index, rounds, population)
        }
        assert {rounds - 1, max(rounds - 2, 0)} <= kept
        assert len(kept) <= keeping.LATEST + most


def test_marks_are_ten_rounds_apart_and_further_where_there_are_many():
    assert [index for index in range(20) if keeping.is_kept(index, 20, 64)] == [0, 10, 18, 19]
    assert [index for index in range(90) if keeping.is_kept(index, 90, 64)] == [
        0,
        20,
        40,
        60,
        80,
        88,
        89,
    ]
