"""Products by tiles against plain NumPy, in shapes that fill tiles and shapes that do not."""

import numpy as np
import pytest

from ml.kernels.compiled import kernel
from ml.kernels.products import (
    copy_part,
    matrix,
    product,
    product_add,
    product_along,
    product_mask,
    product_relu,
    product_relu_one,
    product_taken,
    product_two,
    turn,
)

SHAPES = [
    (1, 1, 1),
    (1, 24, 64),
    (64, 24, 64),
    (64, 64, 64),
    (7, 3, 5),
    (9, 17, 33),
    (101, 65, 47),
    (8, 2, 32),
    (16, 64, 3),
]
TYPES = [np.float32, np.float64]


@kernel
def compiled_product(a, b, out):
    product(a, b, out)


@kernel
def compiled_two(a, b, out):
    product_two(a, b, out)


@kernel
def compiled_add(a, b, out):
    product_add(a, b, out)


@kernel
def compiled_relu(a, b, bias, out):
    product_relu(a, b, bias, out)


@kernel
def compiled_one(a, b, bias, out):
    product_relu_one(a, b, bias, out)


@kernel
def compiled_mask(a, b, seen, out):
    product_mask(a, b, seen, out)


@kernel
def compiled_along(a, b, bias, out):
    product_along(a, b, bias, out)


@kernel
def compiled_taken(h, w, action, dq, dw, dh):
    product_taken(h, w, action, dq, dw, dh)


@kernel
def compiled_copy(source, out):
    copy_part(source, 1, out, 2, 3, 5)


@kernel
def compiled_turn(matrix, turned):
    turn(matrix, turned)


def operands(shape, number):
    """a [n, k], b [k, m], out [n, m] and bias [m] with ordinary numbers in them."""
    n, k, m = shape
    rng = np.random.default_rng(n + 1000 * k + m)
    return (rng.normal(size=size).astype(number) for size in ((n, k), (k, m), (n, m), m))


def close(result, wanted):
    np.testing.assert_allclose(
        result, wanted, rtol=0, atol=2e-5 if result.dtype == np.float32 else 1e-13
    )


