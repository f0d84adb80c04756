"""`dueling`: the body of `q_net` with four outputs, the value of the state and three advantages
(Wang et al., 2016).

q[a] = value + advantage[a] - mean(advantage).
"""

import numpy as np

from ml.kernels.compiled import inner
from ml.kernels.products import matrix
from ml.networks import mlp
from ml.networks.base import ACTIONS, INPUTS, QNetwork, Shown, body_show
from ml.networks.layers import ZERO
from ml.params import Layout, layout_of

body_act, body_values, whole_gradient = mlp.act, mlp.values, mlp.whole_gradient
OUTPUTS = 1 + ACTIONS
THIRD = np.float32(1.0 / ACTIONS)


def sizes(hidden: tuple[int, ...]) -> np.ndarray:
    """int64: units of input, hidden layers and the four outputs."""
    return np.array([INPUTS, *hidden, OUTPUTS], np.int64)


def layout(hidden: tuple[int, ...]) -> Layout:
    """Where each matrix and bias lies."""
    return layout_of(*mlp.parts((INPUTS, *hidden, OUTPUTS)))


def workspace(sizes: np.ndarray, batch: int) -> int:
    """The body's, and the four outputs."""
    return mlp.workspace(sizes, batch) + batch * OUTPUTS


@inner
def joined(out, q):
    """q [n, 3] from out [n, 4]."""
    for n in range(q.shape[0]):
        mean = (out[n, 1] + out[n, 2] + out[n, 3]) * THIRD
        for a in range(ACTIONS):
            q[n, a] = out[n, 0] + out[n, 1 + a] - mean


@inner
def act(theta, sizes, seen, carried, work, q):
    """Action values of one observation."""
    out = work[work.shape[0] - OUTPUTS :]
    body_act(theta, sizes, seen.x, work, out)
    joined(matrix(out, 0, 1, OUTPUTS), matrix(q, 0, 1, ACTIONS))


@inner
def values(theta, sizes, seen, work, q):
    """Action values of a batch."""
    batch = seen.x.shape[0]
    out = matrix(work, work.shape[0] - batch * OUTPUTS, batch, OUTPUTS)
    body_values(theta, sizes, seen.x, work, out)
    joined(out, q)


@inner
def gradient(theta, sizes, seen, work, action, dq, grad):
    """grad = d sum(dq * q[action]) / d theta."""
    batch = seen.x.shape[0]
    dout = matrix(work, work.shape[0] - batch * OUTPUTS, batch, OUTPUTS)
    for n in range(batch):
        dout[n, 0] = dq[n]
        for a in range(ACTIONS):
            dout[n, 1 + a] = dq[n] * ((np.float32(1.0) if a == action[n] else ZERO) - THIRD)
    whole_gradient(
        theta, sizes, seen.x, work[: work.shape[0] - batch * OUTPUTS], dout, grad, seen.x[0:0]
    )


def show(
    sizes: np.ndarray,
    theta: np.ndarray,
    x: np.ndarray,
    t: int,
    features: np.ndarray,
    premium: bool,
    carried: np.ndarray,
) -> Shown:
    """Input, hidden layers, outputs."""
    return body_show(body_values, mlp.workspace, sizes, theta, x)


DUELING = QNetwork(
    "dueling",
    layout,
    sizes,
    workspace,
    act,
    show,
    ("value", "SELL", "HOLD", "BUY"),
    values=values,
    gradient=gradient,
)
