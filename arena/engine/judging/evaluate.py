"""How agents and rules do on a stretch of the market with fresh money, exploration and learning
off; no agent is scarred or dies.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from agents.life.lifecycle import ACTIVE, BANKRUPT, OVERFLOW
from agents.life.trust import BRONZE, exposure_cap, probabilistic_sharpe
from agents.strategies.base import TradingStrategy
from agents.strategies.rules import rules_of_market
from arena.engine.generations.fitness import score_of, sharpe_of
from arena.engine.judging.growth import LEAST_SHARE, return_of
from arena.engine.judging.metrics import deepest_of, metrics
from arena.engine.judging.tracks import Ended, ended_of
from arena.engine.play import Desk, account_of, by_sequence, costs_of, memory_of, records, rules_of
from arena.engine.results import SCAR, TRADE
from arena.engine.trading.contexts import Accounts, Books, Station
from arena.engine.trading.ledger import (
    DEATH,
    LOG_TWO,
    MOST_MONEY,
    WINDOW_END,
    act_on,
    close_all,
    exposure,
    forced_out,
    fresh,
    mark,
    next_bar,
    rebase,
    uncountable,
)
from arena.engine.trading.observation import observe, private_inputs
from arena.engine.trading.windows import NONE, WINDOW, count_bar
from arena.prices.market.view import Market, MarketView, Prices
from arena.settings_schema import Settings
from ml.kernels.compiled import kernel
from ml.networks.base import INPUTS, PUBLIC
from ml.rng import Purpose, stream
from ml.sums import total


@dataclass(frozen=True)
class Run:
    """What one account did on a stretch: sums, a WINDOW record; trades, TRADE [any]; by bar,
    float64 [bars - 1] each: returns, exposures.

    Who ended early stands still from then on: all bars count, and nothing is earned or held after
    `ended.bar`.
    """

    window: np.void
    trades: np.ndarray
    returns: np.ndarray
    exposures: np.ndarray
    ended: Ended = Ended()

    def figures(self) -> dict[str, float | None]:
        """See `figures_of`."""
        return figures_of(self.window, len(self.trades))

    def measures(self, per_year: float) -> dict[str, Any]:
        """The same and everything of `arena.engine.judging.metrics`, with `per_year` bars a year;
        log_growth; ended_bar, ended_because.
        """
        ending = {
            "log_growth": float(self.window["log_growth"]),
            "ended_bar": self.ended.bar,
            "ended_because": self.ended.because,
        }
        return (
            metrics(self.returns, self.exposures, self.trades, per_year) | self.figures() | ending
        )


@dataclass(frozen=True)
class AgentRun(Run):
    """What an agent did, with its choices, uint8 [S, bars - 1]."""

    choices: np.ndarray = field(kw_only=True)


def runs(
    weights: np.ndarray,
    agents: np.ndarray,
    market: MarketView,
    stretch: tuple[int, int],
    settings: Settings,
) -> Iterator[AgentRun]:
    """Each agent on bars stretch[0] .. stretch[1] - 1. weights float32 [n, parameters]; agents
    AGENT [n] stay as they are.
    """
    track = np.zeros((stretch[1] - stretch[0], 2))
    for desk, trades, ended, path in _played(weights, agents, market, stretch, settings, track):
        run = run_of(desk.window, trades, track[:-1], ended)
        yield AgentRun(**vars(run), choices=path[:, :-1].copy())


def _played(
    weights: np.ndarray,
    agents: np.ndarray,
    market: MarketView,
    stretch: tuple[int, int],
    settings: Settings,
    track: np.ndarray,
) -> Iterator[tuple[Desk, np.ndarray, Ended, np.ndarray]]:
    """The desk, the trades, the end and the choices, uint8 [S, bars], of one agent after another;
    `track` as the desk takes it, written anew for each.

    The window counts all bars of the stretch, those too in which one who ended early stood still.
    """
    quiet = settings.model_copy(
        update={
            "learning": settings.learning.model_copy(
                update={"epsilon_compete": 0.0, "priority": 0.0}
            )
        }
    )
    desk, copies = Desk(quiet, market, for_real=False), records(with_fresh_money(agents, settings))
    memory, path = (
        memory_of(market.symbols, 2),
        np.empty((market.symbols, stretch[1] - stretch[0]), np.uint8),
    )
    desk.track = track
    for i in range(len(copies)):
        desk.begin_window()
        track[:] = 0.0
        path[:] = NONE
        trades = desk.compete(copies, i, stretch, memory, 0, weights[i], path)
        ended = ended_of(int(copies["state"][i]), stretch[0], int(desk.window["bars"][0]))
        desk.window["bars"] = stretch[1] - stretch[0] - 1
        yield desk, trades, ended, path


def joined(parts: Sequence[Run]) -> Run:
    """Stretches one after another, at least one, as if money were carried over from each to the
    next.
    """
    window, returns = parts[0].window.copy(), np.concatenate([part.returns for part in parts])
    for name in ("bars", "log_growth", "sum1", "sum2", "sum3", "sum4", "downside2", "exposure"):
        window[name] = total(part.window[name] for part in parts)
    window["max_drawdown"] = deepest_of(returns)
    return Run(
        window,
        np.concatenate([part.trades for part in parts]),
        returns,
        np.concatenate([part.exposures for part in parts]),
    )


def evaluate(
    weights: np.ndarray,
    agents: np.ndarray,
    market: MarketView,
    stretch: tuple[int, int],
    settings: Settings,
) -> list[dict[str, float | None]]:
    """Figures of each agent, see `runs`; nothing is kept bar by bar."""
    played = _played(weights, agents, market, stretch, settings, np.zeros((0, 2)))
    return [figures_of(desk.window[0], len(trades)) for desk, trades, _, _ in played]


def run_of(window: np.ndarray, trades: np.ndarray, track: np.ndarray, ended: Ended) -> Run:
    """From sums, WINDOW [1], and net return of and exposure in each bar, float64 [bars - 1, 2]."""
    return Run(
        np.asarray(window)[0].copy(), trades.copy(), track[:, 0].copy(), track[:, 1].copy(), ended
    )


def figures_of(window: np.void, trades: int) -> dict[str, float | None]:
    """return and max_drawdown (shares), trades, sharpe (per bar; None where returns do not vary),
    psr (chance that sharpe is above 0).
    """
    sharpe = sharpe_of(window)
    sums = [float(window[f"sum{k}"]) for k in (1, 2, 3, 4)]
    return {
        "return": return_of(float(window["log_growth"])),
        "sharpe": None if np.isnan(sharpe) else sharpe,
        "max_drawdown": float(window["max_drawdown"]),
        "trades": trades,
        "psr": probabilistic_sharpe(int(window["bars"]), *sums),
    }


def with_fresh_money(agents: np.ndarray, settings: Settings) -> np.ndarray:
    """Copies that keep traits, scars and tier, and start over with a founder's money."""
    copies = agents.copy()
    for name in ("endowment", "equity", "peak"):
        copies[name] = settings.life.endowment
    copies["state"] = 0
    return copies


