"""What share of the possible agents earn in worlds whose law is known, beside lines of algebra and
other learners.

A figure is the mean over seeds with its 95 % interval in place of least and greatest: of log growth
on a vault of about 8,000 bars over what the best policy may expect there. In expectation no luck of
the draw is in it; through the ledger there is, and scars, tiers and appetites for risk are too.
"""

from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from scipy.stats import t

from benchmarks.crew import CORES
from benchmarks.peers.learners import earned
from benchmarks.report import Goal, Result
from benchmarks.shares import Judge, regressions, shares
from benchmarks.work import QUICK
from benchmarks.worlds import DEAR, GOAL, HELD_OUT, HELD_OUT_SEEDS, NOISE, settings_in

SEEDS = HELD_OUT_SEEDS[:2] if QUICK else HELD_OUT_SEEDS
WORLDS = dict(list(HELD_OUT.items())[:1]) if QUICK else HELD_OUT
OFF = {
    "learning off": {"learning": {"enabled": False}},
    "selection off": {"evolution": {"selection": "off"}},
    "mutation off": {"evolution": {"mutation": False}},
}
OURS = ("median", "champion", "committee, mean", "committee, majority", "committee, exposure")
GOALS = {"median": 0.70, "committee, mean": 0.82}
GAP = 0.05
DEAR_GOAL = 0.60
UNIT, GROWTH = "of the oracle", "log growth"

# {(world, contestant, in expectation or through the ledger): {seed: log growth}}
Grown = dict[tuple[str, str, str], dict[int, float]]


def measure() -> list[Result]:
    """Every contestant in every world, then the means that are asked about."""
    grown: Grown = defaultdict(dict)
    matches = [(name, seed) for name in WORLDS for seed in SEEDS]
    with ProcessPoolExecutor(CORES, get_context("spawn")) as pool:
        found = pool.map(contestants, *zip(*matches, strict=True))
        for (name, seed), pairs in zip(matches, found, strict=True):
            for contestant, pair in pairs.items():
                for kind, value in zip(("expected", "ledger"), pair, strict=True):
                    grown[name, contestant, kind][seed] = value
    return [row(key, grown) for key in grown if key[1] != "best"] + asked(grown)


def contestants(name: str, seed: int) -> dict[str, tuple[float, float]]:
    """{contestant: (in expectation, through the ledger)} in a world; `best`: the oracle, twice."""
    world = WORLDS[name]
    settings = settings_in(world, seed)
    found = shares(settings)
    results = {key: found[key] for key in OURS} | {"best": (found["best"],) * 2}
    judge = Judge(settings)
    results |= regressions(judge)
    if name in GOAL:
        for arm, sections in OFF.items():
            other = shares(settings_in(world, seed, **sections))
            results |= {f"{key}, {arm}": other[key] for key in OURS[:3]}
        results |= earned(judge)
    return results


def row(key: tuple[str, str, str], grown: Grown) -> Result:
    """One contestant in one world; where nothing can be earned its log growth itself."""
    name, contestant, kind = key
    unit = GROWTH if name in NOISE else UNIT
    goal = (
        Goal("learn", DEAR_GOAL, ">=", "value")
        if (name in DEAR and key[1:] == ("committee, mean", "expected"))
        else None
    )
    words = "in expectation" if kind == "expected" else "ledger"
    return interval(f"{name}: {contestant}, {words}", shares_of(key, grown), unit, goal)


def shares_of(key: tuple[str, str, str], grown: Grown) -> list[float]:
    """A figure a seed."""
    name, _, kind = key
    best = 1.0 if name in NOISE else float(np.mean(list(grown[name, "best", kind].values())))
    return [value / best for value in grown[key].values()]


def asked(grown: Grown) -> list[Result]:
    """Means over the worlds of GOAL, seed by seed, in expectation."""
    names = [name for name in GOAL if name in WORLDS]

    def over(contestant: str) -> np.ndarray:
        return np.mean([shares_of((name, contestant, "expected"), grown) for name in names], axis=0)

    size = f"mean of {len(names)} worlds"
    results = [
        interval(f"{size}: {key}", over(key), UNIT, Goal("learn", goal, ">=", "value"))
        for key, goal in GOALS.items()
    ]
    gaps: Mapping[str, tuple[str, str]] = {
        "champion above median": ("champion", "median"),
        "selection on minus off, median": ("median", "median, selection off"),
        "learning on minus off, median": ("median", "median, learning off"),
        "mutation on minus off, median": ("median", "median, mutation off"),
    }
    asks = {"champion above median": GAP}
    for words, (more, less) in gaps.items():
        goal = Goal("learn", asks[words], ">=", "value") if words in asks else None
        results.append(interval(f"{size}: {words}", over(more) - over(less), UNIT, goal))
    return results


def interval(name: str, values: list[float] | np.ndarray, unit: str, goal: Goal | None) -> Result:
    """Mean, and the ends of its 95 % interval over seeds."""
    mean, n = float(np.mean(values)), len(values)
    half = float(t.ppf(0.975, n - 1) * np.std(values, ddof=1) / n**0.5) if n > 1 else 0.0
    return Result(name, mean, mean - half, mean + half, unit, goal=goal)
