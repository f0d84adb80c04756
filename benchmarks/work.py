"""The work every system is measured on: one market, one network, one update of 64 for every 4 bars, costs, replay of 10,000."""

from arena.engine.play import MarketView
from arena.market.simulators import simulate
from arena.settings_schema import Settings, parse
from ml.rng import Purpose, stream

WINDOW = 512
LAYERS = {"L=1": (64,), "L=2": (64, 64)}


def settings_of(hidden: tuple[int, ...], agents: int) -> Settings:
    """Plain DQN, because the peers know no double Q-learning."""
    return parse({"population": agents, "network": {"hidden": hidden}, "learning": {"double": False}, "market": {"kind": "gbm"}})


def market() -> MarketView:
    """6,000 bars of a random walk."""
    figures = Settings().market
    rng = stream(1, Purpose.MARKET)
    shape = {"drift": 0.0, "volatility": figures.volatility, "period": figures.period, "amplitude": figures.amplitude}
    return MarketView.of(simulate("gbm", 6000, rng, **shape))
