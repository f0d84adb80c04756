"""Small worlds for the engine: few agents, tiny networks, short windows, and prices that tell a
story.
"""

import numpy as np

from arena.engine.generations.founders import founders
from arena.engine.play import Desk, fresh_block, memory_of, records
from arena.engine.results import AGENT, Block, RoundPlan
from arena.engine.trading.contexts import Lanes
from arena.engine.trading.windows import NONE
from arena.prices.market.bars import Bars
from arena.prices.market.simulators import simulate
from arena.prices.market.view import MarketView, Prices
from arena.settings_schema import Settings, parse
from ml.learning.contexts import Brain
from ml.networks.base import PUBLIC
from ml.networks.registry import NETWORKS

HIDDEN = (6, 5)
MONEY = 10_000.0
NO_COSTS = {"fee": 0.0, "half_spread": 0.0, "slippage": 0.0}
PLAN = RoundPlan(0, (400, 464), ((160, 224), (250, 314)), False)
NEXT = RoundPlan(1, (464, 528), ((300, 364), (230, 294)), False)


def small_settings(population: int = 4, seed: int = 1, **sections) -> Settings:
    """Settings of a small experiment; `sections` as {"life": {...}} change some of them."""
    learning = {
        "batch": 8,
        "starts": 1,
        "replay": 300,
        "episodes": 2,
        "target_every": 5,
    } | sections.pop("learning", {})
    # stories tell of drawdowns that are the same everywhere
    life = {"ladder": "drawdown"} | sections.pop("life", {})
    general = {
        "population": population,
        "seed": seed,
        "round_bars": 64,
        "network": {"hidden": HIDDEN},
    }
    return parse(general | {"learning": learning, "life": life} | sections)


def small_bars(seed: int = 1, bars: int = 600, volatility: float = 0.01, kind: str = "gbm") -> Bars:
    return simulate(
        kind,
        bars,
        np.random.default_rng(seed),
        drift=0.0,
        volatility=volatility,
        period=48,
        amplitude=0.05,
    )


def small_market(**choice) -> MarketView:
    return MarketView.of([small_bars(**choice)])


def basket(symbols: int, seed: int = 1, **choice) -> MarketView:
    """Several symbols, each a walk of its own."""
    return MarketView.of(
        [small_bars(seed=100 * seed + symbol, **choice) for symbol in range(symbols)]
    )


def born(settings: Settings, start: int = 0, stop: int | None = None, symbols: int = 1) -> Block:
    """A block of the founders start .. stop - 1."""
    return fresh_block(founders(settings)[start:stop], settings, symbols)


def always(action: int) -> np.ndarray:
    """A network that wants one thing, whatever it sees."""
    layout = NETWORKS["q_net"].layout(HIDDEN)
    weights = np.zeros(layout.size, np.float32)
    layout.view(weights, "b3")[action] = 1.0
    return weights


def restless() -> np.ndarray:
    """A network that buys while it holds nothing and sells while it holds something: a trade every
    other bar.
    """
    layout = NETWORKS["q_net"].layout(HIDDEN)
    weights = np.zeros(layout.size, np.float32)
    layout.view(weights, "w1")[PUBLIC, 0] = 1.0
    layout.view(weights, "w2")[0, 0] = 1.0
    layout.view(weights, "w3")[0, 0] = 1.0
    layout.view(weights, "b3")[2] = 0.25
    return weights


def together(*views: MarketView) -> MarketView:
    """Markets of one symbol each, as one."""
    prices = Prices(
        *(np.concatenate(each) for each in zip(*(view.prices for view in views), strict=True))
    )
    return MarketView(prices, np.concatenate([view.features for view in views]))


def market_of(closes, *, opens=None, lows=None, highs=None) -> MarketView:
    """A market by its closes: every bar opens where the one before closed, unless `opens` has it;
    nothing to see but zeros, volume 1000.
    """
    close = np.array(closes, float)
    first = np.concatenate([close[:1], close[:-1]])
    for bar, price in (opens or {}).items():
        first[bar] = price
    high, low = np.maximum(first, close), np.minimum(first, close)
    for bar, price in (lows or {}).items():
        low[bar] = price
    for bar, price in (highs or {}).items():
        high[bar] = price
    volume = np.full(len(close), 1000.0)
    prices = Prices(*(each[None] for each in (first, high, low, close, volume)))
    return MarketView(prices, np.zeros((len(close), PUBLIC), np.float32))


def brain_of(weights: np.ndarray) -> Brain:
    """A network that has not learnt yet."""
    return Brain(weights.copy(), weights.copy(), np.zeros_like(weights), np.zeros_like(weights))


def lane(memory: Lanes, symbol: int) -> Lanes:
    """What an agent remembers of one symbol."""
    return Lanes(*(part[symbol] for part in memory))


class Story:
    """What became of one agent that competed through a whole story: its record, trades, scars,
    actions and memory.
    """

    def __init__(
        self, market: MarketView, weights: np.ndarray, settings: Settings | None = None, **fields
    ):
        settings = settings or small_settings(costs=NO_COSTS)
        agents = np.array([founders(settings)[0].agent], AGENT)
        for name, value in fields.items():
            agents[name] = value
        self.paths, self.memories = (
            np.full((market.symbols, len(market)), NONE, np.uint8),
            memory_of(market.symbols, 300),
        )
        desk = Desk(settings, market)
        self.trades = desk.compete(
            records(agents), 0, (0, len(market)), self.memories, 0, weights, self.paths
        )
        # of the first symbol
        self.path, self.memory = self.paths[0], lane(self.memories, 0)
        self.scars = np.asarray(desk.scars[: desk.window["scars"][0]]).copy()
        self.window = np.asarray(desk.window)[0].copy()
        self.agent = agents[0]


def same(first: Block, second: Block) -> bool:
    """Whether two blocks hold the same bits."""
    arrays = (
        "agents",
        "online",
        "target",
        "moment1",
        "moment2",
        "private",
        "action",
        "reward",
        "priority",
        "bar",
    )
    return first.head == second.head and all(
        getattr(first, name).tobytes() == getattr(second, name).tobytes() for name in arrays
    )
