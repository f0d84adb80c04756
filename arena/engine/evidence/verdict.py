"""Whether a champion shows an edge: everything a sceptic asks for at once, or the doubts that are left."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from arena.engine.evidence.deflated import CONFIDENCE

LEVEL = 1.0 - CONFIDENCE
Figures = Mapping[str, Any]


class Doubt(StrEnum):
    """Why an edge is not shown."""

    NO_VAULT = "no_vault"
    IN_SAMPLE = "in_sample"
    BEATEN = "beaten"
    LOSS_POSSIBLE = "loss_possible"
    HOLD_POSSIBLE = "hold_possible"
    LUCK = "luck"
    NULL_WORLDS = "null_worlds"


def doubts(lived: Figures, vault: Figures | None, rules: Mapping[str, Figures], null_p: float | None) -> list[Doubt]:
    """What is left of these; none = an edge is shown.

    lived, vault: the champion's figures (None: there is no vault); rules: the baselines' on the vault; null_p: of the vault, None where
    no null world was played. Each is asked at 95 %.
    """
    found = []
    if lived.get("reused"):
        found.append(Doubt.IN_SAMPLE)
    if vault is None:
        found.append(Doubt.NO_VAULT)
    else:
        if any(vault["return"] <= each["return"] for each in rules.values()):
            found.append(Doubt.BEATEN)
        if not _above_zero(vault.get("return_low")):
            found.append(Doubt.LOSS_POSSIBLE)
        if not _above_zero(vault.get("against_hold_low")):
            found.append(Doubt.HOLD_POSSIBLE)
    if (lived.get("dsr") or 0.0) < CONFIDENCE:
        found.append(Doubt.LUCK)
    if null_p is not None and null_p > LEVEL:
        found.append(Doubt.NULL_WORLDS)
    return found


def _above_zero(value: float | None) -> bool:
    return value is not None and value > 0.0
