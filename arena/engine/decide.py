"""One agent at a live market, bar by bar: snapshot -> features -> network -> decision -> execution -> metrics, scars, trust.

The kernels are those of `arena.engine.competition`, in the same order: an agent that is fed the bars of a history one at a time
decides, trades and suffers as in a block that plays the history in one go. What scars do to weights is, as there, done afterwards.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from arena.engine.competition import fill, settle
from arena.engine.evaluate import begin
from arena.engine.ledger import ACCOUNT, NOT_CLOSED
from arena.engine.observation import observe, private_inputs
from arena.engine.play import MOST_SCARS, MarketView, costs_of, grow, records, rules_of
from arena.engine.results import AGENT, SCAR, TRADE
from arena.engine.windows import ACTIVE, DIVERGED, WINDOW, cap_of
from arena.market.snapshot import STALE, MarketSnapshot
from arena.settings_schema import Settings
from ml.compiled import bind, kernel
from ml.learning.exploration import NO_ACTION, greedy
from ml.networks.base import ACTIONS, INPUTS, PRIVATE
from ml.networks.registry import NETWORKS
from ml.params import aligned

FIRST_TRADES = 64
# closed by one bar at most: a reversal's, a liquidation's, a death's
TRADES_A_BAR = 3
act: Any = None


class StaleMarket(ValueError):
    """Nobody trades on a market that has stood still; says since when."""


@dataclass(frozen=True)
class TradeDecision:
    """What an agent wants at the close of a bar, to be filled at the next one's open.

    action: 0 SELL, 1 HOLD, 2 BUY, -1 where the network's values are not finite; q: its action values; exposure: signed target after it.
    """

    agent: int
    bar: int
    bar_time: int
    action: int
    q: tuple[float, ...]
    exposure: float | None


def think(agents, accounts, t, price, features, online, sizes, scratch, private):
    """Greedy action of the owner of agents [1], accounts [1] at the close of bar t. `act` stands for a network's kernel."""
    agent, account = agents[0], accounts[0]
    x, q, carried, work = scratch
    private_inputs(account, price, agent.cost_multiplier, private)
    observe(features, t, private, agent.scars == 0, x)
    act(online, sizes, x, t, features, agent.scars == 0, carried, work, q)
    return greedy(q)


@kernel
def wanted_exposure(agents, choice, rule):
    """Signed exposure that an action asks for: the cap of agents [1] when it buys, its mirror where it may sell short."""
    if choice == 2:
        return cap_of(agents[0], rule[0])
    return -cap_of(agents[0], rule[0]) if rule[0].long_short else 0.0


@kernel
def carry_out(agents, accounts, window, t, prices, choice, q, rule, cost, book, booked, scars, last):
    """Fill at the open of bar t + 1 what was decided at the close of t, and book that bar; trades closed so far."""
    agent, account, sums, rules, costs = agents[0], accounts[0], window[0], rule[0], cost[0]
    before, forced = account.equity, NOT_CLOSED
    if choice == NO_ACTION:
        agent.state = DIVERGED
    if agent.state == ACTIVE:
        forced = fill(agent, account, t, prices, choice, rules, costs, book)
    booked, _ = settle(agent, account, t, prices, before, choice, q, forced, rules, costs, book, booked, scars, sums, last)
    agent.equity = account.equity
    return booked


@lru_cache
def thinker(kind: str) -> Any:
    """`think` for one kind of network."""
    return bind(think, f"live_{kind}", act=NETWORKS[kind].act)


