"""One experiment in a world whose law is known, and what share of the possible each contestant
earns.
"""

from typing import Any

import numpy as np

from agents.life.lifecycle import ACTIVE
from agents.strategies import linear, sides
from arena.engine.judging.algebra import fitted
from arena.engine.judging.champion import champion_slot
from arena.engine.judging.committee import COMBINERS, committee
from arena.engine.judging.evaluate import follow, runs, with_fresh_money
from arena.engine.judging.law import Law, law_of
from arena.engine.judging.oracle import best_growth, expected_growth
from arena.engine.play import Desk, memory_of, records
from arena.engine.schedule import bars_needed, vault
from arena.engine.trading.windows import NONE, WINDOW
from arena.engine.whole import World as Whole
from arena.engine.whole import advance, begin, ended
from arena.prices.market.simulators import SIMULATORS, simulate
from arena.prices.market.view import MarketView
from arena.settings_schema import Settings
from ml.rng import Purpose, stream


class Judge:
    """The vault of one market: what positions there are worth in expectation."""

    def __init__(self, settings: Settings):
        law_settings = settings.market
        figures = {
            name: getattr(law_settings, name) for name in SIMULATORS[law_settings.kind].figures
        }
        bars = simulate(
            law_settings.kind,
            bars_needed(settings),
            stream(settings.seed, Purpose.MARKET),
            **figures,
        )
        self.settings, self.market = settings, MarketView.of([bars])
        self.stretch = vault(len(bars), settings)
        start, stop = self.stretch
        self.law = Law(
            *(part[start : stop - 1] for part in law_of(self.market.bars_of(0), law_settings))
        )
        self.best = best_growth(self.market.bars_of(0), self.stretch, settings)

    def of(self, actions: np.ndarray) -> float:
        """Expected log growth of uint8 [bars - 1] actions."""
        short = self.settings.life.direction == "long_short"
        return expected_growth(sides.of_actions(actions, short), self.law, self.settings.costs)


def raised(settings: Settings, market: MarketView) -> Whole:
    """The experiment, played to its end in memory."""
    whole = begin(settings, 1)
    while not ended(whole, settings):
        advance(whole, market, settings)
    return whole


def actions_of(whole: Whole, judge: Judge) -> np.ndarray:
    """uint8 [agents, bars - 1]: what each does on the vault."""
    desk, agents = Desk(judge.settings, judge.market, for_real=False), whole.block.agents
    copies, length = (
        records(with_fresh_money(agents, judge.settings)),
        judge.stretch[1] - judge.stretch[0],
    )
    paths = np.full((len(agents), 1, length), NONE, np.uint8)
    for i in range(len(agents)):
        desk.window[0] = np.zeros((), WINDOW)
        desk.compete(copies, i, judge.stretch, memory_of(1, 2), 0, whole.block.online[i], paths[i])
    return paths[:, 0, :-1]


def regressions(judge: Judge) -> dict[str, tuple[float, float]]:
    """What lines of algebra earn, fitted to all bars an embargo before the vault."""
    found = {}
    for name, kind, basis in (
        ("ridge", "ridge", linear.plain),
        ("logistic", "logistic", linear.plain),
        ("ridge on products", "ridge", linear.products),
    ):
        line = fitted(kind, judge.market, judge.settings, basis)
        run, path = follow([line], judge.market, judge.stretch, judge.settings)
        found[name] = (judge.of(path[0]), float(run.window["log_growth"]))
    return found


def shares(settings: Settings) -> dict[str, Any]:
    """{contestant: (in expectation, through the ledger)}, log growth; and `best`, of the oracle."""
    judge = Judge(settings)
    whole = raised(settings, judge.market)
    block, living = whole.block, whole.block.agents["state"] == ACTIVE
    expected = np.array([judge.of(path) for path in actions_of(whole, judge)])
    booked = [
        run.window["log_growth"]
        for run in runs(block.online, block.agents, judge.market, judge.stretch, settings)
    ]
    slot = champion_slot(block.agents)
    found = {
        "best": judge.best,
        "median": (float(np.median(expected[living])), float(np.median(np.array(booked)[living]))),
        "champion": (float(expected[slot]), float(booked[slot])),
        "in hindsight": (float(expected[living].max()), 0.0),
        "scarred": float((block.agents["scars"][living] > 0).mean()),
    }
    for combiner in COMBINERS:
        members = (block.online[living], block.agents[living])
        run, path = committee(*members, judge.market, judge.stretch, settings, combiner)
        found[f"committee, {combiner}"] = (judge.of(path[0]), float(run.window["log_growth"]))
    return found
