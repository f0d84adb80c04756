"""The body that several networks share: ReLU layers over an input, then one linear output layer of
any width.

Parameters in order: w1 [i, h1], b1, w2 [h1, h2], b2, …, output weights [o, h] (transposed), output
biases. `sizes`, int64, names the units from input to output. `work` holds the hidden activations
layer after layer, each of which its gradient replaces once nothing else is asked of it, then room
for one turned matrix.
"""

from typing import NamedTuple

import numpy as np

from ml.kernels.compiled import inner
from ml.kernels.products import matrix, product_along, product_relu, product_relu_one
from ml.networks.layers import (
    dense_output_backward,
    hidden_backward,
    input_backward,
    linear_output_backward,
    output_backward,
    through_hidden,
)

Named = tuple[str, int, tuple[int, ...], tuple[int, int]]


def parts(sizes: tuple[int, ...], before: int = 0) -> list[Named]:
    """Parts of a body with these units, for `layout_of`; its layers are numbered after `before`
    earlier ones.
    """
    named: list[Named] = []
    for n, (i, o) in enumerate(zip(sizes[:-2], sizes[1:-1], strict=True), before + 1):
        named += [(f"w{n}", n, (i, o), (i, o)), (f"b{n}", n, (o,), (i, o))]
    n, i, o = before + len(sizes) - 1, sizes[-2], sizes[-1]
    return [*named, (f"w{n}", n, (o, i), (i, o)), (f"b{n}", n, (o,), (i, o))]


def workspace(sizes: np.ndarray, batch: int) -> int:
    """float32 that the kernels below need for `batch` rows."""
    widest = int(sizes[:-1].max())
    return batch * int(sizes[1:-1].sum()) + widest * widest


@inner
def values(theta, sizes, x, work, q):
    """Outputs q [n, o] of a batch x [n, i]; the hidden activations stay in `work`, layer after
    layer.
    """
    batch = x.shape[0]
    h, offset, place = x, 0, 0
    for n in range(1, sizes.shape[0] - 1):
        i, o = sizes[n - 1], sizes[n]
        out = matrix(work, place, batch, o)
        product_relu(
            h, matrix(theta, offset, i, o), theta[offset + i * o : offset + i * o + o], out
        )
        h = out
        offset += i * o + o
        place += batch * o
    i, o = sizes[-2], sizes[-1]
    product_along(h, matrix(theta, offset, o, i), theta[offset + i * o : offset + i * o + o], q)


@inner
def act(theta, sizes, x, work, q):
    """Outputs q [o] of one row x [i]: as `values`, to the bit, but what a ReLU cut off is left out
    of the layer after it.

    A loop of its own: a choice in that of `values` would be compiled into every batch, and slow it.
    """
    h, offset, place = matrix(x, 0, 1, x.shape[0]), 0, 0
    for n in range(1, sizes.shape[0] - 1):
        i, o = sizes[n - 1], sizes[n]
        w, bias, out = (
            matrix(theta, offset, i, o),
            theta[offset + i * o : offset + i * o + o],
            matrix(work, place, 1, o),
        )
        if n == 1:
            product_relu(h, w, bias, out)
        else:
            product_relu_one(h, w, bias, out)
        h = out
        offset += i * o + o
        place += o
    i, o = sizes[-2], sizes[-1]
    product_along(
        h,
        matrix(theta, offset, o, i),
        theta[offset + i * o : offset + i * o + o],
        matrix(q, 0, 1, o),
    )


class Top(NamedTuple):
    """Where the output layer begins: its parameters, at `offset`; in `work` the activations that it
    reads, at `place`, and behind them the room for a turned matrix.
    """

    offset: int
    place: int
    turned: np.ndarray


@inner
def top_of(sizes, work, batch):
    """The top of a body with these units."""
    offset, place, end = 0, 0, 0
    for n in range(1, sizes.shape[0] - 1):
        offset += (sizes[n - 1] + 1) * sizes[n]
        place = end
        end += batch * sizes[n]
    return Top(offset, place, work[end:])


@inner
def taken_gradient(theta, sizes, x, work, action, dq, grad, dx):
    """grad = d sum(dq * q[action]) / d theta, once after `values` on the same x and work; dx [n, i]
    too, unless it has no rows.
    """
    batch, i, o = x.shape[0], sizes[-2], sizes[-1]
    top = top_of(sizes, work, batch)
    offset = top.offset
    h = matrix(work, top.place, batch, i)
    w = matrix(theta, offset, o, i)
    end = offset + i * o
    output_backward(h, w, action, dq, matrix(grad, offset, o, i), grad[end : end + o], h)
    hidden_gradients(theta, sizes, x, work, top, grad, dx)


@inner
def linear_gradient(theta, sizes, x, action, dq, grad, dx):
    """As `taken_gradient`, for a body that is but an output layer; dx [n, i] always."""
    i, o = sizes[0], sizes[1]
    linear_output_backward(
        x, matrix(theta, 0, o, i), action, dq, matrix(grad, 0, o, i), grad[i * o :], dx
    )


@inner
def whole_gradient(theta, sizes, x, work, dout, grad, dx):
    """grad = d sum(dout * q) / d theta for dout [n, o]; otherwise as `taken_gradient`."""
    batch, i, o = x.shape[0], sizes[-2], sizes[-1]
    top = top_of(sizes, work, batch)
    offset = top.offset
    h = matrix(work, top.place, batch, i)
    w = matrix(theta, offset, o, i)
    end = offset + i * o
    dense_output_backward(h, w, dout, matrix(grad, offset, o, i), grad[end : end + o], h)
    hidden_gradients(theta, sizes, x, work, top, grad, dx)


@inner
def hidden_gradients(theta, sizes, x, work, top, grad, dx):
    """Gradients of the hidden layers, last to first, from that of the last one's outputs, which
    lies where they did.
    """
    batch, offset, place, turned = x.shape[0], top.offset, top.place, top.turned
    for n in range(sizes.shape[0] - 2, 0, -1):
        i, o = sizes[n - 1], sizes[n]
        offset -= i * o + o
        w, dz = matrix(theta, offset, i, o), matrix(work, place, batch, o)
        if n > 1:
            place -= batch * i
            below = matrix(work, place, batch, i)
        else:
            below = x
        hidden_backward(
            below, dz, matrix(grad, offset, i, o), grad[offset + i * o : offset + i * o + o]
        )
        if n > 1:
            through_hidden(dz, w, below, matrix(turned, 0, o, i), below)
        elif dx.shape[0] > 0:
            input_backward(dz, w, matrix(turned, 0, o, i), dx)
