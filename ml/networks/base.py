"""What a network offers to learning and to acting: its layout, and kernels over one flat vector of
parameters.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import numpy as np

from ml.params import Layout, xavier

PUBLIC = 20
PRIVATE = 4
INPUTS = PUBLIC + PRIVATE
ACTIONS = 3
# public inputs from this column on come from higher timeframes: scars take them away
PREMIUM_FROM = 16
# bars, this one included, that any network looks back over
LOOKBACK = 32


class View(NamedTuple):
    """What can be seen of a market: features, float32 [rows, PUBLIC]; without `premium` those of
    higher timeframes are masked to 0.
    """

    features: np.ndarray
    premium: bool


class Seen(NamedTuple):
    """Observations x, float32 [n, INPUTS], made at the rows `bars`, int64 [n], of the features of
    `past`, at which a network may look back. Of a single one x is [INPUTS], and bars a number.
    """

    x: np.ndarray
    bars: Any
    past: View


class Sequences(NamedTuple):
    """`n` sequences of observations side by side, from nothing remembered: x, float32
    [bars * n, INPUTS], rows bar after bar. Asked about from bar `first` on.
    """

    x: np.ndarray
    n: int
    first: int


class Act(Protocol):
    """q [ACTIONS] = action values (a policy's preferences) of one observation, `seen`.

    It may look back at features, and moves `carried` on by a bar.
    """

    def __call__(
        self, theta: Any, sizes: Any, seen: Seen, carried: Any, work: Any, q: Any, /
    ) -> Any: ...


class Values(Protocol):
    """q [n, outputs] of a batch; of sequences [(bars - first) * n, outputs], of the bars from
    `first` on. What `gradient` needs stays in `work`.
    """

    def __call__(self, theta: Any, sizes: Any, seen: Any, work: Any, q: Any, /) -> Any: ...


class TakenGradient(Protocol):
    """grad = d sum(dq * q[action]) / d theta, after `values` of the same batch with the same work.

    action: int64 [n], dq: [n]; of sequences those of the bars from `first` to the last but one,
    followed back through all bars.
    """

    def __call__(
        self, theta: Any, sizes: Any, seen: Any, work: Any, action: Any, dq: Any, grad: Any, /
    ) -> Any: ...


class OutputGradient(Protocol):
    """grad = d sum(dout * out) / d theta for dout [n, outputs], otherwise as `TakenGradient`."""

    def __call__(
        self, theta: Any, sizes: Any, seen: Any, work: Any, dout: Any, grad: Any, /
    ) -> Any: ...


def no_memory(sizes: np.ndarray) -> int:
    """A network that carries nothing from bar to bar."""
    return 0


@dataclass(frozen=True)
class Shown:
    """Layers as drawn, input first: what each unit shows, [units]; into every layer but the first a
    matrix [in, out] and biases [out].
    """

    activations: list[np.ndarray]
    matrices: list[np.ndarray]
    biases: list[np.ndarray]
    # of a network that looks back: how much each of the last bars weighed, float32 [heads,
    # LOOKBACK], newest first
    attention: np.ndarray | None = None


@dataclass(frozen=True)
class Network:
    """One kind of network; those there are are a `QNetwork` or a `PolicyNetwork`.

    layout(hidden) -> Layout; sizes(hidden) -> int64, its units as every kernel takes them;
    workspace(sizes, batch) -> number of float32 its kernels need; carried(sizes) -> number of
    float32 it carries from bar to bar, zero at the start of every window. `learner` names the
    algorithm it learns by, a key of `ml.learning.algorithms.LEARNERS`. show(sizes, theta, x, t,
    features, premium, carried) -> Shown: what a picture of the network says of one observation.

    Its kernels are `act` and, of what it is, `values` and `gradient`. In all of them theta is
    float32 [parameters], sizes as above, and work float32 [workspace].
    """

    kind: str
    layout: Callable[[tuple[int, ...]], Layout]
    sizes: Callable[[tuple[int, ...]], np.ndarray]
    workspace: Callable[[np.ndarray, int], int]
    act: Act
    show: Callable[..., "Shown"]
    outputs: tuple[str, ...] = ("SELL", "HOLD", "BUY")
    learner: str = "replay"
    carried: Callable[[np.ndarray], int] = no_memory

    def born(self, hidden: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
        """float32 [parameters]: a network that knows nothing."""
        return xavier(self.layout(hidden), rng)

    def check(self, hidden: tuple[int, ...], weights: np.ndarray) -> None:
        """ValueError unless `weights` has as many numbers as the network has parameters: kernels
        take their number for granted.
        """
        if weights.shape != (size := (_parameters(self.layout, hidden),)):
            raise ValueError(
                f"weights of shape {weights.shape} are no {self.kind} with hidden layers {hidden},"
                f" which has {size[0]}"
            )

    def fresh_memory(self, hidden: tuple[int, ...]) -> np.ndarray:
        """float32 [carried]: what it carries at the start of a window."""
        return np.zeros(self.carried(self.sizes(hidden)), np.float32)

    def memory_of(
        self, hidden: tuple[int, ...], weights: np.ndarray, x: np.ndarray, past: np.ndarray
    ) -> np.ndarray:
        """float32 [carried]: what it carries after the bars before the last of `past`, its private
        inputs having been those of x.
        """
        self.check(hidden, weights)
        sizes, q, carried = (
            self.sizes(hidden),
            np.empty(ACTIONS, np.float32),
            self.fresh_memory(hidden),
        )
        work = np.empty(self.workspace(sizes, 1), np.float32)
        for t in range(len(past) - 1 if len(carried) else 0):
            row = np.concatenate([past[t], x[PUBLIC:]])
            self.act(weights, sizes, Seen(row, t, View(past, True)), carried, work, q)
        return carried

    def q_values(
        self,
        hidden: tuple[int, ...],
        weights: np.ndarray,
        x: np.ndarray,
        past: np.ndarray | None = None,
        carried: np.ndarray | None = None,
    ) -> np.ndarray:
        """float32 [ACTIONS] of one observation float32 [INPUTS].

        past: float32 [bars, PUBLIC], public inputs up to and including this bar's, where there are
        more than this one; carried is moved on. Without `carried`, what a network remembers it
        remembers of `past`.
        """
        self.check(hidden, weights)
        sizes, q = self.sizes(hidden), np.empty(ACTIONS, np.float32)
        row = np.ascontiguousarray(x, np.float32)
        past = row[None, :PUBLIC].copy() if past is None else np.ascontiguousarray(past, np.float32)
        carried = self.memory_of(hidden, weights, row, past) if carried is None else carried
        work = np.empty(self.workspace(sizes, 1), np.float32)
        self.act(weights, sizes, Seen(row, len(past) - 1, View(past, True)), carried, work, q)
        return q

    def shown(
        self,
        hidden: tuple[int, ...],
        weights: np.ndarray,
        x: np.ndarray,
        past: np.ndarray | None = None,
        carried: np.ndarray | None = None,
    ) -> Shown:
        """The network at one observation, for a picture; arguments as `q_values`, but `carried`
        stays as it is.
        """
        self.check(hidden, weights)
        row = np.ascontiguousarray(x, np.float32)
        past = row[None, :PUBLIC].copy() if past is None else np.ascontiguousarray(past, np.float32)
        carried = self.memory_of(hidden, weights, row, past) if carried is None else carried.copy()
        return self.show(self.sizes(hidden), weights, row, len(past) - 1, past, True, carried)


@dataclass(frozen=True, kw_only=True)
class QNetwork(Network):
    """One whose outputs are action values, or become them: it learns from single transitions
    ("replay"; its kernels take `Seen`) or from stretches ("sequence"; `Sequences`).
    """

    values: Values
    gradient: TakenGradient


@dataclass(frozen=True, kw_only=True)
class PolicyNetwork(Network):
    """One whose outputs are preferences, and last the value of the state: it learns on policy
    ("rollout"). Its kernels take `Seen`.
    """

    values: Values
    gradient: OutputGradient


@lru_cache
def _parameters(layout: Callable[[tuple[int, ...]], Layout], hidden: tuple[int, ...]) -> int:
    """How many numbers a network of such a layout has."""
    return layout(hidden).size


def body_show(
    values: Any,
    workspace: Callable[[np.ndarray, int], int],
    sizes: np.ndarray,
    weights: np.ndarray,
    x: np.ndarray,
) -> Shown:
    """A body (`ml.networks.mlp`) with flat parameters `weights` at one input x [i]."""
    work, out = np.zeros(workspace(sizes, 1), np.float32), np.empty((1, int(sizes[-1])), np.float32)
    values(weights, sizes, x.reshape(1, -1), work, out)
    ends = np.cumsum(sizes[1:-1])
    activations = [
        x,
        *(work[end - units : end] for end, units in zip(ends, sizes[1:-1], strict=True)),
        out[0],
    ]
    matrices, biases, offset = [], [], 0
    for n, (i, o) in enumerate(zip(sizes[:-1], sizes[1:], strict=True), 2):
        flat = weights[offset : offset + i * o]
        matrices.append(
            flat.reshape(i, o) if n < len(sizes) else np.ascontiguousarray(flat.reshape(o, i).T)
        )
        biases.append(weights[offset + i * o : offset + i * o + o])
        offset += i * o + o
    return Shown(activations, matrices, biases)
