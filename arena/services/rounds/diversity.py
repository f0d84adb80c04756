"""How diverse a round was, how much of that is skill, and what of it raises an alarm: for its
row.
"""

from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from agents.life.lifecycle import ACTIVE
from arena.engine.generations import diversity as engine
from arena.engine.judging.skill import last_windows, spread_of
from arena.models import Round
from arena.settings_schema import Settings


def diversity_of(
    *,
    agents: np.ndarray,
    actions: np.ndarray,
    weights_of: Callable[[int], np.ndarray],
    alarmed: Collection[str],
    settings: Settings,
) -> dict[str, Any]:
    """What Round.diversity holds, with the alarms that no earlier round raised.

    agents: AGENT [population] by slot, as the round's blocks left them; actions: uint8 [population,
    S, bars]; weights_of(slot): float32 [parameters]; alarmed: measures that raised an alarm
    before.
    """
    measured = engine.measures(agents, actions, weights_of, settings)
    return {
        **measured,
        "skill": _skill(agents),
        "alarms": engine.alarms(measured, alarmed, settings),
    }


def _skill(agents: np.ndarray) -> float | None:
    """Share of the spread in fitness of those who lived through the round that is no luck, by
    their last windows; None where it cannot be estimated.
    """
    living = agents[agents["state"] == ACTIVE]
    return spread_of(last_windows(living["scores"], living["windows"])).skill


def alarmed_before(*, row: Round) -> set[str]:
    """Measures for which an earlier round of the experiment raised an alarm."""
    before = Round.objects.filter(experiment=row.experiment_id, index__lt=row.index).values_list(
        "diversity", flat=True
    )
    return {name for measures in before for name in measures.get("alarms", ())}