@pytest.mark.parametrize("number", TYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_product_equals_numpys_from_rows_and_from_a_transposed_view(shape, number):
    a, b, out, _ = operands(shape, number)

    for first in (a, np.ascontiguousarray(a.T).T):
        compiled_product(first, b, out)

        close(out, a.astype(np.float64) @ b)


@pytest.mark.parametrize("number", TYPES)
@pytest.mark.parametrize("k", [1, 20, 32])
@pytest.mark.parametrize("m", [1, 16, 20, 32, 33, 70])
def test_a_product_of_two_rows_has_the_bits_of_any_other_and_stays_inside(m, k, number):
    a, b, out, _ = operands((2, k, m), number)
    room = np.full(2 * m + 40, 7.0, number)

    compiled_product(a, b, out)
    compiled_two(a, b, room[: 2 * m].reshape(2, m))

    assert np.array_equal(room[: 2 * m].reshape(2, m), out)
    assert (room[2 * m :] == 7.0).all()


@pytest.mark.parametrize("number", TYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_product_may_be_added_to_what_is_there(shape, number):
    a, b, out, _ = operands(shape, number)
    wanted = out.astype(np.float64) + a.astype(np.float64) @ b

    compiled_add(a, b, out)

    close(out, wanted)


@pytest.mark.parametrize("number", TYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_bias_and_relu_come_with_the_product(shape, number):
    a, b, out, bias = operands(shape, number)

    compiled_relu(a, b, bias, out)

    close(out, np.maximum(a.astype(np.float64) @ b + bias, 0.0))


@pytest.mark.compiled
@pytest.mark.parametrize("number", TYPES)
@pytest.mark.parametrize("zeros", [0.0, 0.5, 0.97, 1.0])
@pytest.mark.parametrize(
    ("k", "m"), [(1, 1), (24, 64), (64, 64), (65, 47), (130, 70), (200, 200), (63, 16)]
)
def test_a_row_that_leaves_its_zeros_out_has_the_bits_of_any_other(k, m, zeros, number):
    a, b, out, bias = operands((1, k, m), number)
    a[np.random.default_rng(k).random(a.shape) < zeros] = 0.0
    wanted, room = out.copy(), np.full((3, m + 9), 7.0, number)

    compiled_relu(a, b, bias, wanted)
    compiled_one(a, b, bias, room[1:2, :m])

    assert np.array_equal(room[1, :m], wanted[0])
    assert (room[[0, 2]] == 7.0).all() and (room[1, m:] == 7.0).all()
    close(wanted, np.maximum(a.astype(np.float64) @ b + bias, 0.0))


def test_rows_that_belong_to_a_zero_are_not_looked_at_and_nan_is_noticed():
    a, b, out, bias = operands((1, 70, 20), np.float32)
    a[0, ::2], plain = 0.0, out.copy()
    b[::2] = np.nan

    compiled_one(a, b, bias, out)
    product_relu_one(a, b, bias, plain)

    close(out, plain)
    a[0, 66] = np.nan
    compiled_one(a, b, bias, out)
    assert np.isnan(out).all()


@pytest.mark.parametrize("number", TYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_product_is_masked_where_the_relu_was_shut(shape, number):
    a, b, out, _ = operands(shape, number)
    seen = out.copy()

    compiled_mask(a, b, seen, out)

    close(out, np.where(seen > 0, a.astype(np.float64) @ b, 0.0))


@pytest.mark.parametrize("number", TYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_product_is_taken_along_the_rows_of_both(shape, number):
    a, b, out, bias = operands(shape, number)

    compiled_along(a, np.ascontiguousarray(b.T), bias, out)

    close(out, a.astype(np.float64) @ b + bias)


@pytest.mark.parametrize("number", TYPES)
@pytest.mark.parametrize("actions", [1, 3, 4])
@pytest.mark.parametrize(("n", "i"), [(1, 1), (64, 64), (63, 24), (65, 70), (200, 130), (5, 16)])
def test_what_was_taken_goes_back_to_its_own_row_of_weights_alone(n, i, actions, number):
    rng = np.random.default_rng(n + i)
    h, w, dq = (rng.normal(size=size).astype(number) for size in ((n, i), (actions, i), n))
    action = rng.integers(0, actions, n)
    dw, dh = (np.full(size, 7.0, number) for size in ((actions, i), (n, i)))
    plain = dw.copy(), dh.copy()
    chain = np.zeros((actions, i), np.longdouble)

    compiled_taken(h, w, action, dq, dw, dh)
    product_taken(h, w, action, dq, *plain)

    close(dw, plain[0])
    close(dh, plain[1])
    for row in range(n):
        chain[action[row]] += dq[row].astype(np.longdouble) * h[row]
    close(dw, chain.astype(number))
    assert np.array_equal(dh, np.where(h > 0.0, dq[:, None] * w[action], number(0.0)))


def test_nothing_is_written_beside_what_was_taken():
    rng = np.random.default_rng(3)
    dw, dh = np.full((5, 47), 7.0, np.float32), np.full((72, 47), 7.0, np.float32)
    h, w, dq = (rng.normal(size=size).astype(np.float32) for size in ((70, 40), (3, 40), 70))

    compiled_taken(h, w, rng.integers(0, 3, 70), dq, dw[1:4, 2:42], dh[1:71, 2:42])

    for whole, rows in ((dw, slice(1, 4)), (dh, slice(1, 71))):
        beside = np.ones(whole.shape, bool)
        beside[rows, 2:42] = False
        assert (whole[beside] == 7.0).all() and not (whole[rows, 2:42] == 7.0).any()


@pytest.mark.parametrize("number", TYPES)
def test_a_part_of_a_row_is_copied_and_nothing_beside_it(number):
    source, out = np.arange(14).reshape(2, 7).astype(number), np.full((4, 9), -1, number)
    wanted = out.copy()
    wanted[2, 3:8] = source[1, :5]

    compiled_copy(source, out)

    assert np.array_equal(out, wanted)


@pytest.mark.parametrize("number", TYPES)
@pytest.mark.parametrize(
    "shape", [(1, 1), (64, 64), (24, 64), (17, 33), (16, 5), (32, 20), (5, 20)]
)
def test_a_matrix_is_turned(shape, number):
    matrix = np.arange(np.prod(shape)).reshape(shape).astype(number)
    turned = np.zeros(shape[::-1], number)

    compiled_turn(matrix, turned)

    assert np.array_equal(turned, matrix.T)


@kernel
def see(flat, begin, rows, columns, out):
    view = matrix(flat, begin, rows, columns)
    for i in range(rows):
        for j in range(columns):
            out[i, j] = view[i, j]
            view[i, j] += 1


def test_a_matrix_is_a_view_of_numbers_that_lie_side_by_side():
    numbers, out = np.arange(20.0), np.empty((2, 3))

    see(numbers, 5, 2, 3, out)

    np.testing.assert_array_equal(out, [[5, 6, 7], [8, 9, 10]])
    np.testing.assert_array_equal(numbers - np.arange(20), [0] * 5 + [1] * 6 + [0] * 9)
    np.testing.assert_array_equal(matrix(numbers, 5, 2, 3), out + 1)


def test_nothing_is_written_beside_the_result():
    a, b, _, bias = operands((9, 5, 19), np.float32)
    room = np.full((11, 40), 7.0, np.float32)
    rows = room.reshape(-1)[40 : 40 + 9 * 19].reshape(9, 19)

    compiled_relu(a, b, bias, rows)

    assert (room.reshape(-1)[:40] == 7).all() and (room.reshape(-1)[40 + 9 * 19 :] == 7).all()


def test_nan_passes_through_a_relu_and_is_noticed():
    a, b, out, bias = operands((8, 4, 32), np.float32)
    a[3, 2] = np.nan

    compiled_relu(a, b, bias, out)

    assert np.isnan(out[3]).all() and np.isfinite(out[np.arange(8) != 3]).all()


def test_a_row_has_the_same_bits_alone_as_among_others():
    a, b, out, bias = operands((64, 24, 37), np.float32)
    single = np.empty((1, 37), np.float32)

    compiled_relu(a, b, bias, out)

    for n in range(64):
        compiled_relu(a[n : n + 1], b, bias, single)
        assert np.array_equal(single[0], out[n])


@pytest.mark.compiled
@pytest.mark.parametrize("number", TYPES)
def test_a_row_has_the_same_bits_alone_along_its_sum(number):
    a, b, out, bias = operands((20, 77, 4), number)
    b, single = np.ascontiguousarray(b.T), np.empty((1, 4), number)

    compiled_along(a, b, bias, out)

    for n in range(20):
        compiled_along(a[n : n + 1], b, bias, single)
        assert np.array_equal(single[0], out[n])


def test_the_plain_functions_mean_the_same():
    a, b, out, bias = operands((9, 17, 33), np.float32)
    seen, plain = out.copy(), out.copy()

    for compiled, function, other in (
        (compiled_product, product, ()),
        (compiled_add, product_add, ()),
        (compiled_relu, product_relu, (bias,)),
        (compiled_mask, product_mask, (seen,)),
    ):
        compiled(a, b, *other, out)
        function(a, b, *other, plain)
        close(out, plain)
    compiled_along(a, np.ascontiguousarray(b.T), bias, out)
    product_along(a, np.ascontiguousarray(b.T), bias, plain)
    close(out, plain)


def test_the_plain_copy_means_the_same():
    source, out = np.arange(14.0).reshape(2, 7), np.zeros((4, 9))
    plain = out.copy()

    compiled_copy(source, out)
    copy_part(source, 1, plain, 2, 3, 5)

    assert np.array_equal(out, plain)
