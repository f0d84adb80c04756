"""`q_net`: observation -> one to three ReLU layers -> three action values.

Parameters in order: w1 [i, h1], b1, w2 [h1, h2], b2, …, output weights [3, h] (transposed), output biases.
"""

import numpy as np

from ml.compiled import kernel
from ml.networks.base import ACTIONS, INPUTS, Network
from ml.networks.layers import batch_hidden, batch_output, hidden_backward, output_backward, row_hidden, row_output, through_hidden
from ml.params import Layout, layout_of


def sizes(hidden: tuple[int, ...]) -> np.ndarray:
    """int64 [layers + 1]: units of input, hidden layers and output."""
    return np.array([INPUTS, *hidden, ACTIONS], np.int64)


def layout(hidden: tuple[int, ...]) -> Layout:
    """Where each matrix and bias lies."""
    parts: list[tuple[str, int, tuple[int, ...], tuple[int, int]]] = []
    before = INPUTS
    for n, units in enumerate(hidden, 1):
        parts += [(f"w{n}", n, (before, units), (before, units)), (f"b{n}", n, (units,), (before, units))]
        before = units
    last = len(hidden) + 1
    parts += [(f"w{last}", last, (ACTIONS, before), (before, ACTIONS)), (f"b{last}", last, (ACTIONS,), (before, ACTIONS))]
    return layout_of(*parts)


def workspace(units: np.ndarray, batch: int) -> int:
    """Activations of every hidden layer, two gradients as wide as the widest, and one turned matrix."""
    widest = int(units[1:-1].max())
    return batch * int(units[1:-1].sum()) + 2 * batch * widest + widest * widest


@kernel
def act(theta, sizes, x, work, q):
    """Action values of one row."""
    h, offset, place = x, 0, 0
    for n in range(1, sizes.shape[0] - 1):
        i, o = sizes[n - 1], sizes[n]
        w = theta[offset : offset + i * o].reshape(i, o)
        offset += i * o
        out = work[place : place + o]
        row_hidden(h, w, theta[offset : offset + o], out)
        h = out
        offset += o
        place += o
    i, o = sizes[-2], sizes[-1]
    row_output(h, theta[offset : offset + i * o].reshape(o, i), theta[offset + i * o : offset + i * o + o], q)


@kernel
def values(theta, sizes, x, work, q):
    """Action values of a batch; the hidden activations stay in `work`, layer after layer."""
    batch = x.shape[0]
    h, offset, place = x, 0, 0
    for n in range(1, sizes.shape[0] - 1):
        i, o = sizes[n - 1], sizes[n]
        out = work[place : place + batch * o].reshape(batch, o)
        batch_hidden(h, theta[offset : offset + i * o].reshape(i, o), theta[offset + i * o : offset + i * o + o], out)
        h = out
        offset += i * o + o
        place += batch * o
    i, o = sizes[-2], sizes[-1]
    batch_output(h, theta[offset : offset + i * o].reshape(o, i), theta[offset + i * o : offset + i * o + o], q)


@kernel
def gradient(theta, sizes, x, work, action, dq, grad):
    """grad = d sum(dq * q[action]) / d theta, from the activations that `values` left in `work`."""
    batch, layers = x.shape[0], sizes.shape[0] - 2
    place, widest = 0, 0
    for n in range(1, layers + 1):
        place += batch * sizes[n]
        widest = max(widest, sizes[n])
    near = work[place : place + batch * widest]
    far = work[place + batch * widest : place + 2 * batch * widest]
    turned = work[place + 2 * batch * widest :]

    i, o = sizes[layers], sizes[layers + 1]
    offset = theta.shape[0] - o - i * o
    place -= batch * i
    h = work[place : place + batch * i].reshape(batch, i)
    grad[offset:] = np.float32(0.0)
    dz = near[: batch * i].reshape(batch, i)
    w = theta[offset : offset + i * o].reshape(o, i)
    output_backward(h, w, action, dq, grad[offset : offset + i * o].reshape(o, i), grad[offset + i * o :], dz)

    for n in range(layers, 0, -1):
        i, o = sizes[n - 1], sizes[n]
        offset -= i * o + o
        if n > 1:
            place -= batch * i
            below = work[place : place + batch * i].reshape(batch, i)
        else:
            below = x
        hidden_backward(below, dz, grad[offset : offset + i * o].reshape(i, o), grad[offset + i * o : offset + i * o + o])
        if n > 1:
            w = theta[offset : offset + i * o].reshape(i, o)
            dx = far[: batch * i].reshape(batch, i)
            through_hidden(dz, w, below, turned[: i * o].reshape(o, i), dx)
            near, far = far, near
            dz = dx


Q_NET = Network("q_net", layout, sizes, workspace, act, values, gradient)
