"""P11: what the close of a round costs (deaths, parents, children and their mutations, books),
beside the round itself.
"""

import time

import numpy as np

from arena.engine.generations.close import close
from arena.engine.generations.founders import founders
from arena.engine.play import fresh_block, play
from arena.engine.results import Purse, RoundPlan
from benchmarks.ours import BLOCK
from benchmarks.report import Goal, Result, result
from benchmarks.work import LAYERS, QUICK, ROUNDS, WINDOW, market, settings_of, window_start

AGENTS = 128 if QUICK else 1024
# an age at which every agent may be outcompeted
INDEX = 10
MOST = 0.01


def measure() -> list[Result]:
    """Seconds of play and of close, round after round."""
    prices, settings = market(), settings_of(LAYERS["L=2"], AGENTS)
    births = founders(settings)
    blocks = [fresh_block(births[i : i + BLOCK], settings, 1) for i in range(0, AGENTS, BLOCK)]
    play(fresh_block(births[:2], settings, 1), prices, plan_of(0), settings)
    played, closed, born = [], [], []
    for number in range(ROUNDS):
        plan, began = plan_of(number), time.perf_counter()
        figures = np.concatenate([play(block, prices, plan, settings).figures for block in blocks])
        played.append(time.perf_counter() - began)
        population = (
            np.concatenate([block.agents for block in blocks]),
            figures,
            np.concatenate([block.online for block in blocks]),
        )
        began = time.perf_counter()
        born.append(float(_close(*population, plan, settings)))
        closed.append(time.perf_counter() - began)
    name, peer = f"evolution step of {AGENTS:,} agents", "the round before it"
    goal = Goal("P11", MOST, "<=")
    return [
        result(name, closed, "s", peer=peer, against=played, goal=goal),
        result(f"round of {AGENTS:,} agents: practice and competition", played, "s"),
        result(f"births in an evolution step of {AGENTS:,} agents", born, "agents"),
    ]


def plan_of(number: int) -> RoundPlan:
    """Two practice windows and a competition."""
    practice = tuple(
        (start, start + WINDOW)
        for start in (window_start(2 * number), window_start(2 * number + 1))
    )
    return RoundPlan(INDEX + number, (5000, 5000 + WINDOW), practice, False)


def _close(
    agents: np.ndarray, figures: np.ndarray, weights: np.ndarray, plan: RoundPlan, settings
) -> int:
    """Births of a close after which everything stays as it was."""
    purse = Purse(treasury=0.0, money_put_in=AGENTS * settings.life.endowment)
    options = {
        "weights_of": weights.__getitem__,
        "born_weights_of": weights.__getitem__,
        "figures": figures,
    }
    result = close(
        agents,
        plan,
        purse,
        settings,
        **options,
        next_number=AGENTS + 1,
        retire=frozenset(),
        last=False,
    )
    return len(result.births)