class Seat:
    """One agent's place at a live market: its record, its money, and what its network carries from bar to bar.

    agent: AGENT record, copied; weights: float32 [parameters]. The account begins with the agent's equity and no position.
    """

    def __init__(self, agent: np.ndarray | np.void, weights: np.ndarray, settings: Settings):
        network, hidden = NETWORKS[settings.network.kind], settings.network.hidden
        self.settings = settings
        self.agents = records(np.array([agent], AGENT))
        self.weights = aligned(len(weights))
        self.weights[:] = weights
        self.accounts, self.window = records(np.zeros(1, ACCOUNT)), records(np.zeros(1, WINDOW))
        begin(self.accounts, float(self.agents["equity"][0]))
        self.accounts["peak"] = self.agents["peak"]
        self.began = float(self.agents["equity"][0])
        self.book, self.scars = records(np.zeros(FIRST_TRADES, TRADE)), records(np.zeros(MOST_SCARS, SCAR))
        self.booked = 0
        self._rules, self._costs = rules_of(settings), costs_of(settings)
        self._sizes = network.sizes(hidden)
        work = np.empty(network.workspace(self._sizes, 1), np.float32)
        self._scratch = (np.empty(INPUTS, np.float32), np.empty(ACTIONS, np.float32), network.fresh_memory(hidden), work)
        self._private = np.zeros(PRIVATE, np.float32)

    @property
    def alive(self) -> bool:
        return int(self.agents["state"][0]) == ACTIVE

    @property
    def trades(self) -> np.ndarray:
        """TRADE [any], closed so far."""
        return np.asarray(self.book[: self.booked])

    @property
    def scarred(self) -> np.ndarray:
        """SCAR [any], cut so far."""
        return np.asarray(self.scars[: self.window["scars"][0]])

    def decide(self, snapshot: MarketSnapshot, now_ms: int) -> TradeDecision:
        """What the agent wants at the close of the snapshot's last bar; once for each bar. StaleMarket where that was too long ago."""
        if snapshot.freshness(now_ms) == STALE:
            when = np.datetime64(snapshot.closed_ms, "ms").astype("datetime64[m]")
            raise StaleMarket(f"{snapshot.source} {snapshot.symbol} has no bar since {when} UTC, {snapshot.age_bars(now_ms):.0f} bars ago")
        return self.consider(MarketView.of([snapshot.bars]), snapshot.bars.time, len(snapshot.bars) - 1)

    def execute(self, decision: TradeDecision, snapshot: MarketSnapshot, *, last: bool = False) -> None:
        """Fill a decision on the bar after it, which `snapshot` holds; `last`: the position is closed at that bar's close."""
        bars, t = snapshot.bars, decision.bar
        if t + 1 >= len(bars) or int(bars.time[t]) != decision.bar_time:
            raise ValueError(f"the snapshot does not hold the bar after the one of {decision.bar_time} that was decided on")
        prices = (bars.open, bars.high, bars.low, bars.close, bars.volume)
        self.fill(decision, tuple(np.array(each, np.float64) for each in prices), last=last)

    def follow(self, market: MarketView, times: np.ndarray, window: tuple[int, int]) -> list[TradeDecision]:
        """Decide on bars window[0] .. window[1] - 2 and fill each on the next, as long as the agent lives; times int64 [bars]."""
        decisions: list[TradeDecision] = []
        for t in range(window[0], window[1] - 1):
            if not self.alive:
                break
            decisions.append(self.consider(market, times, t))
            self.fill(decisions[-1], market.bars_of(0))
        return decisions

    def consider(self, market: MarketView, times: np.ndarray, t: int) -> TradeDecision:
        """What the agent wants at the close of bar t; nothing that comes after it is looked at."""
        features, price = market.features, market.prices[3][0, t]
        view = (self.agents, self.accounts, t, price, features, self.weights, self._sizes, self._scratch, self._private)
        choice = int(thinker(self.settings.network.kind)(*view))
        exposure = None if choice in (1, NO_ACTION) else float(wanted_exposure(self.agents, choice, self._rules))
        q = tuple(float(value) for value in self._scratch[1])
        return TradeDecision(int(self.agents["number"][0]), t, int(times[t]), choice, q, exposure)

    def fill(self, decision: TradeDecision, prices: tuple[np.ndarray, ...], *, last: bool = False) -> None:
        """Book the bar after a decision. prices: open, high, low, close, volume, float64 [bars] each."""
        q = np.array(decision.q, np.float32)
        if self.booked + TRADES_A_BAR > len(self.book):
            self.book = records(np.concatenate([np.asarray(self.book), np.zeros(len(self.book), TRADE)]))
        tail = (self._rules, self._costs, self.book, self.booked, self.scars, last)
        self.booked = int(carry_out(self.agents, self.accounts, self.window, decision.bar, prices, decision.action, q, *tail))

    @property
    def exposure(self) -> float:
        """Signed position over equity, as last marked."""
        account = self.accounts[0]
        return float(1.0 - account["cash"] / account["equity"]) if account["quantity"] and account["equity"] > 0 else 0.0

    def judge(self) -> np.ndarray:
        """AGENT [1] with fitness, trust and tier after all bars so far, as at the end of a competition window."""
        equity = float(self.accounts["equity"][0])
        self.window["log_growth"] = np.log(max(equity, 1e-9 * self.began) / self.began)
        judged = np.asarray(self.agents).copy()
        grow(judged, np.asarray(self.window)[0], self.settings)
        return judged
