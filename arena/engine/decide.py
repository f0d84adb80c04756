"""One agent at a live market, bar by bar: snapshot -> features -> network -> decision -> execution -> metrics, scars, trust.

The kernels are those of `arena.engine.competition`, in the same order: an agent that is fed the bars of a history one at a time
decides, trades and suffers as in a block that plays the history in one go. What scars do to weights is, as there, done afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from agents.life.lifecycle import ACTIVE, DIVERGED
from arena.engine.competition import fill, settle
from arena.engine.evaluate import begin
from arena.engine.growth import grow
from arena.engine.ledger import next_bar
from arena.engine.observation import observe, private_inputs
from arena.engine.play import MOST_SCARS, MarketView, account_of, by_sequence, costs_of, records, rules_of, scratch_of
from arena.engine.results import AGENT, SCAR, TRADE
from arena.engine.windows import WINDOW, cap_of
from arena.prices.market.snapshot import STALE, MarketSnapshot
from arena.settings_schema import Settings
from ml.compiled import bind, kernel
from ml.learning.exploration import NO_ACTION, bound_of, greedy
from ml.networks.base import PRIVATE
from ml.networks.registry import NETWORKS
from ml.params import aligned

FIRST_TRADES = 64
# closed by one bar at most, of each symbol: a reversal's, a liquidation's, a death's
TRADES_A_BAR = 3
act: Any = None


class StaleMarket(ValueError):
    """Nobody trades on a market that has stood still; says since when."""


@dataclass(frozen=True)
class TradeDecision:
    """What an agent wants of one symbol at the close of a bar, to be filled at the next one's open.

    action: 0 SELL, 1 HOLD, 2 BUY, -1 where the network's values are beyond their bound; q: the values; exposure: signed target after it.
    """

    agent: int
    symbol: int
    bar: int
    bar_time: int
    action: int
    q: tuple[float, ...]
    exposure: float | None


# one for each symbol
Decisions = tuple[TradeDecision, ...]


def refuse_stale(snapshots: Sequence[MarketSnapshot], now_ms: int) -> None:
    """StaleMarket where the last bar of any is too old to be traded on; it names that one."""
    for seen in snapshots:
        if seen.freshness(now_ms) == STALE:
            when = np.datetime64(seen.closed_ms, "ms").astype("datetime64[m]")
            why = f" ({seen.trouble})" if seen.trouble else ""
            raise StaleMarket(f"{seen.source} {seen.symbol} has no bar since {when} UTC, {seen.age_bars(now_ms):.0f} bars ago{why}")


def think(agents, accounts, t, closes, features, online, sizes, scratch, private, rule):
    """Greedy choices of the owner of agents [1] at the close of bar t, into the positions. `act` stands for a network's kernel.

    accounts = (ACCOUNT [1], POSITION [S]); closes [S, n].
    """
    agent, account, positions = agents[0], accounts[0][0], accounts[1]
    x, q, carried, work = scratch
    bound = bound_of(rule[0].largest_reward, agent.gamma)
    for s in range(positions.shape[0]):
        row = s * closes.shape[1] + t
        private_inputs(account, positions[s], closes[s, t], agent.cost_multiplier, private)
        observe(features, row, private, agent.scars == 0, x)
        act(online, sizes, x, row, features, agent.scars == 0, carried[s], work, q[s])
        positions[s].choice = greedy(q[s], bound)


@kernel
def wanted_exposure(agents, choice, rule, symbols):
    """Signed exposure that an action asks for: a symbol's share of the cap of agents [1], its mirror where it may sell short."""
    share = cap_of(agents[0], rule[0]) / symbols
    if choice == 2:
        return share
    return -share if rule[0].long_short else 0.0


@kernel
def carry_out(agents, accounts, window, t, prices, q, rule, cost, book, booked, scars, last):
    """Fill at the open of bar t + 1 what was chosen at the close of t, and book that bar; trades closed so far."""
    agent, account, positions, sums, rules, costs = agents[0], accounts[0][0], accounts[1], window[0], rule[0], cost[0]
    next_bar(account, positions, prices[3], t)
    for s in range(positions.shape[0]):
        if positions[s].choice == NO_ACTION:
            agent.state = DIVERGED
    if agent.state == ACTIVE:
        fill(agent, account, positions, t, prices, rules, costs, book)
    booked, _ = settle(agent, account, positions, t, prices, q, rules, costs, book, booked, scars, sums, last)
    agent.equity = account.equity
    return booked


@lru_cache
def thinker(kind: str) -> Any:
    """`think` for one kind of network."""
    return bind(think, f"live_{kind}", act=NETWORKS[kind].act)


