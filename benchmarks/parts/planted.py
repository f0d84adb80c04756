"""Learning must survive every speed-up: what share of a planted market's ceiling the default
settings reach, out of sample.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.processes import run
from benchmarks.report import Goal, Result, result
from benchmarks.work import QUICK

SEEDS = 1 if QUICK else 3
CONFIG = "population = 8\nrounds = 2\n" if QUICK else "population = 64\nrounds = 30\n"


def measure() -> list[Result]:
    """The median agent's share on the untouched bars, a figure a seed, with learning on and off."""
    with TemporaryDirectory() as folder:
        config = Path(folder) / "planted.toml"
        config.write_text(CONFIG)
        words = ["manage.py", "prove", str(config), "--seeds", str(SEEDS), "--json"]
        proof = json.loads(run(words, {"VAR_DIR": folder}).splitlines()[-1])
    goals = {"on": Goal("learn", 0.8, ">=", "value"), "off": Goal("learn", 0.1, "<=", "value")}
    size = f"{proof['population']} agents, {proof['rounds']} rounds, {SEEDS} seeds"
    return [
        result(
            f"planted market, learning {side}, {size}",
            [run["share"] for run in proof[side]["runs"]],
            "of the ceiling",
            goal=goal,
        )
        for side, goal in goals.items()
    ]
