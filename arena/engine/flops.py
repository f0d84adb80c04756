"""How many floating-point operations the matrix products of a network take, counted from their
shapes: what sgemm would do for it.

A product of [n, i] and [i, o] counts 2 n i o. Of a layer's backward pass its weights' gradient
counts, and its input's unless it is the first; of attention also the sums over the lags.
Activations, Adam, replay and the market count nothing.
"""

from collections.abc import Sequence
from itertools import pairwise

from arena.settings_schema import Settings
from ml.learning.rollouts import EPOCHS
from ml.learning.sequences import BURN_IN, STEPS
from ml.networks.attention import HEADS, JOINED, WIDE
from ml.networks.base import ACTIONS, INPUTS, LOOKBACK, PUBLIC
from ml.networks.lstm import GATES
from ml.sums import total

# scores, or means, of every lag and head
OVER_LAGS = 2 * HEADS * LOOKBACK * PUBLIC
QUERY = 2 * INPUTS * WIDE
OUTPUTS = {"dueling": ACTIONS + 1, "policy": ACTIONS + 1}


def forward(units: Sequence[int]) -> int:
    """One row through fully connected layers of so many units, input first."""
    return int(total(2 * i * o for i, o in pairwise(units)))


def backward(units: Sequence[int], *, to_input: bool = False) -> int:
    """One row back: the gradient of every weight, and of every layer's input but the first's,
    unless `to_input`.
    """
    return forward(units) + forward(units if to_input else units[1:])


def row(kind: str, hidden: Sequence[int]) -> tuple[int, int]:
    """(forward, backward) of one observation of a network without memory."""
    if kind == "attention":
        units = (JOINED, *hidden, ACTIONS)
        return QUERY + 2 * OVER_LAGS + forward(units), QUERY + 2 * OVER_LAGS + backward(
            units, to_input=True
        )
    units = (INPUTS, *hidden, OUTPUTS.get(kind, ACTIONS))
    return forward(units), backward(units)


def lstm_row(hidden: Sequence[int]) -> int:
    """One observation, acting: both products of the gates, then the body."""
    return (
        forward((INPUTS, GATES * hidden[0]))
        + forward((hidden[0], GATES * hidden[0]))
        + forward((*hidden, ACTIONS))
    )


def lstm_update(hidden: Sequence[int], batch: int) -> int:
    """Two passes forward over all bars, one back over all but the last; the first bar has no memory
    to multiply.
    """
    steps = min(STEPS, batch)
    n, bars = batch // steps, BURN_IN + steps + 1
    from_input, from_memory = (
        forward((INPUTS, GATES * hidden[0])),
        forward((hidden[0], GATES * hidden[0])),
    )
    body = (*hidden, ACTIONS)
    there = n * (bars * from_input + (bars - 1) * from_memory + (steps + 1) * forward(body))
    through_time = (bars - 1) * (from_input + from_memory) + (bars - 2) * from_memory
    return 2 * there + n * (through_time + steps * backward(body, to_input=True))


def acting(kind: str, hidden: Sequence[int]) -> int:
    """One observation of any network."""
    return lstm_row(hidden) if kind == "lstm" else row(kind, hidden)[0]


def update(kind: str, hidden: Sequence[int], batch: int, *, double: bool = False) -> int:
    """One step of Q-learning: the next states through the target network (`double`: the online one
    too), the states there and back.
    """
    if kind == "lstm":
        return lstm_update(hidden, batch)
    there, back = row(kind, hidden)
    return batch * ((3 if double else 2) * there + back)


def rollout_rows(before: int, bars: int, window: int, rows: int) -> list[int]:
    """Transitions in each stretch a policy learns from while its practice bars go on from `before`,
    in windows of `window` bars.
    """
    ends = (bar for bar in range(before + 1, before + bars + 1) if bar % rows == 0)
    return [n for bar in ends if (n := min(rows - 1, (bar - 1) % window)) >= 2]


def practice(settings: Settings, *, before: int, bars: int, window: int) -> float:
    """All that one agent computes in `bars` practice bars after `before` earlier ones, in windows
    of `window` bars.
    """
    kind, hidden, learning = settings.network.kind, settings.network.hidden, settings.learning
    if kind == "lstm":
        return bars * lstm_row(hidden) + bars / learning.update_every * update(
            kind, hidden, learning.batch
        )
    there, back = row(kind, hidden)
    if kind == "policy":
        stretches = rollout_rows(before, bars, window, 2 * learning.batch)
        return bars * there + total(
            (n + 1) * there + EPOCHS * n * (there + back) for n in stretches
        )
    return bars * there + bars / learning.update_every * update(
        kind, hidden, learning.batch, double=learning.double
    )
