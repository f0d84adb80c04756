"""Products of small matrices, with what follows a product done before it is stored. The functions
below say in NumPy what each means.

Compiled kernels get other code in their place, chosen by PRODUCTS: that of `ml.kernels.tiles`, or
the plain loops of `ml.kernels.loops`. a may be a transposed view; rows of b, of out and of what
else is given are contiguous; all are of one type, float32 or float64.
"""

import numpy as np

from ml.kernels.compiled import PLAIN
from ml.kernels.views import register_view

if PLAIN:
    from ml.kernels.loops import register
else:
    from ml.kernels.generated import register


def matrix(flat: np.ndarray, begin: int, rows: int, columns: int) -> np.ndarray:
    """The numbers of flat [any] from `begin` on as a matrix [rows, columns], a view; the caller
    knows that there are so many.
    """
    return flat[begin : begin + rows * columns].reshape(rows, columns)


def product(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """out [n, m] = a b for a [n, k], b [k, m]."""
    np.matmul(a, b, out=out)


def product_two(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """out [2, m] = a b for a [2, k], b [k, m]: as `product`, faster for two rows."""
    np.matmul(a, b, out=out)


def product_add(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """out [n, m] += a b."""
    out += a @ b


def product_relu(a: np.ndarray, b: np.ndarray, bias: np.ndarray, out: np.ndarray) -> None:
    """out [n, m] = relu(a b + bias [m])."""
    np.maximum(a @ b + bias, 0.0, out=out)


def product_relu_one(a: np.ndarray, b: np.ndarray, bias: np.ndarray, out: np.ndarray) -> None:
    """`product_relu` of one row, faster the more zeros a [1, k] has: their rows of b are not looked
    at, be they finite or not.
    """
    used = a[0] != 0.0
    np.maximum(a[:, used] @ b[used] + bias, 0.0, out=out)


def product_mask(a: np.ndarray, b: np.ndarray, seen: np.ndarray, out: np.ndarray) -> None:
    """out [n, m] = a b where seen [n, m] is above 0, else 0: back through the ReLU that made
    `seen`.
    """
    out[:] = np.where(seen > 0.0, a @ b, 0.0)


def product_along(a: np.ndarray, b: np.ndarray, bias: np.ndarray, out: np.ndarray) -> None:
    """out [n, m] = a b^T + bias [m] for a [n, k] and a few rows b [m, k]; rows of a are contiguous
    too.
    """
    out[:] = a @ b.T + bias


def product_taken(
    h: np.ndarray, w: np.ndarray, action: np.ndarray, dq: np.ndarray, dw: np.ndarray, dh: np.ndarray
) -> None:
    """dw [o, i] = d^T h and dh [n, i] = d w where h [n, i] is above 0, else 0, for d [n, o] that is
    dq [n] at action [n] and 0 elsewhere.

    w [o, i]; action int64, contiguous.
    """
    d = np.zeros((len(h), len(w)), h.dtype)
    d[np.arange(len(h)), action] = dq
    dw[:] = d.T @ h
    dh[:] = np.where(h > 0.0, d @ w, 0.0)


def copy_part(
    source: np.ndarray, row: int, out: np.ndarray, to: int, column: int, count: int
) -> None:
    """out[to, column : column + count] = the first `count` of source[row]; `count` is a
    constant.
    """
    out[to, column : column + count] = source[row, :count]


def turn(matrix: np.ndarray, turned: np.ndarray) -> None:
    """turned [m, n] = matrix [n, m] transposed: only rows of a second operand are read fast."""
    turned[:] = matrix.T


register_view(matrix)
for _meaning in (
    product,
    product_two,
    product_add,
    product_relu,
    product_relu_one,
    product_mask,
    product_along,
    product_taken,
    copy_part,
    turn,
):
    register(_meaning)
