"""What happens between two rounds: deaths, births, and the books that must balance.

The rules: docs/RULES.md#life and #selection.
"""

from collections.abc import Callable

import numpy as np

from agents.life import lifecycle
from agents.life.lifecycle import ACTIVE, OUTCOMPETED
from arena.engine.generations import births, conservation
from arena.engine.generations.curves import curves
from arena.engine.generations.parents import merit_of
from arena.engine.results import AGENT_STATES, Birth, CloseResult, Purse, RoundPlan
from arena.settings_schema import Settings
from ml.evolution import selection
from ml.rng import Purpose, stream

EXTINCT = "extinct"
NO_BIRTHS: tuple[Birth, ...] = ()


def close(  # noqa: PLR0917
    agents: np.ndarray,
    plan: RoundPlan,
    purse: Purse,
    settings: Settings,
    weights_of: Callable[[int], np.ndarray],
    born_weights_of: Callable[[int], np.ndarray],
    figures: np.ndarray,
    next_number: int,
    retire: frozenset[int],
    last: bool,
) -> CloseResult:
    """Close the round of `plan`. Everybody in `agents`, AGENT [population] by slot as play left it,
    was alive when the round began.

    purse: as the round before left it. weights_of, born_weights_of: slot -> float32 [parameters],
    as learned and as born. figures: float64 [population, len(FIGURES)]. retire: slots asked to
    retire. last: no agent is outcompeted or born. A round that leaves none alive ends in
    the note EXTINCT, without births. ConservationError where the books do not balance.
    """
    agents = agents.copy()
    agents["state"] = lifecycle.retired(
        agents["state"], np.isin(np.arange(len(agents)), list(retire))
    )
    extinct = not (agents["state"] == ACTIVE).any()
    goes_on = not last and not extinct
    merit = merit_of(agents, figures, plan.competition[1] - plan.competition[0], settings.evolution)
    if goes_on:
        agents["state"][to_outcompete(agents, merit, plan.index, settings)] = OUTCOMPETED
    dead = np.flatnonzero(agents["state"] != ACTIVE)
    purse, newborn = conservation.bury(agents[dead], purse), NO_BIRTHS
    if goes_on:
        inherited = (
            born_weights_of if settings.evolution.inheritance == "baldwinian" else weights_of
        )
        newborn, purse = births.fill(
            agents,
            dead.tolist(),
            purse,
            merit=merit,
            index=plan.index,
            settings=settings,
            inherited=inherited,
            next_number=next_number,
        )
    living = np.array(
        [*agents[agents["state"] == ACTIVE], *(birth.agent for birth in newborn)], agents.dtype
    )
    return CloseResult(
        agents=agents,
        deaths=tuple((int(slot), AGENT_STATES[agents["state"][slot]]) for slot in dead),
        births=newborn,
        purse=purse,
        imbalance=conservation.imbalance(living, purse),
        curves=curves(figures),
        notes=(EXTINCT,) if extinct else (),
    )


def to_outcompete(
    agents: np.ndarray, merit: np.ndarray, index: int, settings: Settings
) -> np.ndarray:
    """Slots of the living adults that must make room after round `index`: those of least merit, or
    by lot where selection is off.

    merit: float64 [population]. The elite, the fittest of all the living by fitness alone, stay;
    under a lot none is elite.
    """
    evolution, living = settings.evolution, np.flatnonzero(agents["state"] == ACTIVE)
    living = living[np.argsort(agents["number"][living])]
    candidates = living[
        lifecycle.adults(agents["birth_round"][living], index, evolution.juvenile_rounds)
    ]
    count = lifecycle.turnover_count(evolution.turnover, len(agents), len(living))
    if evolution.selection == "off":
        return selection.lot(candidates, count, stream(settings.seed, Purpose.TURNOVER, index))
    elite = selection.best(agents["fitness"], living, evolution.elite)
    return selection.worst(merit, candidates[~np.isin(candidates, elite)], count)