class Seat:
    """One agent's place at a live market: its record, its money, and what its network carries from bar to bar.

    agent: AGENT record, copied; weights: float32 [parameters]. The account begins with the agent's equity and no position in any symbol.
    """

    def __init__(self, agent: np.ndarray | np.void, weights: np.ndarray, settings: Settings, symbols: int = 1):
        network, hidden = NETWORKS[settings.network.kind], settings.network.hidden
        self.settings, self.symbols = settings, symbols
        self.agents = records(np.array([agent], AGENT))
        self.weights = aligned(len(weights))
        self.weights[:] = weights
        self.accounts, self.window = account_of(symbols), records(np.zeros(1, WINDOW))
        self.began = float(self.agents["equity"][0])
        begin(self.accounts, self.began)
        self.accounts[0]["peak"] = self.agents["peak"]
        self.book, self.scars = records(np.zeros(FIRST_TRADES, TRADE)), records(np.zeros(MOST_SCARS, SCAR))
        self.booked = 0
        self._rules, self._costs = rules_of(settings), costs_of(settings)
        self._sizes, self._scratch = network.sizes(hidden), scratch_of(settings, symbols)
        self._private, self._closes = np.zeros(PRIVATE, np.float32), np.zeros(symbols)

    @property
    def alive(self) -> bool:
        return int(self.agents["state"][0]) == ACTIVE

    @property
    def trades(self) -> np.ndarray:
        """TRADE [any], closed so far."""
        return by_sequence(self.book[: self.booked])

    @property
    def scarred(self) -> np.ndarray:
        """SCAR [any], cut so far."""
        return np.asarray(self.scars[: self.window["scars"][0]])

    def decide(self, snapshots: Sequence[MarketSnapshot], now_ms: int) -> Decisions:
        """What the agent wants at the close of the snapshots' last bar; once for each bar. StaleMarket where that was too long ago.

        snapshots: one a symbol, with bars of the same times.
        """
        refuse_stale(snapshots, now_ms)
        times = snapshots[0].bars.time
        return self.consider(MarketView.of([seen.bars for seen in snapshots]), times, len(times) - 1)

    def execute(self, decisions: Decisions, snapshots: Sequence[MarketSnapshot], *, last: bool = False) -> None:
        """Fill decisions on the bar after them, which `snapshots` hold; `last`: positions are closed at that bar's close."""
        t, decided = decisions[0].bar, decisions[0].bar_time
        if any(t + 1 >= len(seen.bars) or int(seen.bars.time[t]) != decided for seen in snapshots):
            raise ValueError(f"the snapshot does not hold the bar after the one of {decided} that was decided on")
        names = ("open", "high", "low", "close", "volume")
        self.fill(decisions, tuple(np.array([getattr(seen.bars, name) for seen in snapshots], np.float64) for name in names), last=last)

    def follow(self, market: MarketView, times: np.ndarray, window: tuple[int, int]) -> list[Decisions]:
        """Decide on bars window[0] .. window[1] - 2 and fill each on the next, as long as the agent lives; times int64 [bars]."""
        found: list[Decisions] = []
        for t in range(window[0], window[1] - 1):
            if not self.alive:
                break
            found.append(self.consider(market, times, t))
            self.fill(found[-1], market.bars)
        return found

    def consider(self, market: MarketView, times: np.ndarray, t: int) -> Decisions:
        """What the agent wants at the close of bar t; nothing that comes after it is looked at."""
        view, own = (self.accounts, t, market.prices[3], market.features), (self._sizes, self._scratch, self._private, self._rules)
        thinker(self.settings.network.kind)(self.agents, *view, self.weights, *own)
        q = self._scratch[1].astype(float)
        return tuple(self._decision(s, t, int(times[t]), tuple(q[s].tolist())) for s in range(self.symbols))

    def _decision(self, symbol: int, t: int, time: int, q: tuple[float, ...]) -> TradeDecision:
        choice = int(self.accounts[1]["choice"][symbol])
        still = choice in (1, NO_ACTION)
        exposure = None if still else float(wanted_exposure(self.agents, choice, self._rules, self.symbols))
        return TradeDecision(int(self.agents["number"][0]), symbol, t, time, choice, q, exposure)

    def fill(self, decisions: Decisions, prices: tuple[np.ndarray, ...], *, last: bool = False) -> None:
        """Book the bar after decisions. prices: open, high, low, close, volume, float64 [S, bars] each."""
        q, t = np.array([decision.q for decision in decisions], np.float32), decisions[0].bar
        self.accounts[1]["choice"] = [decision.action for decision in decisions]
        if self.booked + TRADES_A_BAR * self.symbols > len(self.book):
            self.book = records(np.concatenate([np.asarray(self.book), np.zeros(len(self.book), TRADE)]))
        tail = (self._rules, self._costs, self.book, self.booked, self.scars, last)
        self.booked = int(carry_out(self.agents, self.accounts, self.window, t, prices, q, *tail))
        self._closes = prices[3][:, t + 1]

    @property
    def exposures(self) -> tuple[float, ...]:
        """Signed position in each symbol over equity, as last marked."""
        equity = float(self.accounts[0]["equity"][0])
        return tuple((self.accounts[1]["quantity"] * self._closes / equity).tolist()) if equity > 0 else (0.0,) * self.symbols

    def judge(self) -> np.ndarray:
        """AGENT [1] with fitness, trust and tier after all bars so far, as at the end of a competition window."""
        equity = float(self.accounts[0]["equity"][0])
        self.window["log_growth"] = np.log(max(equity, 1e-9 * self.began) / self.began)
        judged = np.asarray(self.agents).copy()
        grow(judged, np.asarray(self.window), self.settings)
        return judged
