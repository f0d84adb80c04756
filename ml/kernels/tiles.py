"""Matrix products as generated vector code: a tile of the result stays in registers for the whole
of its sum.

For compiled kernels only; what each product means in plain NumPy stands in `ml.kernels.products`.
Every element is summed in one order, whatever the tile, so its bits depend neither on the tile's
shape nor on where it lies: one chain of fused multiply-adds in the order of k, and of `Dots` as
many chains as there are lanes, added up by halves.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import product as pairs
from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

FEATURES = binding.get_host_cpu_features()
VECTOR_BYTES = 64 if FEATURES.get("avx512f") else 32 if FEATURES.get("avx") else 16
# rows x vectors of sums; beside them two vectors of b and one of a must find room among the
# machine's registers
ROWS = 4 if VECTOR_BYTES == 32 else 8
VECTORS = 2
# rows of b at once where sums run along rows: as many vectors of sums for each row of a
FEW = 3

INDEX, BYTE, LANE = ir.IntType(64), ir.IntType(8).as_pointer(), ir.IntType(32)
NUMBERS = {
    types.float32: (ir.FloatType(), 4, "f32"),
    types.float64: (ir.DoubleType(), 8, "f64"),
    types.int64: (INDEX, 8, "i64"),
}


class Matrix:
    """A matrix inside generated code, by its first byte and its strides; its elements one by one or
    a vector of them along a row.
    """

    def __init__(
        self, builder: ir.IRBuilder, number: types.Type, base: ir.Value, *strides: ir.Value
    ):
        self.builder, self.base, self.strides = builder, base, strides
        self.number, self.size, name = NUMBERS[number]
        self.lanes = VECTOR_BYTES // self.size
        self.vector = ir.VectorType(self.number, self.lanes)
        self.name = f"v{self.lanes}{name}"

    def at(self, row: ir.Value, column: ir.Value, to: ir.Type) -> ir.Value:
        """Where an element lies, for a load or store of `to`."""
        place = self.base
        for index, stride in zip((row, column), self.strides, strict=True):
            place = self.builder.gep(place, [self.builder.mul(index, stride)])
        return self.builder.bitcast(place, to.as_pointer())

    def load(self, row: ir.Value, column: ir.Value, mask: ir.Value | None = None) -> ir.Value:
        """The vector that begins at an element; lanes outside `mask` are 0 and not read."""
        place = self.at(row, column, self.vector)
        if mask is None:
            return self.builder.load(place, align=self.size)
        return self._call(
            "masked.load",
            self.vector,
            ".p0",
            place,
            LANE(self.size),
            mask,
            ir.Constant(self.vector, None),
        )

    def store(
        self, value: ir.Value, row: ir.Value, column: ir.Value, mask: ir.Value | None = None
    ) -> None:
        """Write a vector from an element on; lanes outside `mask` are left alone."""
        place = self.at(row, column, self.vector)
        if mask is None:
            self.builder.store(value, place, align=self.size)
        else:
            self._call("masked.store", ir.VoidType(), ".p0", value, place, LANE(self.size), mask)

    def spread(self, row: ir.Value, column: ir.Value) -> ir.Value:
        """A vector of one element over and over."""
        return self.every_lane(self.builder.load(self.at(row, column, self.number)))

    def every_lane(self, one: ir.Value) -> ir.Value:
        """A vector of one value over and over."""
        nothing = ir.Constant(ir.VectorType(one.type, self.lanes), ir.Undefined)
        first_lane = self.builder.insert_element(nothing, one, LANE(0))
        return self.builder.shuffle_vector(
            first_lane, nothing, ir.Constant(ir.VectorType(LANE, self.lanes), None)
        )

    def picked(self, one: ir.Value, other: ir.Value, lanes: list[int]) -> ir.Value:
        """A vector of these lanes of `one`, then `other`."""
        return self.builder.shuffle_vector(
            one, other, ir.Constant(ir.VectorType(LANE, self.lanes), lanes)
        )

    def lanes_below(self, count: ir.Value) -> ir.Value:
        """A mask of the first `count` lanes."""
        left = self.every_lane(count)
        return self.builder.icmp_signed("<", ir.Constant(left.type, list(range(self.lanes))), left)

    def add_product(self, one: ir.Value, other: ir.Value, total: ir.Value) -> ir.Value:
        """one * other + total, rounded once."""
        return self._call("fma", self.vector, "", one, other, total)

    def _call(self, name: str, result: ir.Type, ending: str, *arguments: ir.Value) -> ir.Value:
        kind = ir.FunctionType(result, [argument.type for argument in arguments])
        return self.builder.call(
            cgutils.get_or_insert_function(
                self.builder.module, kind, f"llvm.{name}.{self.name}{ending}"
            ),
            arguments,
        )


def steps(builder: ir.IRBuilder, start: ir.Value, stop: ir.Value, step: int) -> Iterator[ir.Value]:
    """A loop in generated code; its body is what is built between two values."""
    with cgutils.for_range_slice(builder, start, stop, INDEX(step), INDEX) as (index, _):
        yield index


def whole(builder: ir.IRBuilder, size: ir.Value, step: int) -> ir.Value:
    """The greatest multiple of `step` not above `size`."""
    return builder.mul(builder.udiv(size, INDEX(step)), INDEX(step))


class Loop:
    """A loop over k, at least once round, in generated code; `running` sums stay in registers and
    begin with `first`.
    """

    def __init__(self, builder: ir.IRBuilder, stop: ir.Value, step: int, first: list[ir.Value]):
        self.builder, self.stop, self.step, self.first, self.before = (
            builder,
            stop,
            step,
            first,
            builder.block,
        )
        self.body, self.done = builder.append_basic_block("k"), builder.append_basic_block("summed")
        builder.branch(self.body)
        builder.position_at_end(self.body)
        self.k, self.running = builder.phi(INDEX), [builder.phi(each.type) for each in first]

    def close(self, result: list[ir.Value]) -> list[ir.Value]:
        """`result` goes round as what is running; the sums at the end."""
        builder, last, following = (
            self.builder,
            self.builder.block,
            self.builder.add(self.k, INDEX(self.step)),
        )
        builder.cbranch(builder.icmp_signed("<", following, self.stop), self.body, self.done)
        for phi, start, step in zip(
            [self.k, *self.running], [INDEX(0), *self.first], [following, *result], strict=True
        ):
            phi.add_incoming(start, self.before)
            phi.add_incoming(step, last)
        builder.position_at_end(self.done)
        return result


def only_if(
    builder: ir.IRBuilder,
    condition: ir.Value,
    sums: list[ir.Value],
    then: Callable[[list[ir.Value]], list[ir.Value]],
) -> list[ir.Value]:
    """then(sums) where `condition` holds, else `sums`."""
    before, body, after = (
        builder.block,
        builder.append_basic_block("then"),
        builder.append_basic_block("joined"),
    )
    builder.cbranch(condition, body, after)
    builder.position_at_end(body)
    changed, last = then(sums), builder.block
    builder.branch(after)
    builder.position_at_end(after)
    joined = [builder.phi(each.type) for each in sums]
    for phi, untouched, new in zip(joined, sums, changed, strict=True):
        phi.add_incoming(untouched, before)
        phi.add_incoming(new, last)
    return joined


class Product:
    """The body of a function out = a b, tile after tile. `after` says what begins or ends a sum:

    "nothing"; "two": nothing, and a has two rows; "add": begins with what out holds; "relu": begins
    with other, one row, and negative sums become 0; "mask": 0 where other is not above 0.
    """

    def __init__(
        self, after: str, builder: ir.IRBuilder, matrices: list[Matrix], shape: tuple[ir.Value, ...]
    ):
        self.builder, self.after = builder, after
        self.a, self.b, self.out, self.other = matrices
        self.n, self.k, self.m = shape

    def build(self) -> None:
        """Whole tiles, then the rows below them one by one, with more sums side by side: a sum
        alone waits for each of its additions.
        """
        if self.after == "two":
            self._two_rows()
            return
        rows = whole(self.builder, self.n, ROWS)
        self._rows(INDEX(0), rows, ROWS, VECTORS)
        self._rows(rows, self.n, 1, 2 * VECTORS)

    def _rows(self, first: ir.Value, last: ir.Value, rows: int, vectors: int) -> None:
        """From row `first` to before `last`, `rows` at a time, `vectors` columns at a time; those
        left over a vector at a time.
        """
        wide, narrow = vectors * self.out.lanes, self.out.lanes
        columns = whole(self.builder, self.m, wide)
        for j in steps(self.builder, INDEX(0), columns, wide):
            for i in steps(self.builder, first, last, rows):
                self._tile(i, j, rows, [None] * vectors)
        for j in steps(self.builder, columns, self.m, narrow):
            mask = self._columns_left(j)
            for i in steps(self.builder, first, last, rows):
                self._tile(i, j, rows, [mask])

    def _two_rows(self) -> None:
        """Two vectors of both rows at a time: four sums, so that none waits for itself."""
        for j in steps(self.builder, INDEX(0), self.m, VECTORS * self.out.lanes):
            masks = [
                self._columns_left(self.builder.add(j, INDEX(v * self.out.lanes)))
                for v in range(VECTORS)
            ]
            self._tile(INDEX(0), j, 2, masks)

    def _columns_left(self, column: ir.Value) -> ir.Value:
        """Which lanes of the vector at `column` lie inside the matrix."""
        return self.out.lanes_below(self.builder.sub(self.m, column))

    def _tile(self, i: ir.Value, j: ir.Value, rows: int, masks: Sequence[ir.Value | None]) -> None:
        row = [self.builder.add(i, INDEX(r)) for r in range(rows)]
        column = [
            (self.builder.add(j, INDEX(v * self.out.lanes)), mask) for v, mask in enumerate(masks)
        ]
        first = [self._first(r, c, mask) for r, (c, mask) in pairs(row, column)]
        for (r, (c, mask)), total in zip(
            pairs(row, column), self._summed(row, column, first), strict=True
        ):
            self.out.store(self._last(total, r, c, mask), r, c, mask)

    def _first(self, row: ir.Value, column: ir.Value, mask: ir.Value | None) -> ir.Value:
        """What a sum begins with."""
        if self.after == "add":
            return self.out.load(row, column, mask)
        if self.after == "relu":
            return self.other.load(INDEX(0), column, mask)
        return ir.Constant(self.out.vector, None)

    def _summed(self, row: list, column: list, first: list[ir.Value]) -> list[ir.Value]:
        """Sums after a [row, k] b [k, column] is added for all k."""
        loop = Loop(self.builder, self.k, 1, first)
        read, spread = (
            [self.b.load(loop.k, c, mask) for c, mask in column],
            [self.a.spread(r, loop.k) for r in row],
        )
        return loop.close(
            [
                self.out.add_product(s, c, total)
                for (s, c), total in zip(pairs(spread, read), loop.running, strict=True)
            ]
        )

    def _last(
        self, total: ir.Value, row: ir.Value, column: ir.Value, mask: ir.Value | None
    ) -> ir.Value:
        """What becomes of a sum; NaN passes through a ReLU and is noticed."""
        zero = ir.Constant(total.type, None)
        if self.after == "relu":
            return self.builder.select(self.builder.fcmp_ordered("<", total, zero), zero, total)
        if self.after == "mask":
            return self.builder.select(
                self.builder.fcmp_ordered(">", self.other.load(row, column, mask), zero),
                total,
                zero,
            )
        return total


class Dots:
    """The body of a function out = a b^T + bias, for a few rows of b: sums run along the rows of a,
    a vector of partial sums each.

    Partial sums are added up by halves, lane i to lane i + half, whether a row stands alone or
    several share the work.
    """

    def __init__(self, builder: ir.IRBuilder, matrices: list[Matrix], shape: tuple[ir.Value, ...]):
        self.builder = builder
        self.a, self.b, self.out, self.bias = matrices
        self.n, self.k, self.m = shape

    def build(self) -> None:
        """Whole tiles of rows of a and of b; what is left over of either one by one."""
        tall = min(ROWS, self.a.lanes)
        rows, columns = whole(self.builder, self.n, tall), whole(self.builder, self.m, FEW)
        for first, last, height in ((INDEX(0), rows, tall), (rows, self.n, 1)):
            for i in steps(self.builder, first, last, height):
                for start, stop, width in ((INDEX(0), columns, FEW), (columns, self.m, 1)):
                    for j in steps(self.builder, start, stop, width):
                        self._tile(self._from(i, height), self._from(j, width))

    def _from(self, first: ir.Value, count: int) -> list[ir.Value]:
        return [self.builder.add(first, INDEX(n)) for n in range(count)]

    def _tile(self, row: list[ir.Value], column: list[ir.Value]) -> None:
        partial = self._partial(row, column)
        for n, j in enumerate(column):
            total = self._added_up(partial[n :: len(column)])
            bias = self.builder.load(self.bias.at(INDEX(0), j, self.bias.number))
            for lane, i in enumerate(row):
                value = self.builder.fadd(self.builder.extract_element(total, LANE(lane)), bias)
                self.builder.store(value, self.out.at(i, j, self.out.number))

    def _partial(self, row: list[ir.Value], column: list[ir.Value]) -> list[ir.Value]:
        """Of each row of a and row of b a vector of sums over every lanes-th product: whole
        vectors, then what is left of the rows.
        """
        a, even = self.a, whole(self.builder, self.k, self.a.lanes)

        def add(k: ir.Value, mask: ir.Value | None, sums: list[ir.Value]) -> list[ir.Value]:
            factors, read = (
                [self.b.load(j, k, mask) for j in column],
                [a.load(i, k, mask) for i in row],
            )
            return [
                a.add_product(*two, total)
                for two, total in zip(pairs(read, factors), sums, strict=True)
            ]

        def over_whole(sums: list[ir.Value]) -> list[ir.Value]:
            loop = Loop(self.builder, even, a.lanes, sums)
            return loop.close(add(loop.k, None, loop.running))

        nothing = [ir.Constant(a.vector, None)] * (len(row) * len(column))
        sums = only_if(
            self.builder, self.builder.icmp_signed(">", even, INDEX(0)), nothing, over_whole
        )
        left = self.builder.sub(self.k, even)
        return only_if(
            self.builder,
            self.builder.icmp_signed(">", left, INDEX(0)),
            sums,
            lambda sums: add(even, a.lanes_below(left), sums),
        )

    def _added_up(self, rows: list[ir.Value]) -> ir.Value:
        """A vector that begins with the sum of all lanes of each of `rows`."""
        lanes, width = self.a.lanes, self.a.lanes
        while width > 1:
            half = width // 2
            low = [segment + lane for segment in range(0, 2 * lanes, width) for lane in range(half)]
            high = [lane + half for lane in low]
            couples = (
                zip(rows[::2], rows[1::2], strict=True) if len(rows) > 1 else [(rows[0], rows[0])]
            )
            rows = [
                self.builder.fadd(self.a.picked(*couple, low), self.a.picked(*couple, high))
                for couple in couples
            ]
            width = half
        return rows[0]


def tiled(name: str, body: Callable[..., Any]) -> Any:
    """An intrinsic (a [n, k], b [k, m], out [n, m], other): a product and what comes with it; other
    is out where nothing is needed.

    body(builder, [a, b, out, other], (n, k, m)).build() writes its code. Of `Dots` b is [m, k], and
    other one row of biases.
    """

    @intrinsic
    def tiled_product(typing, a, b, out, other):
        number = out.dtype

        def build(builder, *places):
            a, b, out, other, a_row, a_column, b_row, out_row, other_row, *shape = places
            size = INDEX(NUMBERS[number][1])
            strides = (
                (a, a_row, a_column),
                (b, b_row, size),
                (out, out_row, size),
                (other, other_row, size),
            )
            body(builder, [Matrix(builder, number, *place) for place in strides], shape).build()

        def generate(context, builder, signature, arguments):
            arrays = [
                context.make_array(kind)(context, builder, value)
                for kind, value in zip(signature.args, arguments, strict=True)
            ]
            bases = [builder.bitcast(array.data, BYTE) for array in arrays]
            strides = [cgutils.unpack_tuple(builder, array.strides) for array in arrays]
            (n, k), m = (
                cgutils.unpack_tuple(builder, arrays[0].shape),
                cgutils.unpack_tuple(builder, arrays[2].shape)[1],
            )
            places = [*bases, *strides[0], strides[1][0], strides[2][0], strides[3][0], n, k, m]
            builder.call(
                function_of(builder.module, f"lineage.product.{name}.{number}", places, build),
                places,
            )
            return context.get_dummy_value()

        return types.void(a, b, out, other), generate

    return tiled_product


def function_of(
    module: ir.Module, name: str, arguments: Sequence[ir.Value], build: Callable[..., None]
) -> ir.Function:
    """The function of that name, once a module, for such arguments; `build(builder, *arguments)`
    writes its code.

    Inside a large kernel its sums would not find room among the registers.
    """
    if name in module.globals:
        return module.globals[name]
    function = ir.Function(
        module, ir.FunctionType(ir.VoidType(), [argument.type for argument in arguments]), name
    )
    function.linkage = "internal"
    function.attributes.add("noinline")
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    build(builder, *function.args)
    builder.ret_void()
    return function


def matrix_of(context: Any, builder: ir.IRBuilder, kind: types.Array, value: ir.Value) -> Matrix:
    """An array that an intrinsic was given."""
    array = context.make_array(kind)(context, builder, value)
    return Matrix(
        builder,
        kind.dtype,
        builder.bitcast(array.data, BYTE),
        *cgutils.unpack_tuple(builder, array.strides),
    )


@intrinsic
def copy_run(typing, source, i, out, j, column, count):
    """out[j, column : column + count] = source[i, :count], rows contiguous: a few vectors, where
    the compiler knows `count`.
    """

    def generate(context, builder, signature, arguments):
        source, i, out, j, column, count = arguments
        read, written = (
            matrix_of(context, builder, signature.args[0], source),
            matrix_of(context, builder, signature.args[2], out),
        )
        begin, to = read.at(i, INDEX(0), read.number), written.at(j, column, written.number)
        cgutils.raw_memcpy(builder, to, begin, count, read.size)
        return context.get_dummy_value()

    return types.void(source, types.int64, out, types.int64, types.int64, types.int64), generate


@intrinsic
def turn_square(typing, matrix, turned, i, j):
    """turned [m, n] = matrix [n, m] transposed, one square of lanes x lanes from row i and column j
    of the matrix.

    Interleaving the first half of the rows with the second, log2(lanes) times over, is a
    transposition.
    """

    def generate(context, builder, signature, arguments):
        matrix, turned = (
            matrix_of(context, builder, *each)
            for each in zip(signature.args[:2], arguments[:2], strict=True)
        )
        (i, j), lanes = arguments[2:], matrix.lanes
        rows = [matrix.load(builder.add(i, INDEX(n)), j) for n in range(lanes)]
        low, high = (
            [half + n // 2 + n % 2 * lanes for n in range(lanes)] for half in (0, lanes // 2)
        )
        order = [ir.Constant(ir.VectorType(LANE, lanes), picks) for picks in (low, high)]
        for _ in range(lanes.bit_length() - 1):
            halves = zip(rows[: lanes // 2], rows[lanes // 2 :], strict=True)
            rows = [
                builder.shuffle_vector(one, other, picks)
                for one, other in halves
                for picks in order
            ]
        for n, row in enumerate(rows):
            turned.store(row, builder.add(j, INDEX(n)), i)
        return context.get_dummy_value()

    return types.void(matrix, turned, i, j), generate
