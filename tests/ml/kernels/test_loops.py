"""Kernels do without generated code where PRODUCTS says so: plain loops, the same numbers."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from llvmlite import binding

from tests.ml.given import given

ROOT = Path(__file__).resolve().parents[3]
# a multiply-add that is rounded once, as tiles are made of
FUSES = bool(binding.get_host_cpu_features().get("fma"))


def in_plain(*command):
    """A process in which products are plain loops."""
    environment = os.environ | {"PRODUCTS": "plain"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


@pytest.mark.compiled
def test_plain_loops_give_the_bits_of_tiles_but_along_rows_where_they_are_as_near_as_rounding(
    tmp_path,
):
    tiles = given()

    done = in_plain("-m", "tests.ml.given", str(tmp_path / "plain.npz"))

    assert (done.returncode, done.stderr) == (0, "")
    plain = dict(np.load(tmp_path / "plain.npz"))
    assert not plain.pop("generated").any()
    assert plain.keys() == tiles.keys()
    for name, array in tiles.items():
        if name.startswith("along") or not FUSES:
            np.testing.assert_allclose(
                plain[name],
                array,
                rtol=0,
                atol=1e-5 if array.dtype == np.float32 else 1e-13,
                err_msg=name,
            )
        else:
            np.testing.assert_array_equal(plain[name], array, err_msg=name)


def test_another_word_is_refused():
    environment = os.environ | {"PRODUCTS": "blas"}

    done = subprocess.run(
        [sys.executable, "-c", "import ml.kernels.products"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (
        done.stderr.splitlines()[-1]
        == "ValueError: PRODUCTS='blas' is neither tiles nor plain; correct it or unset it"
    )
