"""The first generation, and everybody else who comes without parents."""

import numpy as np

from agents.life.trust import FOUNDER_TRUST, first_tier
from arena.engine.results import AGENT, Birth
from arena.settings_schema import RATE_OF_PRESET, Evolution, Settings
from ml.networks.registry import NETWORKS
from ml.rng import Purpose, kernel_state, stream
from ml.sums import total

EXPLORATION_STRENGTH = 0.1


def strength_of(evolution: Evolution) -> float:
    """Size of a founder's mutations; the exploration preset has its own where the setting was left
    as it is.
    """
    untouched = evolution.strength == Evolution.model_fields["strength"].default
    return (
        EXPLORATION_STRENGTH
        if evolution.preset == "exploration" and untouched
        else evolution.strength
    )


def newborn(
    settings: Settings, *, number: int, birth_round: int, endowment: float, trust: float
) -> np.void:
    """An AGENT record with nothing lived through yet and the founders' traits."""
    agent = np.zeros((), AGENT)
    agent["number"] = agent["founder"] = number
    agent["birth_round"] = birth_round
    agent["learning_rate"], agent["gamma"] = (
        settings.learning.learning_rate,
        settings.learning.gamma,
    )
    agent["epsilon_bars"], agent["risk_fraction"] = settings.learning.epsilon_bars, 1.0
    agent["mutation_rate"], agent["mutation_strength"] = (
        RATE_OF_PRESET[settings.evolution.preset],
        strength_of(settings.evolution),
    )
    agent["epsilon_start"], agent["win_factor"] = settings.learning.epsilon_start, 1.0
    agent["epsilon"] = min(settings.learning.epsilon_start, 0.9)
    agent["endowment"] = agent["equity"] = agent["peak"] = endowment
    agent["cost_multiplier"] = agent["scar_leverage"] = agent["scar_trust"] = 1.0
    agent["trust"] = agent["birth_trust"] = trust
    agent["tier"] = first_tier(trust)
    agent["scores"], agent["fitness"] = np.nan, np.nan
    agent["random"] = kernel_state(settings.seed, Purpose.KERNEL, birth_round, number)
    record: np.void = agent[()]  # type: ignore[assignment]
    return record


def founders(settings: Settings, slots: range | None = None) -> tuple[Birth, ...]:
    """Agents 1 .. population, in slots 0 .., with random networks; slots: only those."""
    slots = range(settings.population) if slots is None else slots
    records = founder_records(settings, slots)
    return tuple(
        Birth(
            slot=slot,
            number=slot + 1,
            parents=(),
            agent=record,
            weights=founder_weights(settings, slot),
        )
        for slot, record in zip(slots, records, strict=True)
    )


def founder_records(settings: Settings, slots: range) -> np.ndarray:
    """AGENT [slots]: the records of the founders in some slots."""
    endowment = settings.life.endowment
    made = [
        newborn(settings, number=slot + 1, birth_round=0, endowment=endowment, trust=FOUNDER_TRUST)
        for slot in slots
    ]
    return np.array(made, AGENT)


def founder_weights(settings: Settings, slot: int) -> np.ndarray:
    """float32 [parameters] of the founder in a slot."""
    network = NETWORKS[settings.network.kind]
    return network.born(
        settings.network.hidden, stream(settings.seed, Purpose.FOUNDER_WEIGHTS, 0, slot + 1)
    )


def founders_money(settings: Settings, count: int) -> float:
    """What the first `count` of them together are given."""
    return float(total(settings.life.endowment for _ in range(count)))