@kernel
def begin(accounts: Accounts, money: float) -> None:
    """Fresh money."""
    fresh(accounts.account[0], accounts.positions, money)


@kernel
def state_of(equity, money):
    """ACTIVE; BANKRUPT where next to nothing is left of the `money` an account began with; OVERFLOW
    beyond what books can hold.
    """
    if uncountable(equity):
        return OVERFLOW
    return BANKRUPT if equity < LEAST_SHARE * money else ACTIVE


@kernel
def look(accounts: Accounts, symbol: int, market: Market, t: int, x: np.ndarray) -> None:
    """x float32 [24]: what the owner of accounts sees of one symbol at the close of bar t."""
    closes = market.prices.close
    private_inputs(
        accounts.account[0], accounts.positions[symbol], closes[symbol, t], 1.0, x[PUBLIC:]
    )
    observe(market.features, symbol * closes.shape[1] + t, x[PUBLIC:], True, x)


@kernel
def carry_out(
    station: Station, t: int, prices: Prices, cap: float, money: float, last: bool
) -> int:
    """Carry out the choices that stand in the positions, made at the close of bar t; trades closed
    since the account began.

    cap: largest exposure; money: what the account began with. Where it can trade no more, all is
    closed: see `state_of`.
    """
    account, positions = station.accounts.account[0], station.accounts.positions
    rules, sums = station.rules[0], station.sums[0]
    books = Books(account, positions, station.costs[0], 1.0, station.book, 0)
    next_bar(account, positions, prices.close, t)
    act_on(books, t + 1, prices, rules.long_short, cap)
    forced_out(books, t + 1, prices, rules)
    mark(books, t + 1, prices.close)
    exposed = exposure(account, positions, prices.close, t + 1)
    if last or state_of(account.equity, money) != ACTIVE:
        close_all(books, t + 1, prices, WINDOW_END if last else DEATH)
    count_bar(sums, account.before, account.equity, exposed)
    sums.peak *= rebase(account, positions, money)
    return account.trades


def run_strategy(
    strategies: Sequence[TradingStrategy],
    market: MarketView,
    stretch: tuple[int, int],
    settings: Settings,
) -> tuple[np.void, np.ndarray, np.ndarray]:
    """Sums, trades, and actions, uint8 [S, stretch[1] - stretch[0] - 1]; see `follow`."""
    run, actions = follow(strategies, market, stretch, settings)
    return run.window, run.trades, actions


