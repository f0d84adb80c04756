"""How a kernel is compiled: one source, run by Numba at work and as plain Python where NUMBA_DISABLE_JIT is set."""

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np
from numba import njit

# Sums may be reassociated and contracted; nothing promises the compiler that NaN cannot occur.
# Always inlined: of a kernel left as a call, a process that compiles links another copy than one that loads from the cache, and two
# copies may sum in different orders: the same seed would not give the same bits.
OPTIONS: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    # kernels work on arrays that their callers keep: counting references to every view of them took two fifths of the time of acting.
    # So a kernel makes no array, and copies none onto another but with `copy` or a function of `ml.products`. One that returns views of
    # what it was given serves other kernels only: called from Python it would return the whole of that.
    "_nrt": False,
    "forceinline": True,
    # nobody calls a kernel from C
    "no_cfunc_wrapper": True,
    "error_model": "numpy",
    "fastmath": {"reassoc", "contract", "nsz", "arcp"},
}


def kernel(function: Callable) -> Any:
    """`function` compiled on first call and cached on disk."""
    return njit(**OPTIONS)(function)


def inner(function: Callable) -> Any:
    """A kernel whose source Numba puts into that of the kernels it is called by; compiled for itself only where Python calls it.

    For what calls one another several deep, as a network's layers do: every level would be optimised anew in the one above. It takes no
    starred arguments.
    """
    return njit(**OPTIONS, inline="always")(function)


def as_written(function: Callable) -> Any:
    """A kernel whose sums are taken in the order they are written in, and so the same to the bit in every kernel it is part of."""
    return njit(**OPTIONS | {"fastmath": False})(function)


@inner
def copy(source, out):
    """out[:] = source, both [n]."""
    for i in range(out.shape[0]):
        out[i] = source[i]


@inner
def finite(x):
    """Whether x is neither NaN nor infinite, by comparison: np.isfinite looks at x - x, which reassociation folds to 0."""
    return abs(x) < np.inf


def bind(template: Callable[..., Any], name: str, **names: Any) -> Any:
    """A kernel made from `template` with `names` standing for its globals of the same name.

    One source thus serves every network: the compiler sees direct calls, and each binding has its own place in the cache.
    """
    function = FunctionType(template.__code__, {**template.__globals__, **names}, template.__name__, template.__defaults__)
    function.__qualname__ = f"{name}_{template.__name__}"
    function.__module__ = template.__module__
    return kernel(function)
