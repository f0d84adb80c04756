"""Compile every kernel an experiment needs before its first block, by playing a few bars."""

import numpy as np

from arena.engine.generations.founders import founders
from arena.engine.judging.committee import committee
from arena.engine.judging.evaluate import baselines
from arena.engine.play import Desk, fresh_block, memory_of, play, records, slots_of
from arena.engine.results import RoundPlan
from arena.prices.market.simulators import simulate
from arena.prices.market.view import MarketView
from arena.settings_schema import Settings


def warm(settings: Settings) -> None:
    """After this, `play`, `baselines` and `committee` with `settings` compile nothing more in this
    process; from the disk cache where it is filled.
    """
    warm_practice(settings)
    warm_competition(settings)


def warm_practice(settings: Settings) -> None:
    """One half of the work: an agent practises."""
    short, market = _short(settings), _market()
    block, desk = fresh_block(founders(short), short, market.symbols), Desk(short, market)
    memory = memory_of(market.symbols, slots_of(short, market.symbols))
    desk.practise(records(block.agents), 0, (150, 190), memory, 0, desk.brain_of(block, 0))


def warm_competition(settings: Settings) -> None:
    """The other half: agents, their committee and baselines compete."""
    short, market = _short(settings), _market()
    play(
        fresh_block(founders(short), short, market.symbols),
        market,
        RoundPlan(0, (250, 290), (), False),
        short,
    )
    baselines(market, (250, 290), short, 0)
    block = fresh_block(founders(short), short, market.symbols)
    committee(block.online, block.agents, market, (250, 290), short)


def _short(settings: Settings) -> Settings:
    learning = settings.learning.model_copy(update={"replay": 128})
    return settings.model_copy(update={"population": 2, "round_bars": 40, "learning": learning})


def _market() -> MarketView:
    return MarketView.of(
        [
            simulate(
                "gbm",
                400,
                np.random.default_rng(0),
                drift=0.0,
                volatility=0.01,
                period=64,
                amplitude=0.0,
            )
        ]
    )
