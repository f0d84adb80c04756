"""Effects and their intervals against obvious versions, on numbers made up so that the answer is
known.
"""

import random
from statistics import mean

import pytest
from scipy import stats

from arena.engine.judging.factorial import CELLS, FACTORS, TERMS, effects, interval


def world(constant=0.0, **contributions):
    """A value for each combination: the sum of what its switches add; `learning_mutation`
    counts only where both are on.
    """
    names = {key: key.split("_") for key in contributions}
    on = [dict(zip(FACTORS, cell, strict=True)) for cell in CELLS]
    return {
        cell: (
            constant
            + sum(
                contributions[key]
                for key, needed in names.items()
                if all(switches[name] for name in needed)
            )
        )
        for cell, switches in zip(CELLS, on, strict=True)
    }


def slow_effect(values, term):
    """Of one factor: on minus off. Of more: half of what the effect of the others differs by
    between the first on and the first off.
    """
    place = FACTORS.index(term[0])
    sides = [
        {cell: value for cell, value in values.items() if cell[place] == on} for on in (True, False)
    ]
    if len(term) == 1:
        return mean(sides[0].values()) - mean(sides[1].values())
    return (slow_effect(sides[0], term[1:]) - slow_effect(sides[1], term[1:])) / 2


def test_there_are_eight_combinations_and_seven_questions():
    assert len(set(CELLS)) == 8 and CELLS[0] == (True, True, True)
    assert [len(term) for term in TERMS] == [1, 1, 1, 2, 2, 2, 3]


@pytest.mark.parametrize("seed", range(20))
def test_effects_are_what_the_slow_version_says(seed):
    values = {cell: random.Random(f"{seed}{cell}").gauss(0, 1) for cell in CELLS}

    found = effects(values)

    assert list(found) == list(TERMS)
    assert all(found[term] == pytest.approx(slow_effect(values, term)) for term in TERMS)


@pytest.mark.parametrize("factor", FACTORS)
def test_in_a_world_where_one_factor_alone_matters_it_alone_has_an_effect(factor):
    found = effects(world(0.7, **{factor: 0.3}))

    assert found.pop((factor,)) == pytest.approx(0.3)
    assert list(found.values()) == pytest.approx([0.0] * 6)


def test_what_is_worth_something_only_together_shows_as_an_interaction():
    found = effects(world(learning_mutation=0.4))

    # half of it with either alone, and half as what one adds to the other
    expected = {("learning",): 0.2, ("mutation",): 0.2, ("learning", "mutation"): 0.2}
    assert all(value == pytest.approx(expected.get(term, 0.0)) for term, value in found.items())


def test_a_planted_effect_is_recognised_and_an_interval_without_one_misleads_one_time_in_twenty():
    noise = random.Random(1)
    found = []
    for _ in range(400):
        seeds = [
            effects(
                {cell: value + noise.gauss(0, 0.01) for cell, value in world(selection=0.2).items()}
            )
            for _ in range(4)
        ]
        found.append({term: interval([each[term] for each in seeds]) for term in TERMS})

    assert all(0.15 < each["selection",].low < each["selection",].high < 0.25 for each in found)
    holding_zero = [
        each[term].low < 0 < each[term].high
        for each in found
        for term in TERMS
        if term != ("selection",)
    ]
    assert mean(holding_zero) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("count", [2, 3, 5, 11, 12, 30, 200])
def test_an_interval_is_students(count):
    values = [random.Random(i).gauss(3, 2) for i in range(count)]

    found = interval(values)

    low, high = stats.t.interval(0.95, count - 1, loc=mean(values), scale=stats.sem(values))
    assert (found.mean, found.low, found.high) == pytest.approx((mean(values), low, high), rel=1e-9)


def test_one_value_has_no_interval():
    assert (interval([0.5]).mean, interval([0.5]).low, interval([0.5]).high) == (0.5, None, None)
