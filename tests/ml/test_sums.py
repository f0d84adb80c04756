"""Sums are taken from left to right, whatever the interpreter's own sum does."""

import builtins
import sys
from itertools import permutations

import numpy as np
import pytest

from ml.sums import total
from tests.ml.adding import compensated, left_to_right

# no two orders of rounding agree on all of them
FLOATS = [0.1, 1e16, 0.2, -1e16, 0.3, 1 / 3, -2.5e-7]


def test_each_addition_is_rounded():
    for values in permutations(FLOATS, 5):
        assert total(values) == left_to_right(values)
    assert total(FLOATS) != compensated(FLOATS)


@pytest.mark.parametrize("adds", [left_to_right, compensated])
def test_the_interpreters_own_sum_has_no_say_in_it(monkeypatch, adds):
    expected = total(FLOATS)
    monkeypatch.setattr(builtins, "sum", adds)

    assert total(FLOATS) == expected


def test_this_interpreters_own_sum_is_one_of_the_two():
    # what the tests replace it by is what interpreters do
    own = compensated if sys.version_info >= (3, 12) else left_to_right

    for values in permutations(FLOATS, 5):
        assert sum(values) == own(values)


def test_counts_and_arrays_add_up_as_well_and_nothing_is_zero():
    assert (total([]), total([3, 4]), total(x > 1 for x in (1, 2, 3))) == (0, 7, 2)
    np.testing.assert_array_equal(total([np.ones(2), np.arange(2.0)]), [1.0, 2.0])
