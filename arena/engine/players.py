"""Who the canary watches: agents as they stand, newcomers through a whole round with its practice, or a rule."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from agents.strategies.base import TradingStrategy
from arena.engine.canary import Play, Played
from arena.engine.evaluate import run_strategy, with_fresh_money
from arena.engine.play import Desk, MarketView, fresh_block, play, records
from arena.engine.results import Birth, RoundPlan
from arena.engine.windows import NONE, WINDOW
from arena.settings_schema import Settings
from ml.networks.base import PRIVATE


def competing(agents: np.ndarray, weights: np.ndarray, settings: Settings, start: int) -> Play:
    """Agents AGENT [n] with weights float32 [n, parameters] compete from bar `start` on, with fresh money, the dead too.

    They stay as they are.
    """

    def once(market: MarketView, stop: int) -> Played:
        desk, copies, bars = Desk(settings, market), records(with_fresh_money(agents, settings)), stop - start
        actions, private = np.full((len(agents), bars), NONE, np.uint8), np.zeros((len(agents), bars + 1, PRIVATE), np.float32)
        for i in range(len(agents)):
            memory = (private[i], np.zeros(bars + 1, np.int8), np.zeros(bars + 1, np.float32), np.zeros(bars + 1, np.int32))
            desk.window[0] = np.zeros((), WINDOW)
            desk.compete(copies, i, (start, stop), memory, 0, (weights[i],) * 4, actions[i])
        return Played(actions[:, : bars - 1], private[:, : bars - 1])

    return once


def newcomers(births: Sequence[Birth], settings: Settings, plan: RoundPlan) -> Play:
    """Newborns practise as `plan` says and then compete; they remember enough to look back over the competition."""
    start, stop = plan.competition
    learning = settings.learning.model_copy(update={"replay": max(settings.learning.replay, stop - start + 1)})
    able = settings.model_copy(update={"learning": learning})

    def once(market: MarketView, stop: int) -> Played:
        block = fresh_block(births, able)
        result = play(block, market, replace(plan, competition=(start, stop)), able)
        head = sum(last - first for first, last in plan.practice)
        seen = (head + np.arange(stop - start - 1)) % learning.replay
        return Played(result.actions[:, : stop - start - 1], block.private[:, seen])

    return once


def follower(make: Callable[[], TradingStrategy], settings: Settings, start: int) -> Play:
    """A strategy, made anew for each run, trades from bar `start` on; of what it sees of itself nothing is kept."""

    def once(market: MarketView, stop: int) -> Played:
        _, _, actions = run_strategy(make(), market, (start, stop), settings)
        return Played(actions[None], np.zeros((1, len(actions), 0), np.float32))

    return once
