"""No kernel reads outside an array: what they are tested with is run once with every index looked
at, negative ones too.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ml.networks.registry import NETWORKS

ROOT = Path(__file__).resolve().parents[1]
KERNELS = ("tests/ml", "tests/agents", "tests/arena/engine")
# a memory that says it is full though nothing was ever written: its rows are -1, before the first
# of the features
NEVER_WRITTEN = """
from arena.engine.play import Desk, memory_of, records
from tests.arena.engine.small import born, small_market, small_settings
settings, market = small_settings(learning={"update_every": 1}), small_market()
block, desk = born(settings), Desk(settings, market)
block.agents["remembered"] = FULL
desk.practise(records(block.agents), 0, (160, 200), memory_of(1, 300), 0, desk.brain_of(block, 0))
"""
KERNEL = """
from ml.kernels.compiled import copy, kernel
from ml.kernels.products import copy_part, matrix, product_taken
import numpy as np
@kernel
def reader(a, i):
    return a[i]
@kernel
def writer(a, i):
    a[i] = 1.0
@kernel
def part(a, i):
    return a[0, :i]
"""
# {call: whether it leaves an array}
CALLS = {
    "reader(np.zeros(3), 2)": False,
    "reader(np.zeros(3), -1)": True,
    "reader(np.zeros(3), 3)": True,
    "writer(np.zeros(3), 2)": False,
    "writer(np.zeros(3), np.int64(-1))": True,
    "writer(np.zeros(3), 3)": True,
    "part(np.zeros((2, 3)), 3)": False,
    "part(np.zeros((2, 3)), 4)": True,
    "part(np.zeros((2, 3)), -1)": True,
    "copy(np.zeros(2), np.zeros(3))": True,
    "matrix(np.zeros(9), 3, 2, 3)": False,
    "matrix(np.zeros(9), 4, 2, 3)": True,
    "matrix(np.zeros(9), -6, 2, 3)": True,
    "copy_part(np.zeros((2, 3)), -1, np.zeros((2, 3)), 0, 0, 3)": True,
    "copy_part(np.zeros((2, 3)), 1, np.zeros((2, 3)), 1, 1, 3)": True,
    "product_taken(np.zeros((2, 3)), np.zeros((3, 3)), np.array([0, 2]), np.ones(2),"
    " np.zeros((3, 3)), np.zeros((2, 3)))": False,
    "product_taken(np.zeros((2, 3)), np.zeros((3, 3)), np.array([0, -1]), np.ones(2),"
    " np.zeros((3, 3)), np.zeros((2, 3)))": True,
}
TRIED = """
import kernels, sys
for call in sys.argv[1:]:
    try:
        eval(call, vars(kernels))
        print(call)
    except IndexError:
        pass
"""


def looked_at(code, *arguments, path=ROOT):
    """A process that runs `code` with every index looked at, in this folder and with modules from
    `path`.
    """
    command = [sys.executable, "-W", "ignore", "-c", f"import tests.indices\n{code}", *arguments]
    environment = os.environ | {"PYTHONPATH": str(path)}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False
    )


def test_a_memory_that_was_never_written_is_found_out_where_it_is_read():
    claimed, honest = (
        looked_at(NEVER_WRITTEN.replace("FULL", remembered)) for remembered in ("300", "0")
    )

    assert re.match(
        r"IndexError: \[.*-1.*\] is outside an array of shape \(600, 20\)",
        claimed.stderr.splitlines()[-1],
    )
    assert honest.stderr == ""


def test_an_index_before_or_behind_an_array_is_found_out(tmp_path):
    # the source of a kernel is read from its file
    (tmp_path / "kernels.py").write_text(KERNEL)

    inside = looked_at(TRIED, *CALLS, path=tmp_path)

    assert inside.stdout.splitlines() == [call for call, leaves in CALLS.items() if not leaves], (
        inside.stderr
    )


@pytest.mark.parametrize("bars", [24, pytest.param(40, marks=pytest.mark.full)])
@pytest.mark.parametrize("kind", sorted(NETWORKS))
def test_two_rounds_of_every_network_stay_inside_their_arrays(kind, bars):
    priority = 0.6 if NETWORKS[kind].learner == "replay" else 0.0

    played = looked_at(
        "from tests.arena.engine.two_rounds import two_rounds\n"
        f"two_rounds({priority}, 2, {kind!r}, {bars})"
    )

    assert (played.returncode, played.stderr) == (0, "")


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("folder", KERNELS)
def test_all_tests_of_kernels_stay_inside_their_arrays(folder):
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.indices",
        folder,
        "-m",
        "not django_db and not statistic",
        "--timeout",
        "1200",
    ]

    assert (
        subprocess.run(command, cwd=ROOT, env=os.environ | {"SHUFFLE": ""}, check=False).returncode
        == 0
    )