def follow(
    strategies: Sequence[TradingStrategy],
    market: MarketView,
    stretch: tuple[int, int],
    settings: Settings,
    *,
    called: bool = True,
) -> tuple[Run, np.ndarray]:
    """One strategy for each symbol, on bars stretch[0] .. stretch[1] - 1 with one account between
    them; and their actions.

    It has a founder's money, no scars and bronze tier. called: whether there are margin calls;
    where not, it is out of the market once nothing is left.
    """
    start, stop = stretch
    accounts, window = account_of(market.symbols), records(np.zeros(1, WINDOW))
    account, positions = accounts.account, accounts.positions
    book, x = (
        records(np.zeros(market.symbols * (stop - start), TRADE)),
        np.zeros(INPUTS, np.float32),
    )
    cap = exposure_cap(BRONZE, settings.life.max_leverage, 0, 1.0, 1.0)
    rules, reported = rules_of(settings, for_real=False), 0
    rules["uncalled"] = not called
    station = Station(accounts, rules, costs_of(settings), window, book, records(np.zeros(0, SCAR)))
    actions, track = (
        np.zeros((market.symbols, stop - start - 1), np.uint8),
        np.zeros((stop - start - 1, 2)),
    )
    money = settings.life.endowment
    begin(accounts, money)
    for t in range(start, stop - 1):
        held = float(window["exposure"][0])
        for symbol, strategy in enumerate(strategies):
            look(accounts, symbol, market.seen, t, x)
            positions["choice"][symbol] = actions[symbol, t - start] = strategy.decide(x)
        closed = carry_out(station, t, market.prices, cap, money, t == stop - 2)
        track[t - start] = (
            account["equity"][0] / account["before"][0] - 1.0,
            window["exposure"][0] - held,
        )
        for trade in np.asarray(book[reported:closed]):
            profit, owner = float(trade["net_profit"]), strategies[trade["symbol"]]
            owner.on_win(profit) if profit > 0 else owner.on_loss(-profit)
        reported = closed
        if state_of(float(account["equity"][0]), money) != ACTIVE:
            break
    return run_of(
        window, by_sequence(book[:reported]), track, settled(account, window, stretch, money)
    ), actions


def settled(
    account: np.ndarray, window: np.ndarray, stretch: tuple[int, int], money: float
) -> Ended:
    """How an account, ACCOUNT [1], that began with `money` came through a stretch; its sums, WINDOW
    [1], count all bars from here on.
    """
    state, equity = state_of(float(account["equity"][0]), money), float(account["equity"][0])
    ended = ended_of(state, stretch[0], int(window["bars"][0]))
    equity = min(max(equity, LEAST_SHARE * money), MOST_MONEY)
    window["bars"] = stretch[1] - stretch[0] - 1
    window["log_growth"] = np.log(equity / money) + int(account["halvings"][0]) * LOG_TWO
    # more than everything cannot be lost, whatever is owed
    window["max_drawdown"] = min(float(window["max_drawdown"][0]), 1.0)
    return ended


def terms_of_rules(settings: Settings) -> Settings:
    """The same market, costs and direction on a baseline's terms: once its own money at entry, and
    no stop or profit ends a trade.
    """
    life = {"max_leverage": 1.0, "stop_loss": 0.0, "take_profit": 0.0}
    return settings.model_copy(update={"life": settings.life.model_copy(update=life)})


def baseline_runs(
    market: MarketView, stretch: tuple[int, int], settings: Settings, index: int
) -> dict[str, Run]:
    """Every rule that looks at the market alone on one stretch, one of it for each symbol; `index`
    (the round, or -1 for a whole stretch) addresses the random policy's stream.

    All of them trade once their own money, and nothing takes a position from them but ruin: who
    buys and holds, or sells short and holds, holds, whatever leverage, stops and margin agents live
    with.
    """
    terms, rng = terms_of_rules(settings), stream(settings.seed, Purpose.RANDOM_POLICY, index + 1)
    rules = rules_of_market(settings.life.direction).items()
    return {
        name: follow(
            [make(rng) for _ in range(market.symbols)], market, stretch, terms, called=False
        )[0]
        for name, make in rules
    }


def baselines(
    market: MarketView, stretch: tuple[int, int], settings: Settings, index: int
) -> dict[str, dict[str, float | None]]:
    """Figures and score (fitness of the window) of every rule strategy on one stretch, see
    `baseline_runs`.
    """
    kind, found = settings.evolution.fitness, baseline_runs(market, stretch, settings, index)
    return {
        name: {**run.figures(), "score": score_of(kind, run.window)} for name, run in found.items()
    }
