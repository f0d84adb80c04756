"""How a kernel is compiled: one source, run by Numba at work and as plain Python where
NUMBA_DISABLE_JIT is set.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from os import environ
from types import FunctionType, ModuleType
from typing import Any, TypeVar

import numpy as np
from numba import njit

# whose code stands for the products of matrices, see `ml.kernels.products`
PRODUCTS = environ.get("PRODUCTS") or "tiles"
if PRODUCTS not in ("tiles", "plain"):
    raise ValueError(f"PRODUCTS={PRODUCTS!r} is neither tiles nor plain; correct it or unset it")
PLAIN = PRODUCTS == "plain"

# Sums may be reassociated and contracted; nothing promises the compiler that NaN cannot occur.
# Always inlined: of a kernel left as a call, a process that compiles links another copy than one
# that loads from the cache, and two copies may sum in different orders: the same seed would not
# give the same bits.
OPTIONS: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    # kernels work on arrays that their callers keep: counting references to every view of them took
    # two fifths of the time of acting. So a kernel makes no array, and copies none onto another but
    # with `copy` or a function of `ml.kernels.products`. One that returns views of what it was
    # given serves other kernels only: called from Python it would return the whole of that.
    "_nrt": False,
    "forceinline": True,
    # no kernel is called from C
    "no_cfunc_wrapper": True,
    "error_model": "numpy",
    "fastmath": {"reassoc", "contract", "nsz", "arcp"},
}


# a kernel has the arguments of the function that it was made of, for editors and type checkers too
Function = TypeVar("Function", bound=Callable[..., Any])
_TEMPLATES: set[Any] = set()


def kernel(function: Function) -> Function:
    """`function` compiled on first call and cached on disk."""
    return _compiled(function)


def inner(function: Function) -> Function:
    """A kernel whose source Numba puts into that of the kernels it is called by; compiled for
    itself only where Python calls it.

    For what calls one another several deep, as a network's layers do: every level would be
    optimised anew in the one above. It takes no starred arguments.
    """
    return _compiled(function, inline="always")


def as_written(function: Function) -> Function:
    """A kernel whose sums are taken in the order they are written in, and so the same to the bit in
    every kernel it is part of.
    """
    return _compiled(function, fastmath=False)


def _compiled(function: Function, **more: Any) -> Function:
    """Kernels with plain products have a cache of their own, which Numba finds by their names."""
    if PLAIN:
        function.__qualname__ += "_plain"
    return njit(**OPTIONS | more)(function)


@inner
def copy(source, out):
    """out[:] = source, both [n]."""
    for i in range(out.shape[0]):
        out[i] = source[i]


@inner
def finite(x):
    """Whether x is neither NaN nor infinite, by comparison: np.isfinite looks at x - x, which
    reassociation folds to 0.
    """
    return abs(x) < np.inf


def template(function: Function) -> Function:
    """A function whose module declares some names without giving them a value: `bind` does, and
    makes kernels of it and of the templates it calls.

    What it declares is a dataclass of kernels, as `network: QNetwork`, and an editor or a type
    checker finds its functions there.
    """
    _TEMPLATES.add(function)
    return function


def bind(function: Callable[..., Any], name: str, **records: Any) -> Any:
    """A kernel made from a template, with `records` standing for the names it declares.

    One source thus serves every network: the compiler sees direct calls, and each binding has its
    own place in the cache.
    """
    return kernel(_bound(function, name, {key: _readable(value) for key, value in records.items()}))


def _bound(function: Callable[..., Any], name: str, records: dict[str, Any]) -> FunctionType:
    """The template as a function of its own, the templates it calls being part of it."""
    around = function.__globals__
    named = {key: around.get(key) for key in function.__code__.co_names}
    called = [
        key
        for key, value in named.items()
        if isinstance(value, FunctionType) and value in _TEMPLATES
    ]
    parts = {key: inner(_bound(around[key], name, records)) for key in called}
    bound = FunctionType(
        function.__code__, {**around, **records, **parts}, function.__name__, function.__defaults__
    )
    bound.__qualname__ = f"{name}_{function.__name__}"
    bound.__module__ = function.__module__
    return bound


def _readable(record: Any) -> Any:
    """A dataclass as a module: Numba looks only into those while it compiles."""
    if not is_dataclass(record):
        return record
    module = ModuleType(type(record).__name__)
    vars(module).update({field.name: getattr(record, field.name) for field in fields(record)})
    return module
