"""So few combinations that each two values still meet in one; all of them in `make full`."""

from itertools import combinations, product
from typing import Any

import pytest

# the name of a value of each factor
Names = tuple[str, ...]


def pairwise(**factors: dict[str, Any]) -> pytest.MarkDecorator:
    """Parametrises a test by arguments with the values that each may have: {name: value}.

    What goes wrong mostly does so where two of them meet.
    """
    everything = list(product(*factors.values()))
    few = covering(everything)
    return pytest.mark.parametrize(
        list(factors),
        [
            pytest.param(
                *(factors[factor][name] for factor, name in zip(factors, names, strict=True)),
                id="-".join(names),
                marks=() if names in few else pytest.mark.full,
            )
            for names in everything
        ],
    )


def covering(everything: list[Names]) -> list[Names]:
    """Some of them, in which all pairs occur; each time the one with the most new pairs."""
    left = {pair for names in everything for pair in pairs(names)}
    found = []
    while left:
        found.append(max(everything, key=lambda names: len(left & pairs(names))))
        left -= pairs(found[-1])
    return found


def pairs(names: Names) -> set[tuple[tuple[int, str], ...]]:
    """Each two of them, with their places."""
    return set(combinations(enumerate(names), 2))
