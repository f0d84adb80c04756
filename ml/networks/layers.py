"""Forward and backward kernels of fully connected layers, for batches of any number of rows."""

import numpy as np

from ml.kernels.compiled import inner, kernel
from ml.kernels.products import product, product_mask, product_taken, turn

# of the arrays' own type: compared with a float64, float32 loops are not vectorised
ZERO = np.float32(0.0)


@kernel
def output_backward(h, w, action, dq, dw, db, dh):
    """Gradient of sum(dq * q[action]): writes dw [o, i], db [o], and dh [n, i], already through h's
    ReLU.

    dh may be h: its place is needed for nothing else then.
    """
    db[:] = ZERO
    for n in range(action.shape[0]):
        db[action[n]] += dq[n]
    product_taken(h, w, action, dq, dw, dh)


@kernel
def linear_output_backward(h, w, action, dq, dw, db, dh):
    """As `output_backward`, where h came from no ReLU."""
    dw[:] = ZERO
    db[:] = ZERO
    for n in range(h.shape[0]):
        a = action[n]
        d = dq[n]
        db[a] += d
        for i in range(h.shape[1]):
            dw[a, i] += d * h[n, i]
        for i in range(h.shape[1]):
            dh[n, i] = d * w[a, i]


@kernel
def column_sums(dz, db):
    """db [o] = sums over the rows of dz [n, o]; four rows at a time, because db is read and written
    each time.
    """
    db[:] = ZERO
    rest = dz.shape[0] % 4
    for n in range(rest):
        for j in range(dz.shape[1]):
            db[j] += dz[n, j]
    for n in range(rest, dz.shape[0], 4):
        for j in range(dz.shape[1]):
            db[j] += (dz[n, j] + dz[n + 1, j]) + (dz[n + 2, j] + dz[n + 3, j])


@inner
def hidden_backward(x, dz, dw, db):
    """dw = x^T dz, db = column sums of dz. x [n, i], dz [n, o], dw [i, o], db [o]."""
    product(x.T, dz, dw)
    column_sums(dz, db)


@inner
def dense_output_backward(h, w, dout, dw, db, dh):
    """The same for a gradient dout [n, o] of every output; dw and db are written."""
    product(dout.T, h, dw)
    product_mask(dout, w, h, dh)
    column_sums(dout, db)


@inner
def input_backward(dz, w, turned, dx):
    """dx = dz w^T. w [i, o] is first turned into `turned` [o, i]."""
    turn(w, turned)
    product(dz, turned, dx)


@inner
def through_hidden(dz, w, x, turned, dx):
    """dx = dz w^T, through the ReLU that made x; `turned` as in `input_backward`, and dx may be
    x.
    """
    turn(w, turned)
    product_mask(dz, turned, x, dx)
