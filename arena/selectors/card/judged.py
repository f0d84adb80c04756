"""An experiment's evaluations by subject and stretch, and what the parts of the card ask of
them.
"""

from collections.abc import Mapping
from typing import Any

from agents.strategies.rules import BESIDE, RULES
from arena.engine.judging.evidence.chance import least_p
from arena.engine.judging.evidence.deflated import CONFIDENCE
from arena.models import Evaluation

LIVED, VAULT = "lived", "out_of_sample"
NAMES = BESIDE | {"median_agent": "median agent"}
Figures = dict[str, Any]
Judged = Mapping[tuple[str, str], Figures]
Worlds = dict[str, Any] | None


def judged_of(rows: list[Evaluation]) -> Judged:
    """{(subject, stretch): figures} of the newest of each; rows: oldest first."""
    return {(row.subject, row.stretch): row.figures for row in rows}


def rules(judged: Judged, stretch: str) -> dict[str, Figures]:
    """The baselines' figures on a stretch."""
    return {name: judged[name, stretch] for name in RULES if (name, stretch) in judged}


def algebra_as_good(judged: Judged) -> list[str]:
    """Rules fitted to the bars before the vault that the champion is not distinguished from there,
    by a 95 % interval, or that are better.
    """
    vault, found = judged.get(("champion", VAULT), {}), rules(judged, VAULT)
    fitted = [name for name in found if RULES[name].fitted]
    return [name for name in fitted if (vault.get(f"against_{name}_low") or 0.0) <= 0.0]


def null_p(worlds: Worlds, measure: str = "vault") -> float | None:
    """p-value of the champion on the vault, or of the committee, once there are enough null worlds
    that it could be 5 %.
    """
    found = worlds and worlds[measure]
    return found["p"] if found and enough(len(found["null"])) else None


def enough(worlds: int) -> bool:
    """Whether so many null worlds can give a p-value of 5 %."""
    return least_p(worlds) <= 1.0 - CONFIDENCE + 1e-12
