"""Records at the door of a compiled kernel: as plain tuples they go in, by name they are worked
with.

For every call from Python Numba finds out what it is handed. A tuple of a type of its own takes
about half a microsecond longer than a plain one, for its name and those of its fields are read.
"""

from collections.abc import Sequence
from typing import Any, TypeVar, get_type_hints

from numba import types
from numba.core.cgutils import unpack_tuple
from numba.core.typing import signature
from numba.extending import lower_builtin, type_callable

# a record without its names
Bare = tuple[Any, ...]
Record = TypeVar("Record", bound=Bare)


def bare(record: Bare) -> Bare:
    """The fields of a NamedTuple without their names, and so of those it holds."""
    return tuple([bare(field) if isinstance(field, tuple) else field for field in record])


def named(kind: type[Record], fields: Bare) -> Record:
    """What `bare` made of a `kind`; inside kernels too, where it costs nothing."""
    parts = zip(_kinds(kind), fields, strict=True)
    return kind(*[named(part, field) if part else field for part, field in parts])


def _kinds(kind: type[Bare]) -> list[Any]:
    """Which record each field of a record is, None where it is none."""
    return [
        hint if isinstance(hint, type) and issubclass(hint, tuple) else None
        for hint in get_type_hints(kind).values()
    ]


@type_callable(named)
def _typed(_context):
    return lambda kind, fields: signature(_type_of(kind.instance_class, fields), kind, fields)


def _type_of(kind: type[Bare], fields: types.BaseTuple) -> types.BaseTuple:
    parts = zip(_kinds(kind), fields.types, strict=True)
    return types.BaseTuple.from_types(
        [_type_of(part, field) if part else field for part, field in parts], kind
    )


@lower_builtin(named, types.NamedTupleClass, types.BaseTuple)
def _lowered(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
    return _made(context, builder, signature.return_type, arguments[1])


def _made(context: Any, builder: Any, made: types.BaseTuple, value: Any) -> Any:
    parts = zip(
        _kinds(made.instance_class),
        made.types,
        unpack_tuple(builder, value, len(made)),
        strict=True,
    )
    return context.make_tuple(
        builder,
        made,
        [_made(context, builder, kind, part) if record else part for record, kind, part in parts],
    )
