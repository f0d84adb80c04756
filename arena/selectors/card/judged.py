"""An experiment's evaluations by subject and stretch, and what the parts of the card ask of them."""

from collections.abc import Mapping
from typing import Any

from agents.strategies.rules import RULES
from arena.engine.judging.evidence.chance import least_p
from arena.engine.judging.evidence.deflated import CONFIDENCE
from arena.models import Evaluation

LIVED, VAULT = "lived", "out_of_sample"
NAMES = {name: rule.words for name, rule in RULES.items()} | {"median_agent": "median agent"}
Figures = dict[str, Any]
Judged = Mapping[tuple[str, str], Figures]
Worlds = dict[str, Any] | None


def judged_of(rows: list[Evaluation]) -> Judged:
    """{(subject, stretch): figures} of the newest of each; rows: oldest first."""
    return {(row.subject, row.stretch): row.figures for row in rows}


def rules(judged: Judged, stretch: str) -> dict[str, Figures]:
    """The baselines' figures on a stretch."""
    return {name: judged[name, stretch] for name in RULES if (name, stretch) in judged}


def null_p(worlds: Worlds) -> float | None:
    """p-value on the vault, once there are enough null worlds that it could be 5 %."""
    found = worlds and worlds["vault"]
    return found["p"] if found and enough(len(found["null"])) else None


def enough(worlds: int) -> bool:
    """Whether so many null worlds can give a p-value of 5 %."""
    return least_p(worlds) <= 1.0 - CONFIDENCE + 1e-12
