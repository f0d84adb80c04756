"""Products of small matrices, with what follows a product done before it is stored. The functions below say in NumPy what each means.

Compiled kernels get the code of `ml.tiles` in their place. Against a BLAS library: nothing is packed or copied, biases,
ReLUs and masks cost no pass of their own, and the same bits come out whatever library is installed. a may be a transposed view; rows of b,
of out and of what else is given are contiguous; all are of one type, float32 or float64.
"""

from functools import partial

import numpy as np
from numba import types
from numba.core.typing import signature
from numba.extending import lower_builtin, overload, type_callable

from ml.skipping import Leaving, rows_taken
from ml.tiles import NUMBERS, VECTOR_BYTES, Dots, Product, copy_run, rows_of, tiled, turn_square


def matrix(flat: np.ndarray, begin: int, rows: int, columns: int) -> np.ndarray:
    """The numbers of flat [any] from `begin` on as a matrix [rows, columns], a view; the caller knows that there are so many."""
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
    """`product_relu` of one row, faster the more zeros a [1, k] has: their rows of b are not looked at, be they finite or not."""
    used = a[0] != 0.0
    np.maximum(a[:, used] @ b[used] + bias, 0.0, out=out)


def product_mask(a: np.ndarray, b: np.ndarray, seen: np.ndarray, out: np.ndarray) -> None:
    """out [n, m] = a b where seen [n, m] is above 0, else 0: back through the ReLU that made `seen`."""
    out[:] = np.where(seen > 0.0, a @ b, 0.0)


def product_along(a: np.ndarray, b: np.ndarray, bias: np.ndarray, out: np.ndarray) -> None:
    """out [n, m] = a b^T + bias [m] for a [n, k] and a few rows b [m, k]; rows of a are contiguous too."""
    out[:] = a @ b.T + bias


def product_taken(h: np.ndarray, w: np.ndarray, action: np.ndarray, dq: np.ndarray, dw: np.ndarray, dh: np.ndarray) -> None:
    """dw [o, i] = d^T h and dh [n, i] = d w where h [n, i] is above 0, else 0, for d [n, o] that is dq [n] at action [n] and 0 elsewhere.

    w [o, i]; action int64, contiguous.
    """
    d = np.zeros((len(h), len(w)), h.dtype)
    d[np.arange(len(h)), action] = dq
    dw[:] = d.T @ h
    dh[:] = np.where(h > 0.0, d @ w, 0.0)


def copy_part(source: np.ndarray, row: int, out: np.ndarray, to: int, column: int, count: int) -> None:
    """out[to, column : column + count] = the first `count` of source[row]; `count` is a constant."""
    out[to, column : column + count] = source[row, :count]


def turn(matrix: np.ndarray, turned: np.ndarray) -> None:
    """turned [m, n] = matrix [n, m] transposed: only rows of a second operand are read fast."""
    turned[:] = matrix.T


_nothing, _two, _add, _relu, _mask = (tiled(after, partial(Product, after)) for after in ("nothing", "two", "add", "relu", "mask"))
_along, _leaving = tiled("along", Dots), tiled("leaving", Leaving)


@type_callable(matrix)
def _matrix(_context):
    return lambda flat, begin, rows, columns: signature(types.Array(flat.dtype, 2, "C"), flat, types.intp, types.intp, types.intp)


lower_builtin(matrix, types.Array, types.intp, types.intp, types.intp)(rows_of)


@overload(product)
def _product(a, b, out):
    return lambda a, b, out: _nothing(a, b, out, out)


@overload(product_two)
def _product_two(a, b, out):
    return lambda a, b, out: _two(a, b, out, out)


@overload(product_add)
def _product_add(a, b, out):
    return lambda a, b, out: _add(a, b, out, out)


@overload(product_relu)
def _product_relu(a, b, bias, out):
    return lambda a, b, bias, out: _relu(a, b, out, matrix(bias, 0, 1, bias.shape[0]))


@overload(product_relu_one)
def _product_relu_one(a, b, bias, out):
    return lambda a, b, bias, out: _leaving(a, b, out, matrix(bias, 0, 1, bias.shape[0]))


@overload(product_mask)
def _product_mask(a, b, seen, out):
    return lambda a, b, seen, out: _mask(a, b, out, seen)


@overload(product_along)
def _product_along(a, b, bias, out):
    return lambda a, b, bias, out: _along(a, b, out, matrix(bias, 0, 1, bias.shape[0]))


@overload(product_taken)
def _product_taken(h, w, action, dq, dw, dh):
    def in_rows(h, w, action, dq, dw, dh):
        rows_taken(h, w, action, dq, dw, dh)

    return in_rows


@overload(copy_part)
def _copy_part(source, row, out, to, column, count):
    def in_vectors(source, row, out, to, column, count):
        copy_run(source, row, out, to, column, count)

    return in_vectors


@overload(turn)
def _turn(matrix, turned):
    lanes = VECTOR_BYTES // NUMBERS[matrix.dtype][1]

    def in_squares(matrix, turned):
        n, m = matrix.shape
        if n < lanes or m < lanes:
            for i in range(n):
                for j in range(m):
                    turned[j, i] = matrix[i, j]
            return
        # the last squares of a row or column begin early enough to be whole
        for i in range(0, n, lanes):
            for j in range(0, m, lanes):
                turn_square(matrix, turned, min(i, n - lanes), min(j, m - lanes))

    return in_squares
