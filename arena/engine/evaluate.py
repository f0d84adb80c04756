"""How agents and rules do on a stretch of the market with fresh money, exploration and learning off; nobody is scarred or dies."""

import numpy as np

from agents.life.trust import BRONZE, exposure_cap, probabilistic_sharpe
from agents.strategies.base import TradingStrategy
from agents.strategies.rules import RULES
from arena.engine.fitness import sharpe_of
from arena.engine.ledger import ACCOUNT, WINDOW_END, act_on, close_position, exposure_of, fresh, liquidated, mark
from arena.engine.observation import observe, private_inputs
from arena.engine.play import Desk, MarketView, costs_of, records
from arena.engine.results import TRADE
from arena.engine.windows import WINDOW, count_bar
from arena.settings_schema import Settings
from ml.compiled import kernel
from ml.networks.base import INPUTS, PRIVATE, PUBLIC
from ml.rng import Purpose, stream


def evaluate(
    weights: np.ndarray, agents: np.ndarray, market: MarketView, stretch: tuple[int, int], settings: Settings
) -> list[dict[str, float | None]]:
    """Figures of each agent on bars stretch[0] .. stretch[1] - 1. weights float32 [n, parameters]; agents AGENT [n] stay as they are."""
    quiet = settings.model_copy(update={"learning": settings.learning.model_copy(update={"epsilon_compete": 0.0, "priority": 0.0})})
    desk, copies = Desk(quiet, market, scarring=False), records(with_fresh_money(agents, settings))
    memory = (np.zeros((2, PRIVATE), np.float32), np.zeros(2, np.int8), np.zeros(2, np.float32), np.zeros(2, np.int32))
    result = []
    for i in range(len(copies)):
        desk.window[0] = np.zeros((), WINDOW)
        path = np.zeros(stretch[1] - stretch[0], np.uint8)
        desk.compete(copies, i, stretch, memory, 0, (weights[i],) * 4, path)
        result.append(figures_of(desk.window[0], int(desk.account["trades"][0])))
    return result


def figures_of(window: np.void, trades: int) -> dict[str, float | None]:
    """return and max_drawdown (shares), trades, sharpe (per bar; None where returns do not vary), psr (chance that sharpe is above 0)."""
    sharpe = sharpe_of(window)
    sums = [float(window[f"sum{k}"]) for k in (1, 2, 3, 4)]
    return {
        "return": float(np.expm1(window["log_growth"])),
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
def begin(accounts, money):
    """Fresh money for accounts [1]."""
    fresh(accounts[0], money)


@kernel
def look(accounts, features, t, price, x):
    """x float32 [24]: what the owner of accounts [1] sees at the close of bar t."""
    private_inputs(accounts[0], price, 1.0, x[PUBLIC:])
    observe(features, t, x[PUBLIC:], True, x)


@kernel
def carry_out(accounts, window, t, prices, action, long_short, cap, cost, book, last):
    """Carry out what was decided at the close of bar t; the number of trades closed since the account began."""
    account, sums, costs = accounts[0], window[0], cost[0]
    opens, highs, lows, closes = prices
    before = account.equity
    act_on(account, t + 1, opens[t + 1], action, long_short, cap, costs, 1.0, book, 0)
    liquidated(account, t + 1, lows[t + 1], highs[t + 1], costs, 1.0, book, 0)
    mark(account, closes[t + 1], costs)
    exposure = exposure_of(account, closes[t + 1])
    if last and account.quantity != 0.0:
        close_position(account, t + 1, closes[t + 1], costs, 1.0, WINDOW_END, book, 0)
    count_bar(sums, before, account.equity, exposure)
    return account.trades


def run_strategy(
    strategy: TradingStrategy, market: MarketView, stretch: tuple[int, int], settings: Settings
) -> tuple[np.void, np.ndarray, np.ndarray]:
    """Any strategy on bars stretch[0] .. stretch[1] - 1, with founder's money, no scars and bronze tier.

    Its sums, a WINDOW record; its trades, TRADE [any]; its actions, uint8 [stretch[1] - stretch[0] - 1].
    """
    start, stop = stretch
    accounts, window = records(np.zeros(1, ACCOUNT)), records(np.zeros(1, WINDOW))
    book, costs, x = records(np.zeros(stop - start, TRADE)), costs_of(settings), np.zeros(INPUTS, np.float32)
    cap = exposure_cap(BRONZE, settings.life.max_leverage, 0, 1.0, 1.0)
    short, told = int(settings.life.direction == "long_short"), 0
    actions = np.zeros(stop - start - 1, np.uint8)
    begin(accounts, settings.life.endowment)
    for t in range(start, stop - 1):
        look(accounts, market.features, t, market.prices[3][t], x)
        action = strategy.decide(x)
        actions[t - start] = action
        closed = carry_out(accounts, window, t, market.prices, action, short, cap, costs, book, t == stop - 2)
        for profit in book["net_profit"][told:closed]:
            strategy.on_win(float(profit)) if profit > 0 else strategy.on_loss(-float(profit))
        told = closed
    window["log_growth"] = np.log(max(float(accounts["equity"][0]), 1e-9) / settings.life.endowment)
    return np.asarray(window)[0], np.asarray(book[:told]), actions


def baselines(market: MarketView, stretch: tuple[int, int], settings: Settings, index: int) -> dict[str, dict[str, float | None]]:
    """Figures of every rule strategy on one stretch; `index` (the round, or -1 for the vault) addresses the random policy's stream."""
    rng = stream(settings.seed, Purpose.RANDOM_POLICY, index + 1)
    result = {}
    for name, make in RULES.items():
        window, trades, _ = run_strategy(make(rng), market, stretch, settings)
        result[name] = figures_of(window, len(trades))
    return result
