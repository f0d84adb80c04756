"""Runs the page scripts' own tests with node, one result for each file."""

import shutil
import subprocess
from pathlib import Path

import pytest

from arena.engine.champion import PROVED

HERE = Path(__file__).parent
NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="no node on PATH: the page scripts' own tests")
@pytest.mark.parametrize("file", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_page_script(file: str):
    done = subprocess.run([NODE, "--test", str(HERE / file)], capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


def test_the_page_and_the_card_ask_the_fittest_for_as_many_windows():
    assert f"const PROVED = {PROVED};" in (HERE.parent.parent / "static/js/state.js").read_text()
