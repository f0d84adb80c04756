"""The same seed gives the same bits on every interpreter that has the locked packages."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# paths of other interpreters, as PATH has its folders; `make full` sets them up and names them
NAMED = "INTERPRETERS"
CONFIG = """
population = 16
rounds = 4
round_bars = 96
[market]
kind = "sine"
[network]
kind = "{kind}"
hidden = [16]
"""


def others():
    """Interpreters that are named, by what they say of themselves; none of them the one that runs
    this.
    """
    paths = [path for path in os.environ.get(NAMED, "").split(os.pathsep) if path]
    found = {version_of(path): path for path in paths}
    return {
        version: path for version, path in found.items() if version != version_of(sys.executable)
    }


def version_of(python):
    words = "import platform; print(platform.python_implementation(), platform.python_version())"
    return subprocess.run(
        [python, "-c", words], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """A folder for each interpreter, so that it compiles once."""
    found = others()
    if not found:
        pytest.skip(f"no other interpreter is named in {NAMED}; make full looks for them")
    here = {version_of(sys.executable): sys.executable}
    return {
        python: tmp_path_factory.mktemp(version.replace(" ", "-"))
        for version, python in (here | found).items()
    }


def digest_of(python, var_dir, config):
    """state_sha256, and what of the outcome is computed outside of the kernels."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("VAR_DIR", "DATABASE_URL", "NUMBA_CACHE_DIR")
    }
    command = [python, "manage.py", "evolve", str(config), "--json"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment | {"VAR_DIR": str(var_dir)},
        capture_output=True,
        text=True,
        check=True,
    )
    result = json.loads(done.stdout.splitlines()[-1])
    return {
        name: result[name] for name in ("state_sha256", "champion", "median_agent", "baselines")
    }


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", ["q_net", "dueling", "lstm"])
def test_every_interpreter_gives_the_same_bits(places, tmp_path, kind):
    (config := tmp_path / "sine.toml").write_text(CONFIG.format(kind=kind))

    first, *rest = [digest_of(python, var_dir, config) for python, var_dir in places.items()]

    assert rest
    assert all(other == first for other in rest)
