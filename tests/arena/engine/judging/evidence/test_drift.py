"""In a market that drifts every fixed position earns: held long, short or levered, a champion
without a sense of time is none.
"""

import numpy as np
import pytest

from agents.life.trust import GOLD
from arena.engine.judging.constant import constant_run
from arena.engine.judging.evaluate import baseline_runs, runs
from arena.engine.judging.evidence.bootstrap import interval_of_return
from arena.engine.judging.evidence.verdict import Doubt, doubts
from arena.engine.judging.exposure import mean_exposures
from arena.prices.market.simulators import simulate
from arena.prices.market.view import MarketView
from tests.arena.engine.slow import BUY, SELL
from tests.arena.engine.small import always, born, small_settings

STRETCH = (150, 1150)
LUCKY = {"reused": 0, "above_luck": 1.0}
# markets that are tried, quickly and at length
COUNTS = pytest.mark.parametrize("count", [4, pytest.param(12, marks=pytest.mark.full)])


def asked(kind, action, leverage, seed):
    """What is left to doubt of one who holds `action` all along, with a record that no luck
    explains.
    """
    settings = small_settings(
        2, life={"direction": "long_short", "max_leverage": leverage}, costs={"fee": 0.00005}
    )
    bars = simulate(kind, STRETCH[1], np.random.default_rng(seed), drift=0.6, volatility=0.003)
    market, block, rng = MarketView.of([bars]), born(settings), np.random.default_rng(seed)
    block.online[0], block.agents["tier"], block.agents["risk_fraction"] = always(action), GOLD, 1.0
    own = next(runs(block.online, block.agents, market, STRETCH, settings))
    rules = baseline_runs(market, STRETCH, settings, -1)
    exposures = mean_exposures(own.trades, own.exposures, market.prices.close, STRETCH[0] + 1)
    rules["constant_exposure"] = constant_run(exposures, market, STRETCH, settings)
    against = {
        "return": None,
        "against_hold": "buy_and_hold",
        "against_constant": "constant_exposure",
    }
    ends = {
        f"{name}_low": interval_of_return(
            own.returns, rng, rules[rule].returns if rule else None
        ).low
        for name, rule in against.items()
    }
    return set(
        doubts(
            LUCKY, own.figures() | ends, {name: run.figures() for name, run in rules.items()}, None
        )
    )


@pytest.mark.parametrize(("kind", "action"), [("trend_up", BUY), ("trend_down", SELL)])
@pytest.mark.parametrize("leverage", [1.0, 3.0])
@COUNTS
@pytest.mark.statistic
@pytest.mark.slow
def test_who_only_holds_is_told_from_who_knows_when(kind, action, leverage, count):
    found = [asked(kind, action, leverage, seed) for seed in range(count)]

    assert sum(not left for left in found) <= 1
    # the money once, held, is what a rule does
    assert leverage > 1.0 or all(Doubt.BEATEN in left for left in found)


@COUNTS
@pytest.mark.slow
def test_nothing_but_its_own_mean_exposure_tells_leverage_from_skill(count):
    """Three times the money in a market that rises: more than every other rule, and that beyond
    chance.
    """
    found = [asked("trend_up", BUY, 3.0, seed) for seed in range(count)]

    assert all(left <= {Doubt.BEATEN, Doubt.TIMING_POSSIBLE} for left in found)
    assert sum(Doubt.TIMING_POSSIBLE in left for left in found) >= count - 1
