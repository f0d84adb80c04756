"""Whether a champion shows an edge: everything a sceptic asks for at once, or the doubts that are
left.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from agents.strategies.rules import RULES
from arena.engine.judging.evidence.deflated import CONFIDENCE

LEVEL = 1.0 - CONFIDENCE
# of an interval at CONFIDENCE, what lies below it
TAIL = LEVEL / 2
Figures = Mapping[str, Any]


class Doubt(StrEnum):
    """Why an edge is not shown."""

    NO_VAULT = "no_vault"
    IN_SAMPLE = "in_sample"
    BEATEN = "beaten"
    LOSS_POSSIBLE = "loss_possible"
    HOLD_POSSIBLE = "hold_possible"
    TIMING_POSSIBLE = "timing_possible"
    LUCK = "luck"
    NULL_WORLDS = "null_worlds"


# what is asked of the vault by an interval that must lie above 0
ABOVE_ZERO = {
    Doubt.LOSS_POSSIBLE: "return",
    Doubt.HOLD_POSSIBLE: "against_hold",
    Doubt.TIMING_POSSIBLE: "against_constant",
}


def doubts(
    lived: Figures, vault: Figures | None, rules: Mapping[str, Figures], null_p: float | None
) -> list[Doubt]:
    """What is left of these; none = an edge is shown.

    lived, vault: the champion's figures (None: there is no vault); rules: the baselines' on the
    vault; null_p: of the vault, None where no null world was played. Each is asked at 95 %; the
    more often a vault was looked at, the more is asked of it.
    """
    found = []
    if lived.get("reused"):
        found.append(Doubt.IN_SAMPLE)
    if vault is None:
        found.append(Doubt.NO_VAULT)
    else:
        if beaten_by(vault, rules):
            found.append(Doubt.BEATEN)
        found += [
            doubt
            for doubt, name in ABOVE_ZERO.items()
            if _asked(vault, name) and not _above_zero(vault, name)
        ]
    if (above_luck(lived) or 0.0) < CONFIDENCE:
        found.append(Doubt.LUCK)
    if null_p is not None and null_p > LEVEL:
        found.append(Doubt.NULL_WORLDS)
    return found


def as_good(vault: Figures, rules: Mapping[str, Figures]) -> list[str]:
    """Rules that earned as much on the vault as the champion, or more."""
    return [name for name, each in rules.items() if vault["return"] <= each["return"]]


def beaten_by(vault: Figures, rules: Mapping[str, Figures]) -> list[str]:
    """Those of them that speak against an edge.

    Who does as well without a look at the market leaves nothing to explain. A rule that reads the
    market has an edge itself where there is one, and to come out a little behind it is none the
    less an edge: it has to be better beyond chance.
    """
    return [
        name
        for name in as_good(vault, rules)
        if not RULES[name].reads or _beyond_chance(vault, name)
    ]


def _beyond_chance(vault: Figures, rule: str) -> bool:
    """Whether the interval of the champion's equity relative to the rule's lies below; without one
    what was earned decides.
    """
    high = vault.get(f"against_{rule}_high")
    return high is None or high < 0.0


def above_luck(lived: Figures) -> float | None:
    """Chance to be above what noise alone gives the best of so many.

    Who was judged before noise stood alone is asked by the deflated ratio.
    """
    return lived["above_luck"] if "above_luck" in lived else lived.get("dsr")


def looks_at(vault: Figures) -> int:
    """How often these bars were looked at when it was judged, this time among them."""
    return max(vault.get("looks") or 1, 1)


def tail_of(looks: int) -> float:
    """The largest p-value that still shows something on a vault after so many looks: every look is
    a trial more (Bonferroni).
    """
    return TAIL / looks


def _asked(vault: Figures, name: str) -> bool:
    """Whether it was measured: a constant exposure was not, before it was a baseline."""
    return name != "against_constant" or f"{name}_low" in vault


def _above_zero(vault: Figures, name: str) -> bool:
    looks, low, p = looks_at(vault), vault.get(f"{name}_low"), vault.get(f"{name}_p")
    if looks > 1:
        return p is not None and p <= tail_of(looks)
    return low is not None and low > 0.0
