"""What kernels of the engine are handed together, by name.

Numba takes a NamedTuple as it takes a tuple: its fields are values of their own once a kernel is
compiled, so a name costs nothing. Records of one kind are arrays of length 1, because a compiled
kernel writes to what lies in an array.
"""

from typing import Any, NamedTuple

import numpy as np

from ml.learning.contexts import Bench, Brain


class Accounts(NamedTuple):
    """The money of one owner: account, ACCOUNT [1], and what it has to do with each symbol,
    positions, POSITION [S].
    """

    account: Any
    positions: Any


class Quote(NamedTuple):
    """Where something can be traded: the bar, the middle price (money a unit) and the bar's volume
    (units).
    """

    bar: int
    mid: float
    volume: float


class Books(NamedTuple):
    """What the ledger's kernels work on, made inside other kernels.

    account: an ACCOUNT record; positions: POSITION [S]; costs: a COSTS record, of which everything
    counts `multiplier` times; book: TRADE [any], where closed trades go while it has room; owner:
    the number that is written on them.
    """

    account: Any
    positions: Any
    costs: Any
    multiplier: float
    book: Any
    owner: int


class Station(NamedTuple):
    """Where one agent after another is played: what it owns, by which rules, and where it is
    written down what becomes of it.

    rules: RULES [1]; costs: COSTS [1]; sums: WINDOW [1]; book: TRADE [any]; scars: SCAR [any].
    """

    accounts: Accounts
    rules: Any
    costs: Any
    sums: Any
    book: Any
    scars: Any


class Span(NamedTuple):
    """Bars start .. stop - 1 of a series."""

    start: int
    stop: int


class Lanes(NamedTuple):
    """An agent's memory, a lane a symbol: `ml.learning.contexts.Memory` of each, [S, ...].

    private: float32 [S, capacity, 4]; action: int8, reward: float32, row: int32, [S, capacity]
    each; trees: float64 [S, 2 x capacity] and bounds: float64 [S, 2], or [S, 0] and [S, 2] where
    nothing is drawn by priority.
    """

    private: np.ndarray
    action: np.ndarray
    reward: np.ndarray
    row: np.ndarray
    trees: np.ndarray
    bounds: np.ndarray


class Mind(NamedTuple):
    """A network that acts: its weights, float32 [parameters], and what acting needs beside them.

    sizes: int64, its units; x: float32 [24], what it sees; q: float32 [S, 3], what it says of each
    symbol; carried: float32 [S, any], what it takes along from bar to bar; work: float32 [any].
    """

    weights: np.ndarray
    sizes: np.ndarray
    x: np.ndarray
    q: np.ndarray
    carried: np.ndarray
    work: np.ndarray


class Pupil(NamedTuple):
    """A network that learns, and the arrays it learns on."""

    brain: Brain
    bench: Bench


class Trail(NamedTuple):
    """What is kept bar by bar of a window.

    path: uint8 [S, bars], the actions, NONE where none; track: float64 [bars, 2], net return of
    each bar and exposure in it, [0, 2] where it is not asked for.
    """

    path: Any
    track: Any
