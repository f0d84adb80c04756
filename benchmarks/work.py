"""The work every system is measured on: one market, one network, one update of 64 for every 4 bars,
costs, replay of 10,000.
"""

import os

from arena.prices.market.simulators import simulate
from arena.prices.market.view import MarketView
from arena.settings_schema import Settings, parse
from ml.rng import Purpose, stream

# BENCH_QUICK=1 shows that everything runs; its figures are worth nothing
QUICK = os.environ.get("BENCH_QUICK", "0") == "1"
ROUNDS = 2 if QUICK else 5
WINDOW = 128 if QUICK else 512
POPULATION = 32 if QUICK else 256
LAYERS = {"L=1": (64,), "L=2": (64, 64)}
BARS = 6000
# where windows begin: after the features' warm-up, and far enough from the end
FIRST, LAST = 200, 4000


def settings_of(hidden: tuple[int, ...], agents: int, kind: str = "q_net") -> Settings:
    """Plain DQN, because the peers know no double Q-learning."""
    network = {"kind": kind, "hidden": hidden}
    return parse(
        {
            "population": agents,
            "network": network,
            "learning": {"double": False},
            "market": {"kind": "gbm"},
        }
    )


def market() -> MarketView:
    """6,000 bars of a random walk."""
    figures = Settings().market
    rng = stream(1, Purpose.MARKET)
    shape = {
        "drift": 0.0,
        "volatility": figures.volatility,
        "period": figures.period,
        "amplitude": figures.amplitude,
    }
    return MarketView.of([simulate("gbm", BARS, rng, **shape)])


def window_start(number: int) -> int:
    """First bar of the `number`-th window: they wander over the series."""
    return FIRST + number * 1777 % (LAST - FIRST)


def epsilon(settings: Settings, bars: int) -> float:
    """Chance of a random action after so many practice bars, for peers that keep their own
    count.
    """
    learning = settings.learning
    share = min(bars / learning.epsilon_bars, 1.0)
    return min(
        learning.epsilon_start + (learning.epsilon_end - learning.epsilon_start) * share, 0.9
    )
