"""Scars: the ladder, the causes, and what each severity costs, against the table of the rules."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.life.scars import (
    CRASH,
    DAMAGE,
    DRAWDOWN,
    FEE_BURDEN,
    LIQUIDATION,
    MARKET_CRASH,
    STOP_LOSS,
    TRADE_LOSS,
    cause_of,
    cut,
    ladder_of,
    severity_due,
)
from arena.engine.play import records
from arena.engine.results import AGENT, SCAR_CAUSES
from ml.kernels.compiled import kernel

# severity: drawdown, cost, leverage, trust, weight damage, as docs/RULES.md#scars prints them
TABLE = {
    1: (0.05, 1.05, 0.10, 5, 0.0),
    2: (0.10, 1.10, 0.20, 10, 0.0),
    3: (0.20, 1.15, 0.30, 15, 0.03),
    4: (0.35, 1.20, 0.40, 20, 0.04),
    5: (0.50, 1.25, 0.50, 25, 0.05),
}


@kernel
def cut_first(agents, severity):
    cut(agents[0], severity)


def unscarred():
    agents = np.zeros(1, AGENT)
    for name in ("cost_multiplier", "scar_leverage", "scar_trust"):
        agents[name] = 1.0
    return records(agents)


def slow_due(drawdown, step):
    """The deepest step passed, if it is a new one."""
    passed = [severity for severity, row in TABLE.items() if drawdown >= row[0] and severity > step]
    return max(passed, default=0)


@settings(deadline=None)
@given(st.floats(-1, 1), st.integers(0, 5))
def test_the_deepest_new_step_is_due(drawdown, step):
    assert severity_due(drawdown, step, DRAWDOWN) == slow_due(drawdown, step)


@pytest.mark.parametrize("severity", TABLE)
def test_a_step_is_due_at_its_own_drawdown_and_not_before(severity):
    edge = TABLE[severity][0]

    assert severity_due(edge, severity - 1, DRAWDOWN) == severity
    assert severity_due(np.nextafter(edge, 0), severity - 1, DRAWDOWN) == 0
    assert severity_due(edge, severity, DRAWDOWN) == 0


@pytest.mark.parametrize("severity", TABLE)
def test_each_severity_costs_what_the_table_says(severity):
    _, cost, leverage, trust, damage = TABLE[severity]
    agents = unscarred()

    cut_first(agents, severity)

    agent = agents[0]
    assert (agent["scars"], agent["severe_scars"], agent["no_leverage"]) == (
        1,
        severity >= 2,
        severity >= 3,
    )
    assert agent["cost_multiplier"] == pytest.approx(cost)
    assert agent["scar_leverage"] == pytest.approx(1 - leverage)
    assert (
        agent["scar_trust"] == pytest.approx(1 - trust / 100) == pytest.approx(1 - 0.05 * severity)
    )
    assert DAMAGE[severity - 1] == damage
    assert DRAWDOWN[severity - 1] == TABLE[severity][0]


@settings(deadline=None)
@given(st.lists(st.integers(1, 5), max_size=12))
def test_effects_of_several_scars_multiply_and_never_heal(severities):
    agents = unscarred()

    for severity in severities:
        cut_first(agents, severity)

    agent = agents[0]
    assert agent["scars"] == len(severities)
    assert agent["severe_scars"] == sum(severity >= 2 for severity in severities)
    assert agent["no_leverage"] == any(severity >= 3 for severity in severities)
    assert agent["cost_multiplier"] == pytest.approx(
        np.prod([TABLE[severity][1] for severity in severities])
    )
    assert agent["scar_leverage"] == pytest.approx(
        np.prod([1 - TABLE[severity][2] for severity in severities])
    )
    assert agent["scar_trust"] == pytest.approx(
        np.prod([1 - 0.05 * severity for severity in severities])
    )


@pytest.mark.parametrize(
    ("liquidated", "stopped", "bar_return", "gross", "costs", "cause"),
    [
        (True, False, -0.5, -10.0, 100.0, LIQUIDATION),
        (False, False, CRASH, -100.0, 1.0, MARKET_CRASH),
        (False, True, CRASH, -100.0, 1.0, MARKET_CRASH),
        (False, True, -0.0999, -100.0, 1.0, STOP_LOSS),
        (False, True, -0.01, -100.0, 100.1, STOP_LOSS),
        (False, False, -0.0999, -100.0, 1.0, TRADE_LOSS),
        (False, False, -0.01, -100.0, 100.1, FEE_BURDEN),
        (False, False, -0.01, -100.0, 99.9, TRADE_LOSS),
        (False, False, 0.0, 50.0, 60.0, FEE_BURDEN),
    ],
)
def test_the_cause_is_the_most_telling_reason(liquidated, stopped, bar_return, gross, costs, cause):
    assert cause_of(liquidated, stopped, bar_return, gross, costs) == cause


def test_the_causes_are_numbered_as_the_rows_name_them():
    named = {
        TRADE_LOSS: "trade_loss",
        LIQUIDATION: "liquidation",
        FEE_BURDEN: "fee_burden",
        STOP_LOSS: "stop_loss",
        MARKET_CRASH: "crash",
    }

    assert tuple(named[code] for code in range(5)) == SCAR_CAUSES


@pytest.mark.parametrize("move", [0.026, 0.07, 0.3])
def test_the_ladder_of_a_wild_market_begins_two_of_its_moves_deep_and_keeps_its_proportions(move):
    steps = -np.log1p(-ladder_of(move))

    assert steps[0] == pytest.approx(2 * move)
    np.testing.assert_allclose(steps / steps[0], np.log1p(-DRAWDOWN) / np.log1p(-0.05))
    assert (np.diff(ladder_of(move)) > 0).all()
    assert ladder_of(move)[-1] < 1


@pytest.mark.parametrize("move", [0.0, 0.001, 0.025])
def test_on_a_calm_market_the_ladder_is_the_one_that_is_the_same_everywhere(move):
    np.testing.assert_array_equal(ladder_of(move), DRAWDOWN)
