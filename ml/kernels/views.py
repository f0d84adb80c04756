"""A matrix that is a view of a flat array, in compiled kernels: neither copied nor checked.

A reshape calls a function that looks for a way not to copy, which takes as long as a small product,
and a kernel that counts no references may not return the view it makes.
"""

from collections.abc import Callable, Sequence
from typing import Any

from numba import types
from numba.core.typing import signature
from numba.extending import lower_builtin, type_callable
from numba.np.arrayobj import populate_array


def register_view(matrix: Callable[..., Any]) -> None:
    """Compiled kernels get a view in the place of `ml.kernels.products.matrix`."""

    @type_callable(matrix)
    def _matrix(_context):
        return lambda flat, begin, rows, columns: signature(
            types.Array(flat.dtype, 2, "C"), flat, types.intp, types.intp, types.intp
        )

    lower_builtin(matrix, types.Array, types.intp, types.intp, types.intp)(_rows)


def _rows(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
    """[rows, columns] of a flat array from element `begin` on."""
    source, begin, rows, columns = arguments
    flat = context.make_array(signature.args[0])(context, builder, source)
    made = context.make_array(signature.return_type)(context, builder)
    size = context.get_constant(
        types.intp, context.get_abi_sizeof(context.get_data_type(signature.return_type.dtype))
    )
    strides = (builder.mul(columns, size), size)
    populate_array(made, builder.gep(flat.data, [begin]), (rows, columns), strides, size, None)
    return made._getvalue()
