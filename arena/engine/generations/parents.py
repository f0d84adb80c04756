"""Who becomes a parent, and by what: fitness, with a bonus for unlike behaviour where that is set.

The rules: docs/RULES.md#parents and #novelty.
"""

from collections.abc import Callable

import numpy as np

from agents.life.lifecycle import ACTIVE
from arena.engine.results import FIGURES
from arena.settings_schema import Evolution, Settings
from ml.evolution import selection
from ml.evolution.novelty import novelty
from ml.rng import Purpose, stream

Pick = Callable[[np.ndarray, np.ndarray, Evolution, np.random.Generator], int]
# kind of selection -> one of the able, by merit
PICKS: dict[str, Pick] = {
    "tournament": lambda merit, able, evolution, draw: selection.tournament(
        merit, able, evolution.tournament, draw
    ),
    "truncation": lambda merit, able, evolution, draw: selection.truncation(
        merit, able, evolution.truncation, draw
    ),
    "rank": lambda merit, able, evolution, draw: selection.rank(
        merit, able, evolution.rank_pressure, draw
    ),
    "fitness_proportionate": lambda merit, able, _, draw: selection.fitness_proportionate(
        merit, able, draw
    ),
}


def choose(
    able: np.ndarray, merit: np.ndarray, settings: Settings, index: int, number: int
) -> tuple[int, ...]:
    """Slots of the parents of agent `number`: none, one, or with crossover two where two are able.
    The first one pays.

    able: slots, int [m], in the order of the draw; merit: float64 [population], see `merit_of`.
    """
    draw = stream(settings.seed, Purpose.SELECTION, index, number)
    evolution = settings.evolution
    wanted = 2 if evolution.crossover else 1
    if evolution.selection == "off":
        return tuple(int(slot) for slot in selection.lot(able, wanted, draw))
    parents: tuple[int, ...] = ()
    while len(able) and len(parents) < wanted:
        parents += (PICKS[evolution.selection](merit, able, evolution, draw),)
        able = able[able != parents[-1]]
    return parents


def merit_of(
    agents: np.ndarray, figures: np.ndarray, bars: int, evolution: Evolution
) -> np.ndarray:
    """float64 [population]: what selection looks at. Fitness, plus for the living
    `evolution.novelty` x their novelty.

    agents: AGENT [population]; figures: float64 [population, len(FIGURES)] of a competition of
    `bars` bars.
    """
    merit = agents["fitness"].copy()
    if evolution.novelty:
        living = np.flatnonzero(agents["state"] == ACTIVE)
        merit[living] += evolution.novelty * novelty(
            behaviour(figures[living], bars), evolution.novelty_neighbours
        )
    return merit


def behaviour(figures: np.ndarray, bars: int) -> np.ndarray:
    """float64 [n, 2]: mean absolute exposure, and share of bars on which a trade began or ended;
    both 0 to 1 without leverage.
    """
    exposure, trades = (figures[:, FIGURES.index(name)] for name in ("exposure", "trades"))
    return np.nan_to_num(np.stack([exposure, 2.0 * trades / bars], axis=1))
