"""Randomness by address: seed = f(experiment seed, purpose, round, agent). No stream is shared,
none depends on who else runs.
"""

from enum import IntEnum

import numpy as np

from ml.kernels.compiled import kernel


class Purpose(IntEnum):
    """What a stream is for. Numbers are part of every stored experiment: append, never renumber."""

    MARKET = 1
    FOUNDER_WEIGHTS = 2
    IMMIGRANT_WEIGHTS = 3
    KERNEL = 4
    PRACTICE_WINDOWS = 5
    SCAR_DAMAGE = 6
    TURNOVER = 7
    SELECTION = 8
    CROSSOVER = 9
    MUTATION = 10
    TRAITS = 11
    RANDOM_POLICY = 12
    EVALUATION = 13
    BOOTSTRAP = 14
    NULL_MARKET = 15
    CANARY = 16


def stream(seed: int, purpose: Purpose, round: int = 0, agent: int = 0) -> np.random.Generator:
    """The generator at one address."""
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(int(purpose), round, agent)))
    )


def kernel_state(seed: int, purpose: Purpose, round: int, agent: int) -> np.ndarray:
    """uint64 [4], never all zero: the state of the generator below, for use inside kernels."""
    state = np.random.SeedSequence(seed, spawn_key=(int(purpose), round, agent)).generate_state(
        4, np.uint64
    )
    state[0] |= np.uint64(1)
    return state


U11, U17, U19, U23, U41, U45 = (np.uint64(n) for n in (11, 17, 19, 23, 41, 45))


@kernel
def next_bits(s: np.ndarray) -> np.uint64:
    """64 random bits from state s, uint64 [4] (xoshiro256++; Blackman and Vigna, 2021)."""
    total = s[0] + s[3]
    result = ((total << U23) | (total >> U41)) + s[0]
    t = s[1] << U17
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = (s[3] << U45) | (s[3] >> U19)
    return result


@kernel
def uniform(s: np.ndarray) -> float:
    """A float64 in [0, 1)."""
    return np.float64(next_bits(s) >> U11) * (1.0 / 9007199254740992.0)


@kernel
def below(s: np.ndarray, n: int) -> int:
    """An integer in [0, n); the bias of at most n / 2**53 is far below anything a run could
    show.
    """
    return int(uniform(s) * n)
