"""One agent at a live market, bar by bar: snapshot -> features -> network -> decision -> execution
-> metrics, scars, trust.

The kernels are those of `arena.engine.trading.competition`, in the same order: an agent that is fed
the bars of a history one at a time decides, trades and suffers as in a block that plays the history
in one go. What scars do to weights is, as there, done afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from agents.life.lifecycle import ACTIVE, DIVERGED
from arena.engine.generations.growth import grow
from arena.engine.judging.evaluate import begin
from arena.engine.play import (
    MOST_SCARS,
    account_of,
    by_sequence,
    costs_of,
    mind_of,
    records,
    rules_of,
)
from arena.engine.results import AGENT, SCAR, TRADE
from arena.engine.trading.competition import fill, settle
from arena.engine.trading.contexts import Mind, Station
from arena.engine.trading.ledger import next_bar
from arena.engine.trading.observation import observe, private_inputs
from arena.engine.trading.windows import WINDOW, books_of, cap_of
from arena.prices.market.snapshot import STALE, MarketSnapshot
from arena.prices.market.view import Market, MarketView, Prices
from arena.settings_schema import Settings
from ml.kernels.compiled import bind, kernel, template
from ml.learning.exploration import NO_ACTION, bound_of, greedy
from ml.networks.base import PRIVATE, Network, Seen, View
from ml.networks.q_net import Q_NET
from ml.networks.registry import NETWORKS
from ml.params import aligned

FIRST_TRADES = 64
# closed by one bar at most, of each symbol: a reversal's, a liquidation's, a death's
TRADES_A_BAR = 3
# stands for any: `thinker` binds each
network: Network = Q_NET


class StaleMarket(ValueError):
    """Agents do not trade on a market that has stood still; says since when."""


@dataclass(frozen=True)
class TradeDecision:
    """What an agent wants of one symbol at the close of a bar, to be filled at the next one's open.

    action: 0 SELL, 1 HOLD, 2 BUY, -1 where the network's values are beyond their bound; q: the
    values; exposure: signed target after it.
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
            raise StaleMarket(
                f"{seen.source} {seen.symbol} has no bar since {when} UTC,"
                f" {seen.age_bars(now_ms):.0f} bars ago{why}"
            )


@template
def think(
    agents: Any, station: Station, market: Market, t: int, mind: Mind, private: np.ndarray
) -> None:
    """Greedy choices of the owner of agents, AGENT [1], at the close of bar t, into the positions.

    private: float32 [4], room for what it sees of itself.
    """
    agent, account, positions = agents[0], station.accounts.account[0], station.accounts.positions
    closes = market.prices.close
    bound = bound_of(station.rules[0].largest_reward, agent.gamma)
    for s in range(positions.shape[0]):
        row = s * closes.shape[1] + t
        private_inputs(account, positions[s], closes[s, t], agent.cost_multiplier, private)
        observe(market.features, row, private, agent.scars == 0, mind.x)
        seen = Seen(mind.x, row, View(market.features, agent.scars == 0))
        network.act(mind.weights, mind.sizes, seen, mind.carried[s], mind.work, mind.q[s])
        positions[s].choice = greedy(mind.q[s], bound)


@kernel
def wanted_exposure(agents, choice, rules, symbols):
    """Signed exposure that an action asks for: a symbol's share of the cap of agents, AGENT [1],
    its mirror where it may sell short. rules: RULES [1].
    """
    share = cap_of(agents[0], rules[0]) / symbols
    if choice == 2:
        return share
    return -share if rules[0].long_short else 0.0


@kernel
def carry_out(
    agents: Any, station: Station, t: int, prices: Prices, q: np.ndarray, booked: int, last: bool
) -> int:
    """Fill at the open of bar t + 1 what was chosen at the close of t, and book that bar; trades
    closed so far. agents: AGENT [1]; q: float32 [S, 3].
    """
    agent, account, positions = agents[0], station.accounts.account[0], station.accounts.positions
    next_bar(account, positions, prices.close, t)
    for s in range(positions.shape[0]):
        if positions[s].choice == NO_ACTION:
            agent.state = DIVERGED
    if agent.state == ACTIVE:
        fill(agent, books_of(agent, station), t, prices, station.rules[0])
    booked, _ = settle(agent, station, t, prices, q, booked, last)
    agent.equity = account.equity
    return booked


@lru_cache
def thinker(kind: str) -> Any:
    """`think` for one kind of network."""
    return bind(think, f"live_{kind}", network=NETWORKS[kind])


