"""A pytest plugin, `-p tests.indices`: kernels run uncompiled, and every index in them is looked at
before it is used.

Compiled code reads wherever an index points, and NumPy takes a negative one from the end. Here both
are an IndexError that names the array's shape: an index must lie in 0 .. size - 1, the bounds of a
slice in 0 .. size. The source of every kernel is rewritten as Numba is handed it, so that `a[i, j]`
becomes `taken(a, (i, j))`; what `ml.kernels.products` means in NumPy is rewritten in the same way.
An index that is written down as a negative number, as in `sizes[-1]`, is meant to count from the
end.

The plugin must be imported before any kernel is.
"""

import ast
import inspect
import os
import sys
import textwrap
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

assert not any(
    name.partition(".")[0] in ("ml", "arena", "agents", "numba") for name in sys.modules
), "kernels were imported before"
os.environ["NUMBA_DISABLE_JIT"] = "1"

import numba  # noqa: E402
import numpy as np  # noqa: E402

TAKEN, INSIDE = "__taken__", "__inside__"


def inside(array: Any, index: Any) -> Any:
    """`index` as it is; IndexError where it, or a part of it, lies outside `array`."""
    if type(index) is int and index >= 0:
        # NumPy itself looks at what is beyond the end
        return index
    if isinstance(array, np.ndarray):
        for axis, part in enumerate(index if isinstance(index, tuple) else (index,)):
            if not _within(part, array.shape[axis]):
                raise IndexError(f"[{index}] is outside an array of shape {array.shape}")
    return index


def taken(array: Any, index: Any) -> Any:
    """array[index], looked at; the fields of a record are attributes, as they are compiled."""
    if isinstance(array, np.ndarray) and array.dtype.names:
        array = array.view(np.recarray)
    return array[inside(array, index)]


def _within(part: Any, size: int) -> bool:
    if isinstance(part, str):
        return True
    if isinstance(part, slice):
        return all(bound is None or 0 <= bound <= size for bound in (part.start, part.stop))
    if isinstance(part, np.ndarray):
        return part.size == 0 or part.dtype == bool or part.min() >= 0 and part.max() < size
    return 0 <= part < size


class Looked(ast.NodeTransformer):
    """Rewrites subscripts; annotations are dropped."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.slice, ast.UnaryOp) and isinstance(node.slice.operand, ast.Constant):
            return node
        index = _expression(node.slice)
        if isinstance(node.ctx, ast.Load):
            return ast.Call(ast.Name(TAKEN, ast.Load()), [node.value, index], [])
        looked = ast.Call(ast.Name(INSIDE, ast.Load()), [node.value, index], [])
        return ast.Subscript(node.value, looked, node.ctx)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.decorator_list, node.returns = [], None
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        return node


def _expression(index: ast.expr) -> ast.expr:
    """What stands between the brackets as an expression of its own: slices there are none outside
    of them.
    """
    if isinstance(index, ast.Slice):
        bounds = [part or ast.Constant(None) for part in (index.lower, index.upper, index.step)]
        return ast.Call(ast.Name("slice", ast.Load()), bounds, [])
    return (
        ast.Tuple([_expression(part) for part in index.elts], ast.Load())
        if isinstance(index, ast.Tuple)
        else index
    )


def looked(function: Callable) -> Callable:
    """`function` from its source, with every index looked at; its globals, defaults and closure as
    they are.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    ast.increment_lineno(tree, function.__code__.co_firstlineno - 1)
    names = [ast.arg(name) for name in function.__code__.co_freevars]
    outer = ast.FunctionDef(
        "outer",
        ast.arguments([], names, None, [], [], None, []),
        [Looked().visit(tree.body[0])],
        [],
        type_params=[],
    )
    module = ast.fix_missing_locations(ast.Module([outer], []))
    code = _inner(
        _inner(compile(module, function.__code__.co_filename, "exec"), "outer"), tree.body[0].name
    )
    function.__globals__.update({TAKEN: taken, INSIDE: inside})
    closure = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    cells = tuple(closure[name] for name in code.co_freevars)
    return FunctionType(code, function.__globals__, function.__name__, function.__defaults__, cells)


def _inner(code: CodeType, name: str) -> CodeType:
    return next(
        each for each in code.co_consts if isinstance(each, CodeType) and each.co_name == name
    )


def njit(function: Callable | None = None, **options: Any) -> Callable:
    """In Numba's place."""
    return looked if function is None else looked(function)


numba.njit = njit

from ml.kernels import products  # noqa: E402

for _name, _function in list(vars(products).items()):
    if (
        inspect.isfunction(_function)
        and _function.__module__ == products.__name__
        and not _name.startswith("_")
    ):
        setattr(products, _name, looked(_function))
