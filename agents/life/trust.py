"""Trust, 0 to 100: skill, discipline and experience, worn down by scars; and the tier it opens.

The rules: docs/RULES.md#trust.
"""

from agents.life.sharpe import chance_above, moments
from agents.states import Grade
from ml.kernels.compiled import kernel
from ml.sums import total


class Tier(Grade):
    """What trust allows."""

    RESTRICTED = (
        0,
        "Restricted",
        "Its trust is too low for a full position, and it has no children.",
    )
    BRONZE = 1, "Bronze", "Where agents begin: the smallest share of the allowed leverage."
    SILVER = 2, "Silver", "A larger share of the allowed leverage."
    GOLD = 3, "Gold", "The whole of the allowed leverage."


RESTRICTED, BRONZE, SILVER, GOLD = range(len(Tier))
# of the experiment's largest exposure; RESTRICTED has a cap of its own
TIER_SHARE = (0.0, 0.40, 0.60, 1.00)
RESTRICTED_CAP = 0.5
EDGES = (40.0, 60.0, 80.0)
MARGIN = 2.0
YOUNG_BARS = 200
FOUNDER_TRUST = 50.0
# weights of the three parts
SKILL, DISCIPLINE, EXPERIENCE = 0.5, 0.3, 0.2
# the drawdown that leaves no discipline, and the bars that make half of all experience
WORST_DRAWDOWN = 0.50
HALF_EXPERIENCE = 2000.0


def probabilistic_sharpe(n: int, s1: float, s2: float, s3: float, s4: float) -> float:
    """Chance that the true Sharpe ratio is above 0, from n returns given as sums of their powers 1
    .. 4.

    Bailey and Lopez de Prado, 2012. 0.5 where the returns do not vary: no evidence either way.
    """
    found = moments(n, s1, s2, s3, s4)
    return 0.5 if found is None else chance_above(0.0, found)


def trust_of(
    *, bars: int, skill: float, max_drawdown: float, scar_trust: float, birth_trust: float
) -> float:
    """Trust from its three parts; a newborn keeps its birth trust until YOUNG_BARS are lived."""
    if bars < YOUNG_BARS:
        return min(max(birth_trust * scar_trust, 0.0), 100.0)
    discipline = 1.0 - min(max_drawdown / WORST_DRAWDOWN, 1.0)
    experience = bars / (bars + HALF_EXPERIENCE)
    return 100.0 * (SKILL * skill + DISCIPLINE * discipline + EXPERIENCE * experience) * scar_trust


def tier_of(trust: float, tier: int) -> int:
    """The tier for `trust`, coming from `tier`: it is left only MARGIN points past its edge."""
    while tier < GOLD and trust >= EDGES[tier] + MARGIN:
        tier += 1
    while tier > RESTRICTED and trust < EDGES[tier - 1] - MARGIN:
        tier -= 1
    return tier


def first_tier(trust: float) -> int:
    """The tier of a newcomer: its edges as they are."""
    return total(trust >= edge for edge in EDGES)


@kernel
def exposure_cap(tier, max_leverage, no_leverage, scar_leverage, risk_fraction):
    """Largest absolute exposure, in equities: the tier's share of the maximum (never under 1), less
    scars, times appetite for risk.
    """
    cap = RESTRICTED_CAP if tier == RESTRICTED else max(1.0, max_leverage * TIER_SHARE[tier])
    if no_leverage:
        cap = min(cap, 1.0)
    return cap * scar_leverage * risk_fraction
