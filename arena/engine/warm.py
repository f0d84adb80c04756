"""Compile every kernel an experiment needs before its first block, by playing a few bars."""

import numpy as np

from arena.engine.evaluate import baselines
from arena.engine.founders import founders
from arena.engine.play import MarketView, fresh_block, play
from arena.engine.results import RoundPlan
from arena.market.simulators import simulate
from arena.settings_schema import Settings


def warm(settings: Settings) -> None:
    """After this, `play` and `baselines` with `settings` compile nothing more in this process; from the disk cache where it is filled."""
    learning = settings.learning.model_copy(update={"replay": 128})
    short = settings.model_copy(update={"population": 2, "round_bars": 40, "learning": learning})
    market = MarketView.of([simulate("gbm", 400, np.random.default_rng(0), drift=0.0, volatility=0.01, period=64, amplitude=0.0)])
    play(fresh_block(founders(short), short), market, RoundPlan(0, (250, 290), ((150, 190),), False), short)
    baselines(market, (250, 290), short, 0)
