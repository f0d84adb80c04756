"""Each two values meet in an ordinary run, and all of them in a full one."""

from itertools import product

from tests.pairs import covering, pairs, pairwise

FACTORS = {
    "size": {"small": 1, "large": 9},
    "cost": {"free": 0.0, "cheap": 0.1, "costly": 0.5},
    "side": {"long": 1, "short": -1, "both": 0},
}
EVERYTHING = list(product(*FACTORS.values()))


def test_each_two_values_meet_in_few_combinations():
    found = covering(EVERYTHING)

    assert set().union(*map(pairs, found)) == set().union(*map(pairs, EVERYTHING))
    assert 9 <= len(found) <= 11 < len(EVERYTHING)


def test_the_others_are_left_to_a_full_run():
    names, rows = pairwise(**FACTORS).args

    assert names == ["size", "cost", "side"]
    assert [row.id for row in rows] == ["-".join(each) for each in EVERYTHING]
    assert rows[0].values == (1, 0.0, 1)
    ordinary = [each for each, row in zip(EVERYTHING, rows, strict=True) if not row.marks]
    assert sorted(ordinary) == sorted(covering(EVERYTHING))
    assert {mark.name for row in rows for mark in row.marks} == {"full"}
