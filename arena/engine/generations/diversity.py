"""How diverse a round's population is, and when that is cause for alarm. Reported with the round;
nothing in the engine depends on it.
"""

from collections.abc import Callable, Collection
from functools import lru_cache, partial

import numpy as np

from agents.life.lifecycle import ACTIVE
from arena.engine.generations.founders import founder_weights
from arena.settings_schema import Settings
from ml.evolution.diversity import disagreement, effective_number, spread

# measure -> the setting it must not fall below
ALARMS = {"lineages": "least_lineages", "behaviour": "least_disagreement"}


class _Members:
    """The weights of some slots, as often as they are asked for."""

    def __init__(self, slots: np.ndarray, weights_of: Callable[[int], np.ndarray]):
        self.slots, self.weights_of = slots.tolist(), weights_of

    def __iter__(self):
        return (self.weights_of(slot) for slot in self.slots)


def measures(
    agents: np.ndarray,
    actions: np.ndarray,
    weights_of: Callable[[int], np.ndarray],
    settings: Settings,
) -> dict[str, float | int | None]:
    """Of those who lived through a round, before the close chooses among them; None where there is
    nothing to compare.

    weights: mean distance to the mean network, in units of the founders'. behaviour: share of bars
    on which two of them acted differently. lineages: effective number. clades: founders and
    immigrants with an agent of their line alive. agents: AGENT [population] as play left them;
    actions: uint8 [population, S, bars].
    """
    living = np.flatnonzero(agents["state"] == ACTIVE)
    unit, own = founders_spread(settings), spread(_Members(living, weights_of))
    return {
        "weights": own / unit if own is not None and unit else None,
        "behaviour": disagreement(actions[living]),
        "lineages": effective_number(agents["founder"][living]),
        "clades": len(np.unique(agents["founder"][living])),
    }


def alarms(
    measured: dict[str, float | int | None], earlier: Collection[str], settings: Settings
) -> list[str]:
    """Measures that are below what the settings ask for, and were not before; an alarm is raised
    once.
    """
    least = {name: getattr(settings.evolution, key) for name, key in ALARMS.items()}
    found = {name: measured[name] for name in ALARMS if measured["clades"] and name not in earlier}
    return [name for name, value in found.items() if value is not None and value < least[name]]


@lru_cache(maxsize=8)
def founders_spread(settings: Settings) -> float:
    """Mean distance of the founders' networks to their mean; depends on seed, population and
    network alone.
    """
    return (
        spread(_Members(np.arange(settings.population), partial(founder_weights, settings))) or 0.0
    )
