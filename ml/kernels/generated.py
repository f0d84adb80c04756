"""Generated vector code for the products of `ml.kernels.products`, in compiled kernels.

Against a BLAS library: nothing is packed or copied, biases, ReLUs and masks cost no pass of their
own, and the same bits come out whatever library is installed.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from numba.extending import overload

from ml.kernels.skipping import Leaving, rows_taken
from ml.kernels.tiles import NUMBERS, VECTOR_BYTES, Dots, Product, copy_run, tiled, turn_square

_nothing, _two, _add, _relu, _mask = (
    tiled(after, partial(Product, after)) for after in ("nothing", "two", "add", "relu", "mask")
)
_along, _leaving = tiled("along", Dots), tiled("leaving", Leaving)


def _product(a, b, out):
    return lambda a, b, out: _nothing(a, b, out, out)


def _product_two(a, b, out):
    return lambda a, b, out: _two(a, b, out, out)


def _product_add(a, b, out):
    return lambda a, b, out: _add(a, b, out, out)


def _product_relu(a, b, bias, out):
    return lambda a, b, bias, out: _relu(a, b, out, bias)


def _product_relu_one(a, b, bias, out):
    return lambda a, b, bias, out: _leaving(a, b, out, bias)


def _product_mask(a, b, seen, out):
    return lambda a, b, seen, out: _mask(a, b, out, seen)


def _product_along(a, b, bias, out):
    return lambda a, b, bias, out: _along(a, b, out, bias)


def _product_taken(h, w, action, dq, dw, dh):
    def in_rows(h, w, action, dq, dw, dh):
        rows_taken(h, w, action, dq, dw, dh)

    return in_rows


def _copy_part(source, row, out, to, column, count):
    def in_vectors(source, row, out, to, column, count):
        copy_run(source, row, out, to, column, count)

    return in_vectors


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


CODE: dict[str, Callable[..., Any]] = {
    "product": _product,
    "product_two": _product_two,
    "product_add": _product_add,
    "product_relu": _product_relu,
    "product_relu_one": _product_relu_one,
    "product_mask": _product_mask,
    "product_along": _product_along,
    "product_taken": _product_taken,
    "copy_part": _copy_part,
    "turn": _turn,
}


def register(meaning: Callable[..., Any]) -> None:
    """Compiled kernels get the code of the same name in the place of a function of
    `ml.kernels.products`.
    """
    overload(meaning)(CODE[meaning.__name__])
