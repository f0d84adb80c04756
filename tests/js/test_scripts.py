"""Runs the page scripts' own tests with node, one result for each file."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from agents.life.trust import Tier
from agents.strategies.rules import BESIDE
from arena.engine.judging.champion import PROVED

HERE = Path(__file__).parent
NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="no node on PATH: the page scripts' own tests")
@pytest.mark.parametrize("file", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_page_script(file: str):
    # without --test, which would start a second process for the file
    done = subprocess.run(
        [NODE, str(HERE / file)], capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


def test_the_page_and_the_card_ask_the_fittest_for_as_many_windows():
    assert (
        f"const PROVED = {PROVED};"
        in (HERE.parent.parent / "static/js/stream/state.js").read_text()
    )


def test_the_pages_call_a_tier_what_the_table_of_tiers_calls_it():
    text = (HERE.parent.parent / "static/js/panels/leaderboard.js").read_text()
    names = [tier.label.lower() for tier in Tier]

    assert f"const TIERS = {json.dumps(names)};" in text


def test_the_pages_know_the_rules_by_the_table_of_rules():
    """One table: order and words of the page's own are those of agents.strategies.rules."""
    text = (HERE.parent.parent / "static/js/figures/measures.js").read_text()
    table = text[text.index("export const BASELINES = {") :]
    found = re.findall(
        r'^  (\w+): \{ name: "([^"]+)", dash: "\w+", colour: "(--[\w-]+)" \},$', table, re.M
    )
    tokens = (HERE.parent.parent / "static/css/tokens.css").read_text()

    assert [(key, name) for key, name, _ in found] == list(BESIDE.items())
    # a colour in the light theme, in the dark one, and where the system asks for the dark one
    assert all(tokens.count(f"{colour}: #") == 3 for _, _, colour in found)
