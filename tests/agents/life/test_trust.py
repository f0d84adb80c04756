"""Trust: the probabilistic Sharpe ratio against SciPy, the three parts, the tiers and what they
allow.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agents.life.trust import (
    BRONZE,
    FOUNDER_TRUST,
    GOLD,
    RESTRICTED,
    SILVER,
    YOUNG_BARS,
    exposure_cap,
    first_tier,
    probabilistic_sharpe,
    tier_of,
    trust_of,
)


def powers(returns):
    return [float(np.sum(returns**k)) for k in (1, 2, 3, 4)]


def slow_psr(returns):
    """Bailey and Lopez de Prado (2012), equation for a benchmark of 0, with SciPy's moments."""
    sharpe = returns.mean() / returns.std(ddof=1)
    skew, kurtosis = stats.skew(returns), stats.kurtosis(returns, fisher=False)
    return stats.norm.cdf(
        sharpe
        * np.sqrt(len(returns) - 1)
        / np.sqrt(1 - skew * sharpe + (kurtosis - 1) / 4 * sharpe**2)
    )


@pytest.mark.parametrize("n", [10, 200, 5000])
@pytest.mark.parametrize("mean", [-0.001, 0.0, 0.0004])
@pytest.mark.parametrize("kind", ["normal", "skewed", "heavy"])
def test_the_probabilistic_sharpe_ratio_equals_its_paper(n, mean, kind):
    rng = np.random.default_rng(n)
    noise = {
        "normal": rng.normal(size=n),
        "skewed": rng.exponential(size=n) - 1,
        "heavy": rng.standard_t(5, size=n),
    }[kind]
    returns = mean + 0.004 * noise

    assert probabilistic_sharpe(n, *powers(returns)) == pytest.approx(
        slow_psr(returns), rel=1e-6, abs=1e-12
    )


@pytest.mark.parametrize(
    "returns", [[], [0.01], [0.0] * 50, [0.001] * 50], ids=["none", "one", "cash", "constant"]
)
def test_returns_that_do_not_vary_are_no_evidence_either_way(returns):
    assert probabilistic_sharpe(len(returns), *powers(np.array(returns))) == pytest.approx(0.5)


@given(
    st.integers(0, 50_000),
    st.floats(0, 1),
    st.floats(0, 1.5),
    st.lists(st.integers(1, 5), max_size=5),
    st.floats(0, 100),
)
def test_trust_is_the_weighted_sum_of_its_parts_worn_down_by_scars(
    bars, skill, max_drawdown, scars, birth_trust
):
    scar_trust = float(np.prod([1 - 0.05 * severity for severity in scars]))

    trust = trust_of(
        bars=bars,
        skill=skill,
        max_drawdown=max_drawdown,
        scar_trust=scar_trust,
        birth_trust=birth_trust,
    )

    discipline = 1 - min(max_drawdown / 0.5, 1)
    grown = 100 * (0.5 * skill + 0.3 * discipline + 0.2 * (bars / (bars + 2000)))
    assert trust == pytest.approx(
        (birth_trust if bars < 200 else grown) * scar_trust, rel=1e-9, abs=1e-9
    )
    assert 0 <= trust <= 100


def test_a_founder_is_trusted_with_fifty_until_two_hundred_bars_are_traded():
    young = {"skill": 0.0, "max_drawdown": 1.0, "scar_trust": 1.0, "birth_trust": FOUNDER_TRUST}

    assert (FOUNDER_TRUST, YOUNG_BARS) == (50.0, 200)
    assert trust_of(bars=199, **young) == 50.0
    assert trust_of(bars=200, **young) == pytest.approx(100 * 0.2 * 200 / 2200)


@pytest.mark.parametrize(
    ("trust", "tier"),
    [(0, 0), (39.9, 0), (40, 1), (59.9, 1), (60, 2), (79.9, 2), (80, 3), (100, 3)],
)
def test_the_first_tier_has_its_edges_as_they_are(trust, tier):
    assert first_tier(trust) == tier


def slow_tier(trust, tier):
    """A tier is left only two points past its edge: upwards at 42, 62, 82, downwards below 38, 58,
    78.
    """
    up = sum(trust >= edge for edge in (42, 62, 82))
    down = sum(trust >= edge for edge in (38, 58, 78))
    return min(max(tier, up), down)


@given(st.floats(0, 100), st.integers(0, 3))
def test_a_tier_is_left_only_two_points_past_its_edge(trust, tier):
    assert tier_of(trust, tier) == slow_tier(trust, tier)


def test_trust_that_wavers_around_an_edge_keeps_its_tier():
    wavering = [58.1, 61.9, 59.0, 60.5, 58.0]

    for tier in (BRONZE, SILVER):
        now = tier
        for trust in wavering:
            now = tier_of(trust, now)
        assert now == tier
    assert tier_of(57.9, SILVER) == BRONZE
    assert tier_of(62.0, BRONZE) == SILVER


@pytest.mark.parametrize(
    ("tier", "maximum", "cap"),
    [
        (GOLD, 10, 10),
        (SILVER, 10, 6),
        (BRONZE, 10, 4),
        (RESTRICTED, 10, 0.5),
        (BRONZE, 2, 1),
        (GOLD, 1, 1),
        (RESTRICTED, 1, 0.5),
    ],
)
def test_a_tier_allows_its_share_of_the_maximum_and_never_under_one(tier, maximum, cap):
    assert exposure_cap(tier, float(maximum), 0, 1.0, 1.0) == pytest.approx(cap)


def test_scars_and_appetite_for_risk_scale_what_the_tier_allows():
    assert exposure_cap(GOLD, 10.0, 0, 0.72, 0.5) == pytest.approx(3.6)
    assert exposure_cap(GOLD, 10.0, 1, 0.7, 1.0) == pytest.approx(0.7)
    assert exposure_cap(RESTRICTED, 10.0, 1, 1.0, 1.0) == pytest.approx(0.5)
