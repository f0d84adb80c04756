"""The commands of the Makefile choose the tests that were asked for, and say what helps where a
check fails.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKE = shutil.which("make")
CHECKS = (
    "ruff format",
    "ruff check",
    "mypy",
    "lint-imports",
    "makemigrations",
    "test_lock",
    "-m tables",
)

pytestmark = pytest.mark.skipif(MAKE is None, reason="no make on PATH")


def make(*arguments: str) -> subprocess.CompletedProcess:
    """Runs make as if everything were set up."""
    ready = [f"--old-file=.venv/.{name}-stamp" for name in ("run", "dev")]
    return subprocess.run(
        [MAKE, "--silent", *ready, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
    )


def tools(folder: Path, *, failing: str) -> Path:
    """Programs that do nothing but fail where they are called with these words."""
    for name in ("ruff", "mypy", "lint-imports", "python"):
        program = folder / name
        program.write_text(f'#!/bin/sh\ncase "{name} $*" in *"{failing}"*) exit 3;; esac\n')
        program.chmod(0o755)
    return folder


@pytest.mark.parametrize("failing", CHECKS)
def test_a_check_that_fails_says_what_helps(tmp_path: Path, failing: str):
    done = make("check", f"BIN={tools(tmp_path, failing=failing)}")

    assert done.returncode == 2
    *_, command, remedy = done.stdout.splitlines()
    assert failing in command
    assert remedy.startswith("TO MEND IT: ")


def test_checks_that_pass_name_no_remedy(tmp_path: Path):
    done = make("check", f"BIN={tools(tmp_path, failing='nothing of them')}")

    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(CHECKS)
    assert "TO MEND IT" not in done.stdout


@pytest.mark.parametrize(
    ("only", "asked"),
    [
        ("", ""),
        ("tests/arena/engine", " tests/arena/engine"),
        ("tests/test_pure.py tests/docs", " tests/test_pure.py tests/docs"),
        ("tests/test_pure.py::test_a", " tests/test_pure.py::test_a"),
        ("fence and lease", ' -k "fence and lease"'),
    ],
)
def test_tests_are_chosen_by_path_or_by_words(only: str, asked: str):
    done = make("--just-print", "test", f"ONLY={only}")

    [command] = done.stdout.splitlines()
    assert command.endswith("--no-loadscope-reorder" + (asked or " "))
