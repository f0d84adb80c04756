"""The products of `ml.kernels.products` as plain loops, which Numba compiles like any other kernel.

No generated code, nothing of LLVM by name: what is left where a new Numba or LLVM breaks
`ml.kernels.tiles` (PRODUCTS=plain). Every sum is one chain of multiply-adds in the order of k, as
there, so where the machine fuses them the bits are the same; but for `product_along`, whose sums
may be taken in another order (within 1e-5 of each other for float32). Learning is slower with them.
"""

from collections.abc import Callable
from typing import Any

from numba.extending import overload

# contracted into fused multiply-adds, never reassociated
CHAINS: dict[str, Any] = {
    "fastmath": {"contract", "nsz"},
    "error_model": "numpy",
    "_nrt": False,
    "forceinline": True,
}


# what each means stands in `ml.kernels.products`


def _product(a, b, out):
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = 0
        for k in range(b.shape[0]):
            factor = a[i, k]
            for j in range(out.shape[1]):
                out[i, j] += factor * b[k, j]


def _product_add(a, b, out):
    for i in range(out.shape[0]):
        for k in range(b.shape[0]):
            factor = a[i, k]
            for j in range(out.shape[1]):
                out[i, j] += factor * b[k, j]


def _product_relu(a, b, bias, out):
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = bias[j]
        for k in range(b.shape[0]):
            factor = a[i, k]
            for j in range(out.shape[1]):
                out[i, j] += factor * b[k, j]
        for j in range(out.shape[1]):
            # NaN passes through and is noticed
            out[i, j] = max(out[i, j], 0)


def _product_relu_one(a, b, bias, out):
    for j in range(out.shape[1]):
        out[0, j] = bias[j]
    for k in range(b.shape[0]):
        factor = a[0, k]
        if factor != 0:
            for j in range(out.shape[1]):
                out[0, j] += factor * b[k, j]
    for j in range(out.shape[1]):
        out[0, j] = max(out[0, j], 0)


def _product_mask(a, b, seen, out):
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            # out may be seen
            if seen[i, j] > 0:
                total = a[i, 0] * b[0, j]
                for k in range(1, b.shape[0]):
                    total += a[i, k] * b[k, j]
                out[i, j] = total
            else:
                out[i, j] = 0


def _product_along(a, b, bias, out):
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            total = a[i, 0] * b[j, 0]
            for k in range(1, b.shape[1]):
                total += a[i, k] * b[j, k]
            out[i, j] = total + bias[j]


def _product_taken(h, w, action, dq, dw, dh):
    for a in range(dw.shape[0]):
        for j in range(dw.shape[1]):
            dw[a, j] = 0
    for n in range(h.shape[0]):
        a, slope = action[n], dq[n]
        for j in range(h.shape[1]):
            seen = h[n, j]
            dw[a, j] += slope * seen
            # dh may be h
            if seen > 0:
                dh[n, j] = slope * w[a, j]
            else:
                dh[n, j] = 0


def _copy_part(source, row, out, to, column, count):
    for j in range(count):
        out[to, column + j] = source[row, j]


def _turn(matrix, turned):
    for i in range(matrix.shape[0]):
        for j in range(matrix.shape[1]):
            turned[j, i] = matrix[i, j]


LOOPS: dict[str, Callable[..., Any]] = {
    "product": _product,
    "product_two": _product,
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
    """Compiled kernels get the loops of the same name in the place of a function of
    `ml.kernels.products`.
    """
    code = LOOPS[meaning.__name__]
    overload(meaning, strict=False, jit_options=CHAINS)(lambda *types: code)
