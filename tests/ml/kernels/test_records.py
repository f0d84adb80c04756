"""Records go into kernels without their names, and have them again inside."""

from typing import Any, NamedTuple

import numpy as np
import pytest

from ml.kernels.compiled import kernel
from ml.kernels.records import bare, named


class Pair(NamedTuple):
    left: float
    right: float


class Outer(NamedTuple):
    pair: Pair
    numbers: np.ndarray
    any: Any


@kernel
def by_name(fields):
    outer = named(Outer, fields)
    return (
        outer.pair.left - 10.0 * outer.pair.right + 100.0 * outer.numbers[1] + 1000.0 * outer.any[0]
    )


OUTER = Outer(Pair(1.0, 2.0), np.array([0.0, 3.0]), (4, 5.5))


def test_a_bare_record_has_no_names_at_any_depth():
    fields = bare(OUTER)

    assert type(fields) is type(fields[0]) is tuple
    assert fields[0] == (1.0, 2.0) and fields[1] is OUTER.numbers and fields[2] == (4, 5.5)


def test_a_record_that_was_bare_has_its_names_again():
    again = named(Outer, bare(OUTER))

    assert type(again) is Outer and type(again.pair) is Pair and type(again.any) is tuple
    assert again == OUTER


def test_a_kernel_reads_by_name_what_it_was_handed_bare():
    assert by_name(bare(OUTER)) == 1.0 - 20.0 + 300.0 + 4000.0


def test_fields_that_are_too_few_for_a_record_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        named(Outer, bare(OUTER)[:2])
