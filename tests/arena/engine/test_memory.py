"""Who remembers: on a market whose next move follows from a bar eight bars ago, agents are judged
on bars that no practice has seen.
"""

from functools import cache
from statistics import median

import numpy as np
import pytest

from arena.engine import whole
from arena.engine.judging.ceiling import best_on, share
from arena.engine.judging.evaluate import evaluate
from arena.engine.schedule import bars_needed, vault
from arena.presets import PRESETS
from arena.prices.market.simulators import simulate
from arena.prices.market.view import MarketView
from arena.settings_schema import parse

pytestmark = [pytest.mark.slow, pytest.mark.statistic]
# moves too small to scar anybody, so that a few rounds show what was learned
CALM = {"volatility": 0.001}
FREE = {"fee": 0.0, "half_spread": 0.0, "slippage": 0.0}


@cache
def reached(kind, **learning):
    """Share of the ceiling that the median of a few agents earns on untouched bars, after a few
    rounds of the form's preset.
    """
    preset = PRESETS["memory"].settings
    changes = {"population": 3, "rounds": 10, "market": preset["market"] | CALM, "costs": FREE}
    network, learning = preset["network"] | {"kind": kind}, preset["learning"] | learning
    settings = parse(preset | changes | {"network": network, "learning": learning})
    market, rng = settings.market, np.random.default_rng(7)
    bars = simulate(
        market.kind, bars_needed(settings), rng, volatility=market.volatility, edge=market.edge
    )
    view, world = MarketView.of([bars]), whole.begin(settings, 1)
    while not whole.ended(world, settings):
        whole.advance(world, view, settings)
    stretch = vault(len(view), settings)
    best = best_on(view, stretch, settings)["return"]
    return median(
        share(run["return"], best)
        for run in evaluate(world.block.online, world.block.agents, view, stretch, settings)
    )


@pytest.mark.parametrize("kind", ["lstm", "attention"])
def test_a_network_that_looks_back_earns_what_one_that_sees_the_present_cannot(kind):
    assert reached(kind) > 0.4
    assert abs(reached("q_net")) < 0.1


def test_weights_that_do_not_decay_learn_the_few_bars_there_are_by_heart():
    assert reached("lstm", weight_decay=0.0) < 0.5 * reached("lstm")
