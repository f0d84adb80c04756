"""`lstm`: one layer that remembers (Hochreiter and Schmidhuber, 1997; Gers et al., 2000), then a
ReLU body that reads what it gives out.

z = x Wx + h' Wh + b, cut into four; i, f, o = sigmoid of the first, second and last, g = tanh of
the third; c = f c' + i g and h = o tanh(c), where ' marks the bar before. hidden[0] units remember,
the others are the body's.

A batch is `n` sequences side by side, their rows bar after bar: row t * n + s is bar t of sequence
s. All begin with nothing remembered.
"""

from typing import NamedTuple

import numpy as np

from ml.kernels.compiled import copy, inner, kernel
from ml.kernels.products import matrix, product, product_add, turn
from ml.networks import mlp
from ml.networks.base import ACTIONS, INPUTS, QNetwork, Seen, Shown, View, body_show
from ml.networks.layers import ZERO, hidden_backward
from ml.networks.squash import sigmoid, tanh
from ml.params import Layout, layout_of

body_act, body_values, taken_gradient, linear_gradient = (
    mlp.act,
    mlp.values,
    mlp.taken_gradient,
    mlp.linear_gradient,
)
GATES = 4
ONE = np.float32(1.0)


def sizes(hidden: tuple[int, ...]) -> np.ndarray:
    """int64: units of input, remembering layer, body and output."""
    return np.array([INPUTS, *hidden, ACTIONS], np.int64)


def layout(hidden: tuple[int, ...]) -> Layout:
    """The remembering layer, matrices with the four gates side by side, then the body. It is born
    inclined not to forget.
    """
    h = hidden[0]
    matrices = [("wx", 1, (INPUTS, GATES * h), (INPUTS, h)), ("wh", 1, (h, GATES * h), (h, h))]
    biases = [
        (f"b_{name}", 1, (h,), (INPUTS, h), float(name == "forget"))
        for name in ("input", "forget", "cell", "output")
    ]
    return layout_of(*matrices, *biases, *mlp.parts((*hidden, ACTIONS), before=1))


def carried(sizes: np.ndarray) -> int:
    """h and c."""
    return 2 * int(sizes[1])


def workspace(sizes: np.ndarray, batch: int) -> int:
    """The body's; gates of every row; h, c, tanh(c) and a gradient of it, with a bar before the
    first; Wh turned.
    """
    h = int(sizes[1])
    return mlp.workspace(sizes[1:], batch) + batch * GATES * h + 8 * batch * h + GATES * h * h


class Weights(NamedTuple):
    """wx [INPUTS, 4 h], wh [h, 4 h], b [4 h] and the body's parameters."""

    wx: np.ndarray
    wh: np.ndarray
    b: np.ndarray
    body: np.ndarray


@kernel
def weights(theta, sizes):
    """The parts of theta."""
    i, h = sizes[0], sizes[1]
    wide = GATES * h
    end = i * wide + h * wide
    wx, wh = matrix(theta, 0, i, wide), matrix(theta, i * wide, h, wide)
    return Weights(wx, wh, theta[end : end + wide], theta[end + wide :])


class Unrolled(NamedTuple):
    """Where the layer keeps a batch: gates [rows, 4 h]; h (`out`), c (`cell`) and tanh(c) (`bent`),
    which begin with the bar before the first [n + rows, h]; gradients of h [rows, h] (`dout`) and,
    for one bar, of h and c [n, h]; room for Wh turned [4 h, h]; the rest is the body's.
    """

    gates: np.ndarray
    out: np.ndarray
    cell: np.ndarray
    bent: np.ndarray
    dout: np.ndarray
    dh: np.ndarray
    dc: np.ndarray
    turned: np.ndarray
    rest: np.ndarray


@inner
def rooms(sizes, work, rows, n):
    """Its parts of `work`, for `rows` rows of n sequences."""
    h = sizes[1]
    wide, more = GATES * h, (n + rows) * h
    gates = matrix(work, 0, rows, wide)
    at = rows * wide
    out = matrix(work, at, n + rows, h)
    cell = matrix(work, at + more, n + rows, h)
    bent = matrix(work, at + 2 * more, n + rows, h)
    at += 3 * more
    dout = matrix(work, at, rows, h)
    at += rows * h
    dh = matrix(work, at, n, h)
    dc = matrix(work, at + n * h, n, h)
    at += 2 * n * h
    turned = matrix(work, at, wide, h)
    return Unrolled(gates, out, cell, bent, dout, dh, dc, turned, work[at + wide * h :])


@kernel
def step(z, b, before, cell, bent, out):
    """One bar: z [n, 4 h], without its bias, becomes the gates; cell, tanh(cell) and out [n, h]
    follow from `before`, the cells then.

    Row by row: loops over parts of a matrix are not vectorised, loops over parts of a row are.
    """
    h = out.shape[1]
    for n in range(z.shape[0]):
        gates = z[n]
        for j in range(GATES * h):
            gates[j] += b[j]
        i_f, g, o = gates[: 2 * h], gates[2 * h : 3 * h], gates[3 * h :]
        for j in range(2 * h):
            i_f[j] = sigmoid(i_f[j])
        for j in range(h):
            g[j] = tanh(g[j])
        for j in range(h):
            o[j] = sigmoid(o[j])
        c, c_before, y, given = cell[n], before[n], bent[n], out[n]
        for j in range(h):
            c[j] = i_f[h + j] * c_before[j] + i_f[j] * g[j]
        for j in range(h):
            y[j] = tanh(c[j])
        for j in range(h):
            given[j] = o[j] * y[j]


