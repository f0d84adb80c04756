"""Randomness by address: the generator against its paper in plain integers, and streams that never
meet.
"""

import numpy as np
import pytest

from ml.rng import Purpose, below, kernel_state, next_bits, stream, uniform

MASK = 2**64 - 1


def rotate(x: int, k: int) -> int:
    return (x << k | x >> (64 - k)) & MASK


def slow_bits(s: list[int]) -> int:
    """xoshiro256++ as printed by Blackman and Vigna, on Python integers; s changes in place."""
    result = (rotate((s[0] + s[3]) & MASK, 23) + s[0]) & MASK
    t = s[1] << 17 & MASK
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = rotate(s[3], 45)
    return result


def test_the_generator_gives_the_published_first_numbers():
    state = np.array([1, 2, 3, 4], np.uint64)

    drawn = [int(next_bits(state)) for _ in range(6)]

    assert drawn == [
        41943041,
        58720359,
        3588806011781223,
        3591011842654386,
        9228616714210784205,
        9973669472204895162,
    ]


@pytest.mark.parametrize("seed", range(5))
def test_the_generator_equals_its_paper_in_plain_integers(seed):
    state = kernel_state(seed, Purpose.KERNEL, 3, 4)
    slow = [int(word) for word in state]

    assert [int(next_bits(state)) for _ in range(1000)] == [slow_bits(slow) for _ in range(1000)]
    assert [int(word) for word in state] == slow


def test_uniform_numbers_are_the_upper_53_bits_as_a_share():
    state = kernel_state(1, Purpose.KERNEL, 0, 1)
    slow = [int(word) for word in state]

    drawn = np.array([uniform(state) for _ in range(5000)])

    np.testing.assert_array_equal(drawn, [(slow_bits(slow) >> 11) / 2**53 for _ in range(5000)])
    assert 0.0 <= drawn.min() < 0.01
    assert 0.99 < drawn.max() < 1.0


def test_the_largest_draw_stays_below_its_limit():
    # such a state makes the sum, and so the 64 bits, all ones
    ones = [MASK, 0, 0, 0]
    assert slow_bits(list(ones)) >> 11 == 2**53 - 1 or slow_bits([0, 0, 0, MASK]) >> 11 == 2**53 - 1

    for n in (1, 2, 3, 5, 64, 9_999, 10_000, 2**31 - 1):
        for state in (ones, [0, 0, 0, MASK]):
            assert 0 <= below(np.array(state, np.uint64), n) < n


def test_whole_numbers_below_n_come_equally_often():
    state = kernel_state(2, Purpose.KERNEL, 0, 1)

    counts = np.bincount([below(state, 7) for _ in range(21_000)], minlength=7)

    assert len(counts) == 7
    # six degrees of freedom: 22.5 is passed once in a thousand
    assert np.sum((counts - 3000) ** 2 / 3000) < 22.5


ADDRESSES = [
    (seed, p, r, a)
    for seed in (0, 1)
    for p in (Purpose.KERNEL, Purpose.MUTATION)
    for r in (0, 1)
    for a in (0, 1)
]


def test_streams_at_different_addresses_differ_and_at_the_same_address_agree():
    first = [stream(*address).integers(2**63, size=4).tobytes() for address in ADDRESSES]
    states = [kernel_state(*address).tobytes() for address in ADDRESSES]

    assert len(set(first)) == len(set(states)) == len(ADDRESSES)
    assert first == [stream(*address).integers(2**63, size=4).tobytes() for address in ADDRESSES]
    assert states == [kernel_state(*address).tobytes() for address in ADDRESSES]


def test_a_stream_leaves_the_global_generator_alone():
    before = np.random.get_state()[1].tobytes()  # noqa: NPY002

    stream(1, Purpose.MARKET).normal(size=100)
    uniform(kernel_state(1, Purpose.KERNEL, 0, 0))

    assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002


def test_no_state_is_all_zero_for_zeros_never_leave_zero():
    assert all(kernel_state(seed, Purpose.KERNEL, 0, 0).any() for seed in range(100))


def test_the_numbers_of_the_purposes_never_change():
    # they are part of every stored experiment
    names = (
        "MARKET FOUNDER_WEIGHTS IMMIGRANT_WEIGHTS KERNEL PRACTICE_WINDOWS SCAR_DAMAGE TURNOVER"
        " SELECTION CROSSOVER MUTATION"
    )
    assert [purpose.name for purpose in Purpose][:10] == names.split()
    assert [purpose.value for purpose in Purpose] == list(range(1, len(Purpose) + 1))
