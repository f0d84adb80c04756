"""The arrays on which a process learns, and the parts of them that a batch is."""

import numpy as np

from ml.kernels.compiled import inner
from ml.learning.contexts import Batch, Bench
from ml.learning.sequences import rows_of
from ml.learning.target_cache import answers_of, room
from ml.networks.base import ACTIONS, INPUTS, Network
from ml.params import aligned


def bench_of(network: Network, hidden: tuple[int, ...], batch: int, capacity: int) -> Bench:
    """Room for batches of `batch` transitions from a memory of `capacity` slots."""
    f = np.float32
    sizes = network.sizes(hidden)
    rows = rows_of(batch) if network.learner == "sequence" else 2 * batch
    return Bench(
        x=aligned((rows, INPUTS), f),
        q=aligned((rows, ACTIONS), f),
        q_target=aligned((batch, ACTIONS), f),
        work=aligned(network.workspace(sizes, rows), f),
        picks=aligned(rows, np.int64),
        bars=aligned(rows, np.int64),
        action=aligned(rows, np.int64),
        reward=aligned(rows, f),
        ended=aligned(rows, np.bool_),
        discount=aligned(batch, f),
        aim=aligned(batch, f),
        dq=aligned(batch, f),
        grad=aligned(network.layout(hidden).size, f),
        answers=room(capacity, batch),
    )


@inner
def lane_of(bench: Bench, lane: int, lanes: int) -> Bench:
    """The same for one of so many equal parts of a memory."""
    return Bench(
        bench.x,
        bench.q,
        bench.q_target,
        bench.work,
        bench.picks,
        bench.bars,
        bench.action,
        bench.reward,
        bench.ended,
        bench.discount,
        bench.aim,
        bench.dq,
        bench.grad,
        answers_of(bench.answers, lane, lanes),
    )


@inner
def transitions(bench: Bench) -> Batch:
    """A batch of single transitions: the states in the first half of the rows, what followed them
    in the second.
    """
    n = bench.aim.shape[0]
    return Batch(
        bench.picks[:n],
        bench.picks[n:],
        bench.x[:n],
        bench.x[n:],
        bench.bars[:n],
        bench.bars[n:],
        bench.action[:n],
        bench.reward[:n],
        bench.ended[:n],
        bench.discount,
        bench.q[:n],
        bench.q[n:],
        bench.q_target,
        bench.aim,
        bench.dq,
    )