class Seat:
    """One agent's place at a live market: its record, its money, and what its network carries from
    bar to bar.

    agent: AGENT record, copied; weights: float32 [parameters]. The account begins with the agent's
    equity and no position in any symbol.
    """

    def __init__(
        self, agent: np.ndarray | np.void, weights: np.ndarray, settings: Settings, symbols: int = 1
    ):
        network, hidden = NETWORKS[settings.network.kind], settings.network.hidden
        network.check(hidden, weights)
        self.settings, self.symbols = settings, symbols
        self.agents = records(np.array([agent], AGENT))
        self.mind = mind_of(settings, symbols, aligned(len(weights)))
        self.mind.weights[:] = weights
        self.accounts, self.window = account_of(symbols), records(np.zeros(1, WINDOW))
        self.began = float(self.agents["equity"][0])
        begin(self.accounts, self.began)
        self.accounts.account["peak"] = self.agents["peak"]
        self.book, self.scars = (
            records(np.zeros(FIRST_TRADES, TRADE)),
            records(np.zeros(MOST_SCARS, SCAR)),
        )
        self.booked = 0
        self._rules, self._costs = rules_of(settings), costs_of(settings)
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
        """What the agent wants at the close of the snapshots' last bar; once for each bar.
        StaleMarket where that was too long ago.

        snapshots: one a symbol, with bars of the same times.
        """
        refuse_stale(snapshots, now_ms)
        times = snapshots[0].bars.time
        return self.consider(
            MarketView.of([seen.bars for seen in snapshots]), times, len(times) - 1
        )

    def execute(
        self, decisions: Decisions, snapshots: Sequence[MarketSnapshot], *, last: bool = False
    ) -> None:
        """Fill decisions on the bar after them, which `snapshots` hold; `last`: positions are
        closed at that bar's close.
        """
        t, decided = decisions[0].bar, decisions[0].bar_time
        if any(t + 1 >= len(seen.bars) or int(seen.bars.time[t]) != decided for seen in snapshots):
            raise ValueError(
                f"the snapshot does not hold the bar after the one of {decided} that was decided on"
            )
        prices = (
            np.array([getattr(seen.bars, name) for seen in snapshots], np.float64)
            for name in Prices._fields
        )
        self.fill(decisions, Prices(*prices), last=last)

    def follow(
        self, market: MarketView, times: np.ndarray, window: tuple[int, int]
    ) -> list[Decisions]:
        """With (start, stop) a window: decide on bars start .. stop - 2 and fill each on the next,
        as long as the agent lives; times int64 [bars].
        """
        start, stop = window
        found: list[Decisions] = []
        for t in range(start, stop - 1):
            if not self.alive:
                break
            found.append(self.consider(market, times, t))
            self.fill(found[-1], market.prices)
        return found

    def consider(self, market: MarketView, times: np.ndarray, t: int) -> Decisions:
        """What the agent wants at the close of bar t; nothing that comes after it is looked at."""
        think_so = thinker(self.settings.network.kind)
        think_so(self.agents, self._station(), market.seen, t, self.mind, self._private)
        q = self.mind.q.astype(float)
        return tuple(
            self._decision(s, t, int(times[t]), tuple(q[s].tolist())) for s in range(self.symbols)
        )

    def _station(self) -> Station:
        return Station(self.accounts, self._rules, self._costs, self.window, self.book, self.scars)

    def _decision(self, symbol: int, t: int, time: int, q: tuple[float, ...]) -> TradeDecision:
        choice = int(self.accounts.positions["choice"][symbol])
        still = choice in (1, NO_ACTION)
        exposure = (
            None
            if still
            else float(wanted_exposure(self.agents, choice, self._rules, self.symbols))
        )
        return TradeDecision(int(self.agents["number"][0]), symbol, t, time, choice, q, exposure)

    def fill(self, decisions: Decisions, prices: Prices, *, last: bool = False) -> None:
        """Book the bar after decisions; prices float64 [S, bars] each."""
        q, t = np.array([decision.q for decision in decisions], np.float32), decisions[0].bar
        self.accounts.positions["choice"] = [decision.action for decision in decisions]
        if self.booked + TRADES_A_BAR * self.symbols > len(self.book):
            self.book = records(
                np.concatenate([np.asarray(self.book), np.zeros(len(self.book), TRADE)])
            )
        self.booked = int(carry_out(self.agents, self._station(), t, prices, q, self.booked, last))
        self._closes = prices.close[:, t + 1]

    @property
    def exposures(self) -> tuple[float, ...]:
        """Signed position in each symbol over equity, as last marked."""
        equity = float(self.accounts.account["equity"][0])
        return (
            tuple((self.accounts.positions["quantity"] * self._closes / equity).tolist())
            if equity > 0
            else (0.0,) * self.symbols
        )

    def judge(self) -> np.ndarray:
        """AGENT [1] with fitness, trust and tier after all bars so far, as at the end of a
        competition window.
        """
        equity = float(self.accounts.account["equity"][0])
        self.window["log_growth"] = np.log(max(equity, 1e-9 * self.began) / self.began)
        judged = np.asarray(self.agents).copy()
        grow(judged, np.asarray(self.window), self.settings)
        return judged
