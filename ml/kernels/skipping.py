"""Generated code that goes through only the chosen numbers: which they are stands in the bits of a
word, taken lowest first.

For compiled kernels; what each function means in plain NumPy stands in `ml.kernels.products`. A
branch that asks a number at a time whether it is chosen is guessed wrong half of the time.
"""

from collections.abc import Callable

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from ml.kernels.tiles import (
    BYTE,
    INDEX,
    NUMBERS,
    VECTORS,
    Loop,
    Matrix,
    function_of,
    only_if,
    steps,
    whole,
)

# numbers a word tells of
WORD = 64
Columns = list[tuple[ir.Value, ir.Value | None]]


def word_of(
    row: Matrix, first: ir.Value, stop: ir.Value, chosen: Callable[[ir.Value], ir.Value]
) -> ir.Value:
    """A bit for each of the WORD numbers from column `first` of the only row, set where it lies
    before `stop` and is `chosen`.
    """
    builder, word = row.builder, INDEX(0)
    for place in range(0, WORD, row.lanes):
        k = builder.add(first, INDEX(place))
        inside = row.lanes_below(builder.sub(stop, k))
        bits = builder.bitcast(
            builder.and_(chosen(row.load(INDEX(0), k, inside)), inside), ir.IntType(row.lanes)
        )
        word = builder.or_(word, builder.shl(builder.zext(bits, INDEX), INDEX(place)))
    return word


def over_bits(
    builder: ir.IRBuilder,
    word: ir.Value,
    sums: list[ir.Value],
    add: Callable[[ir.Value, list[ir.Value]], list[ir.Value]],
) -> list[ir.Value]:
    """`sums` after add(place, sums) for each bit of `word`; as they were where there is none."""

    def bits(sums: list[ir.Value]) -> list[ir.Value]:
        before, body, after = (
            builder.block,
            builder.append_basic_block("bit"),
            builder.append_basic_block("spent"),
        )
        builder.branch(body)
        builder.position_at_end(body)
        left, running = builder.phi(INDEX), [builder.phi(each.type) for each in sums]
        added = add(builder.cttz(left, ir.Constant(ir.IntType(1), 1)), running)
        rest = builder.and_(left, builder.sub(left, INDEX(1)))
        builder.cbranch(builder.icmp_unsigned("==", rest, INDEX(0)), after, body)
        for phi, first_time, again in zip(
            [left, *running], [word, *sums], [rest, *added], strict=True
        ):
            phi.add_incoming(first_time, before)
            phi.add_incoming(again, body)
        builder.position_at_end(after)
        return added

    return only_if(builder, builder.icmp_unsigned("!=", word, INDEX(0)), sums, bits)


class Across:
    """Something done to a row of `m` columns, several vectors of them at a time, so that no sum
    waits for itself.
    """

    def __init__(self, builder: ir.IRBuilder, out: Matrix, m: ir.Value):
        self.builder, self.out, self.m = builder, out, m

    def build(self) -> None:
        """Whole tiles; the columns left over a vector at a time."""
        wide, narrow = 2 * VECTORS * self.out.lanes, self.out.lanes
        columns = whole(self.builder, self.m, wide)
        for j in steps(self.builder, INDEX(0), columns, wide):
            self.tile([(self.builder.add(j, INDEX(v * narrow)), None) for v in range(2 * VECTORS)])
        for j in steps(self.builder, columns, self.m, narrow):
            self.tile([(j, self.out.lanes_below(self.builder.sub(self.m, j)))])

    def tile(self, column: Columns) -> None:
        """The same for some columns."""
        raise NotImplementedError


