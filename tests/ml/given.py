"""What every product gives in many shapes, as an .npz file: to compare the code that kernels can
get for them.
"""

import sys

import numpy as np

from tests.ml.kernels import test_products as made


def given() -> dict[str, np.ndarray]:
    """{product, shape, type: result}, of the same operands in every process."""
    found = {}
    for n, k, m in made.SHAPES:
        for number in made.TYPES:
            a, b, out, bias = made.operands((n, k, m), number)
            rng = np.random.default_rng(n)
            one = np.maximum(a[:1], 0)
            turned = np.ascontiguousarray(b.T)
            action, dq, dw = (
                rng.integers(0, m, n),
                rng.normal(size=n).astype(number),
                np.empty((m, k), number),
            )
            for name, kernel, operands in (
                ("nothing", made.compiled_product, (a, b)),
                ("transposed", made.compiled_product, (np.ascontiguousarray(a.T).T, b)),
                ("add", made.compiled_add, (a, b)),
                ("relu", made.compiled_relu, (a, b, bias)),
                ("mask", made.compiled_mask, (a, b, out.copy())),
                ("along", made.compiled_along, (a, turned, bias)),
            ):
                result = out.copy()
                kernel(*operands, result)
                found[f"{name} {n} {k} {m} {number.__name__}"] = result
            row, dh = np.empty((1, m), number), np.empty_like(a)
            made.compiled_one(one, b, bias, row)
            made.compiled_taken(a, turned, action, dq, dw, dh)
            found |= {
                f"{name} {n} {k} {m} {number.__name__}": part
                for name, part in (("one", row), ("dw", dw), ("dh", dh))
            }
    return found


if __name__ == "__main__":
    np.savez(
        sys.argv[1],
        **given(),
        generated=[
            name in sys.modules
            for name in ("ml.kernels.tiles", "ml.kernels.skipping", "ml.kernels.generated")
        ],
    )