@inner
def act(theta, sizes, seen, carried, work, q):
    """Action values of one observation; (h, c) in `carried` move on by a bar."""
    part, room = weights(theta, sizes), rooms(sizes, work, 1, 1)
    gates, out, cell = room.gates, room.out, room.cell
    h = sizes[1]
    copy(carried[:h], out[0])
    copy(carried[h:], cell[0])
    product(matrix(seen.x, 0, 1, seen.x.shape[0]), part.wx, gates)
    product_add(out[:1], part.wh, gates)
    step(gates, part.b, cell[:1], cell[1:], room.bent[1:], out[1:])
    copy(out[1], carried[:h])
    copy(cell[1], carried[h:])
    body_act(part.body, sizes[1:], out[1], room.rest, q)


@inner
def values(theta, sizes, seen, work, q):
    """Action values q [bars * n - first * n, 3] from bar `first` on; what `gradient` needs stays in
    `work`.
    """
    x, n, first = seen.x, seen.n, seen.first
    rows = x.shape[0]
    part, room = weights(theta, sizes), rooms(sizes, work, rows, n)
    gates, out, cell, bent = room.gates, room.out, room.cell, room.bent
    product(x, part.wx, gates)
    out[:n], cell[:n] = ZERO, ZERO
    for at in range(0, rows, n):
        now, after = at + n, at + 2 * n
        if at > 0:
            product_add(out[at:now], part.wh, gates[at:now])
        step(gates[at:now], part.b, cell[at:now], cell[now:after], bent[now:after], out[now:after])
    # the last bar, only a next state, goes first: the body then still holds the bars that
    # `gradient` is about
    start = n + first * n
    for begin, end in ((rows, rows + n), (start, rows)):
        body_values(part.body, sizes[1:], out[begin:end], room.rest, q[begin - start : end - start])


@kernel
def step_backward(z, dout, dh, dc, before, bent):
    """Through one bar: gates z [n, 4 h] become the gradient of what they were made from; dc [n, h]
    becomes that of the cells before.

    dout and dh [n, h]: gradients of this bar's h by way of the body and of the next bar. before,
    bent: cells then, tanh(cell) now.
    """
    h = dh.shape[1]
    for n in range(z.shape[0]):
        for j in range(h):
            i, f, g, o = z[n, j], z[n, h + j], z[n, 2 * h + j], z[n, 3 * h + j]
            d, y = dout[n, j] + dh[n, j], bent[n, j]
            c = dc[n, j] + d * o * (ONE - y * y)
            z[n, j] = c * g * i * (ONE - i)
            z[n, h + j] = c * before[n, j] * f * (ONE - f)
            z[n, 2 * h + j] = c * i * (ONE - g * g)
            z[n, 3 * h + j] = d * y * o * (ONE - o)
            dc[n, j] = c * f


@inner
def gradient(theta, sizes, seen, work, action, dq, grad):
    """grad = d sum(dq * q[action]) / d theta, over the bars from `first` to the last but one,
    followed back to the first of all.

    After `values` on the same sequences and work; action and dq [(bars - first - 1) * n].
    """
    x, n = seen.x, seen.n
    rows = x.shape[0]
    part, slope, room = weights(theta, sizes), weights(grad, sizes), rooms(sizes, work, rows, n)
    gates, out, cell, bent = room.gates, room.out, room.cell, room.bent
    dout, dh, dc, turned = room.dout, room.dh, room.dc, room.turned
    start, stop = seen.first * n, rows - n
    read, given = out[n + start : rows], dout[start:stop]
    if sizes.shape[0] > 3:
        taken_gradient(part.body, sizes[1:], read, room.rest, action, dq, slope.body, given)
    else:
        linear_gradient(part.body, sizes[1:], read, action, dq, slope.body, given)
    turn(part.wh, turned)
    dout[:start], dh[:], dc[:] = ZERO, ZERO, ZERO
    for at in range(stop - n, -n, -n):
        now, after = at + n, at + 2 * n
        step_backward(gates[at:now], dout[at:now], dh, dc, cell[at:now], bent[now:after])
        if at > 0:
            product(gates[at:now], turned, dh)
    hidden_backward(x[:stop], gates[:stop], slope.wx, slope.b)
    product(out[:stop].T, gates[:stop], slope.wh)


def show(
    sizes: np.ndarray,
    theta: np.ndarray,
    x: np.ndarray,
    t: int,
    features: np.ndarray,
    premium: bool,
    carried: np.ndarray,
) -> Shown:
    """Input, h, the body, outputs. The lines into h are those of the cell's candidate g, the one
    gate that says what is remembered.
    """
    h, memory = int(sizes[1]), carried.copy()
    work, q = np.empty(workspace(sizes, 1), np.float32), np.empty(ACTIONS, np.float32)
    act(theta, sizes, Seen(x, t, View(features, premium)), memory, work, q)
    parts = layout(tuple(int(units) for units in sizes[1:-1]))
    first = next(part for part in parts.parts if part.layer == 2)
    read = body_show(body_values, mlp.workspace, sizes[1:], theta[first.offset :], memory[:h])
    candidate = np.ascontiguousarray(parts.view(theta, "wx")[:, 2 * h : 3 * h])
    return Shown(
        [x, *read.activations],
        [candidate, *read.matrices],
        [parts.view(theta, "b_cell"), *read.biases],
    )


LSTM = QNetwork(
    "lstm",
    layout,
    sizes,
    workspace,
    act,
    show,
    learner="sequence",
    values=values,
    gradient=gradient,
    carried=carried,
)