class Leaving(Across):
    """The body of a function out = relu(a b + other) for one row a, whose zeros are left out: after
    a ReLU they are half of all.

    Adding nothing changes no bit, so the sums are those of `ml.kernels.tiles.Product`.
    """

    def __init__(self, builder: ir.IRBuilder, matrices: list[Matrix], shape: tuple[ir.Value, ...]):
        self.a, self.b, out, self.other = matrices
        _, self.k, m = shape
        super().__init__(builder, out, m)

    def tile(self, column: Columns) -> None:
        zero = ir.Constant(self.out.vector, None)
        loop = Loop(
            self.builder, self.k, WORD, [self.other.load(INDEX(0), c, mask) for c, mask in column]
        )

        def add(place: ir.Value, running: list[ir.Value]) -> list[ir.Value]:
            k = self.builder.add(loop.k, place)
            factor, read = (
                self.a.spread(INDEX(0), k),
                [self.b.load(k, c, mask) for c, mask in column],
            )
            return [
                self.out.add_product(factor, each, total)
                for each, total in zip(read, running, strict=True)
            ]

        word = word_of(
            self.a,
            loop.k,
            self.k,
            lambda read: self.builder.fcmp_unordered("!=", read, ir.Constant(read.type, None)),
        )
        for (c, mask), total in zip(
            column, loop.close(over_bits(self.builder, word, loop.running, add)), strict=True
        ):
            self.out.store(
                self.builder.select(self.builder.fcmp_ordered("<", total, zero), zero, total),
                INDEX(0),
                c,
                mask,
            )


class Taken(Across):
    """The body of `ml.kernels.products.product_taken`: the rows of each action together, whose
    weights and sums stay in registers meanwhile.
    """

    def __init__(self, builder: ir.IRBuilder, matrices: list[Matrix], shape: tuple[ir.Value, ...]):
        self.h, self.w, self.action, self.dq, self.dw, self.dh = matrices
        self.n, m, self.o = shape
        super().__init__(builder, self.dh, m)

    def tile(self, column: Columns) -> None:
        for a in steps(self.builder, INDEX(0), self.o, 1):
            self._action(a, column)

    def _action(self, a: ir.Value, column: Columns) -> None:
        zero, chosen = ir.Constant(self.out.vector, None), self.action.every_lane(a)
        weights = [self.w.load(a, c, mask) for c, mask in column]
        loop = Loop(self.builder, self.n, WORD, [zero] * len(column))

        def add(place: ir.Value, running: list[ir.Value]) -> list[ir.Value]:
            row = self.builder.add(loop.k, place)
            slope, read = (
                self.dq.spread(INDEX(0), row),
                [self.h.load(row, c, mask) for c, mask in column],
            )
            for (c, mask), seen, weight in zip(column, read, weights, strict=True):
                through = self.builder.fcmp_ordered(">", seen, zero)
                self.dh.store(
                    self.builder.select(through, self.builder.fmul(slope, weight), zero),
                    row,
                    c,
                    mask,
                )
            return [
                self.out.add_product(slope, each, total)
                for each, total in zip(read, running, strict=True)
            ]

        word = word_of(
            self.action, loop.k, self.n, lambda read: self.builder.icmp_signed("==", read, chosen)
        )
        for (c, mask), total in zip(
            column, loop.close(over_bits(self.builder, word, loop.running, add)), strict=True
        ):
            self.dw.store(total, a, c, mask)


@intrinsic
def rows_taken(typing, h, w, action, dq, dw, dh):
    """See `ml.kernels.products.product_taken`."""

    def build(builder, *arguments):
        bases, rows, shape = arguments[:6], arguments[6:12], arguments[12:]
        kinds = (h.dtype, w.dtype, action.dtype, dq.dtype, dw.dtype, dh.dtype)
        sizes = [INDEX(NUMBERS[kind][1]) for kind in kinds]
        Taken(
            builder,
            [Matrix(builder, *place) for place in zip(kinds, bases, rows, sizes, strict=True)],
            shape,
        ).build()

    def generate(context, builder, signature, arguments):
        arrays = [
            context.make_array(kind)(context, builder, value)
            for kind, value in zip(signature.args, arguments, strict=True)
        ]
        bases = [builder.bitcast(array.data, BYTE) for array in arrays]
        rows = [cgutils.unpack_tuple(builder, array.strides)[0] for array in arrays]
        (n, i), (o, _) = (cgutils.unpack_tuple(builder, array.shape) for array in arrays[:2])
        places = [*bases, *rows, n, i, o]
        builder.call(function_of(builder.module, f"lineage.taken.{h.dtype}", places, build), places)
        return context.get_dummy_value()

    return types.void(h, w, action, dq, dw, dh), generate
