"""Who the canary watches: agents as they stand, newcomers through a whole round with its practice,
or a rule.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from agents.strategies.base import TradingStrategy
from arena.engine.judging.canary import Play, PlayedWindow
from arena.engine.judging.evaluate import run_strategy, with_fresh_money
from arena.engine.play import Desk, fresh_block, memory_of, play, records
from arena.engine.results import Birth, RoundPlan
from arena.engine.trading.windows import NONE
from arena.prices.market.view import MarketView
from arena.settings_schema import Settings
from ml.sums import total


def competing(agents: np.ndarray, weights: np.ndarray, settings: Settings, start: int) -> Play:
    """Agents AGENT [n] with weights float32 [n, parameters] compete from bar `start` on, with fresh
    money, the dead too.

    They stay as they are.
    """

    def once(market: MarketView, stop: int) -> PlayedWindow:
        desk, copies, bars = (
            Desk(settings, market),
            records(with_fresh_money(agents, settings)),
            stop - start,
        )
        actions, private = np.full((len(agents), market.symbols, bars), NONE, np.uint8), []
        for i in range(len(agents)):
            memory = memory_of(market.symbols, bars + 1)
            desk.begin_window()
            desk.compete(copies, i, (start, stop), memory, 0, weights[i], actions[i])
            private.append(memory.private)
        return _played(actions[:, :, : bars - 1], np.stack(private)[:, :, : bars - 1])

    return once


def newcomers(births: Sequence[Birth], settings: Settings, plan: RoundPlan) -> Play:
    """Newborns practise as `plan` says and then compete; they remember enough to look back over the
    competition.
    """
    start, length = plan.competition[0], plan.competition[1] - plan.competition[0]

    def once(market: MarketView, stop: int) -> PlayedWindow:
        learning = settings.learning.model_copy(
            update={"replay": max(settings.learning.replay, market.symbols * (length + 1))}
        )
        able = settings.model_copy(update={"learning": learning})
        block = fresh_block(births, able, market.symbols)
        result = play(block, market, replace(plan, competition=(start, stop)), able)
        head = total(last - first for first, last in plan.practice)
        seen = (head + np.arange(stop - start - 1)) % block.bar.shape[1]
        return _played(result.actions[:, :, : stop - start - 1], block.private[:, :, seen])

    return once


def follower(make: Callable[[], TradingStrategy], settings: Settings, start: int) -> Play:
    """A strategy, made anew for each run and symbol, trades from bar `start` on; of what it sees of
    itself nothing is kept.
    """

    def once(market: MarketView, stop: int) -> PlayedWindow:
        _, _, actions = run_strategy(
            [make() for _ in range(market.symbols)], market, (start, stop), settings
        )
        return _played(actions[None], np.zeros((1, *actions.shape, 0), np.float32))

    return once


def _played(actions: np.ndarray, private: np.ndarray) -> PlayedWindow:
    """actions uint8 [agents, S, bars]; private float32 [agents, S, bars, any]."""
    seen = np.moveaxis(private, 1, 2)
    return PlayedWindow(
        np.moveaxis(actions, 1, 2), np.ascontiguousarray(seen).reshape(*seen.shape[:2], -1)
    )
