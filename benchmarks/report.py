"""What a benchmark says: results with their spread and goals, as a table for people and as rows for
var/bench.json.
"""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any, Literal

MEASURED_WITH = (
    "numpy",
    "numba",
    "scipy",
    "torch",
    "jax",
    "stable-baselines3",
    "backtesting",
    "vectorbt",
    "django",
)


@dataclass(frozen=True)
class Goal:
    """What is asked of a result's `ratio`, or of its `value`."""

    number: str
    asked: float
    bound: Literal[">=", "<="]
    of: Literal["ratio", "value"] = "ratio"

    def met(self, figure: float) -> bool:
        return figure >= self.asked if self.bound == ">=" else figure <= self.asked


@dataclass(frozen=True)
class Result:
    """Medians over the rounds with the least and the greatest; `ratio` is the median of the rounds'
    own ratios to the peer.
    """

    name: str
    value: float
    min: float
    max: float
    unit: str
    peer: str | None = None
    ratio: float | None = None
    ratio_min: float | None = None
    ratio_max: float | None = None
    threads: int = 1
    goal: Goal | None = None

    @property
    def judged(self) -> tuple[float, float, float]:
        """The figure the goal is about, with its least and greatest."""
        if self.goal and self.goal.of == "ratio":
            return self.ratio, self.ratio_min, self.ratio_max
        return self.value, self.min, self.max

    @property
    def met(self) -> bool | None:
        """None where nothing is asked."""
        return self.goal.met(self.judged[0]) if self.goal else None

    def row(self) -> dict[str, Any]:
        """For JSON."""
        plain = asdict(self) | {"goal": None, "asked": None, "met": self.met}
        return plain | (
            {"goal": self.goal.number, "asked": f"{self.goal.bound} {self.goal.asked:g}"}
            if self.goal
            else {}
        )


def result(
    name: str,
    values: Sequence[float],
    unit: str,
    *,
    peer: str | None = None,
    against: Sequence[float] | None = None,
    threads: int = 1,
    goal: Goal | None = None,
) -> Result:
    """From one figure a round; `against` holds the peer's, round by round."""
    ratios = [a / b for a, b in zip(values, against, strict=True)] if against else []
    spread = (median(ratios), min(ratios), max(ratios)) if ratios else (None, None, None)
    return Result(
        name, median(values), min(values), max(values), unit, peer, *spread, threads, goal
    )


def restored(row: dict[str, Any]) -> Result:
    """A result from the dictionary that `asdict` made of it."""
    return Result(**row | {"goal": Goal(**row["goal"]) if row["goal"] else None})


def machine() -> dict[str, Any]:
    """Where this was measured, and with which versions."""
    facts: dict[str, Any] = {
        "machine": platform.machine(),
        "processor": processor(),
        "cores": os.cpu_count(),
    }
    return (
        facts
        | {"python": platform.python_version()}
        | {name: found for name in MEASURED_WITH if (found := installed(name))}
    )


def processor() -> str:
    """Its name, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def installed(name: str) -> str | None:
    """A package's version; None where it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def table(results: Iterable[Result]) -> str:
    """Every result, a line each."""
    lines = [
        f"{'':<62} {'median':>12} {'min':>12} {'max':>12} {'unit':<17} {'threads':>7} {'ratio':>8} "
        " peer"
    ]
    for r in results:
        ratio = "" if r.ratio is None else short(r.ratio)
        figures = f"{short(r.value):>12} {short(r.min):>12} {short(r.max):>12}"
        lines.append(
            f"{r.name:<62} {figures} {r.unit:<17} {r.threads:>7} {ratio:>8}  "
            f"{r.peer or ''}".rstrip()
        )
    return "\n".join(lines)


def verdicts(results: Iterable[Result]) -> str:
    """A line a goal: what was asked, what was measured, whether it is met."""
    lines = [f"{'goal':<6}{'what':<70} {'asked':>12} {'measured':>10} {'min':>10} {'max':>10}"]
    for r in results:
        if r.goal:
            middle, low, high = (short(figure) for figure in r.judged)
            unit = " x" if r.goal.of == "ratio" else ""
            what = f"{r.name}{f' / {r.peer}' if r.goal.of == 'ratio' else f', {r.unit}'}"
            asked = f"{r.goal.bound} {r.goal.asked:g}{unit}"
            lines.append(
                f"{r.goal.number:<6}{what:<70} {asked:>12} {middle:>10} {low:>10} {high:>10} "
                f" {'met' if r.met else 'NOT MET'}"
            )
    return "\n".join(lines)


def short(figure: float) -> str:
    """Three or four digits that tell."""
    size = abs(figure)
    if size and size < 1e-3:
        return f"{figure:.1e}"
    return f"{figure:,.0f}" if size >= 1000 else f"{figure:.1f}" if size >= 100 else f"{figure:.3g}"
