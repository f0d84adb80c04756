"""How free places are filled: children of eligible parents; else immigrants.

Parents pay the treasury, and the treasury endows all newcomers alike.

The rules: docs/RULES.md#parents, #immigrants and #inheritance.
"""

from collections.abc import Callable, Sequence

import numpy as np

from agents.life import spawning
from agents.life.lifecycle import ACTIVE
from agents.life.traits import BOUNDS
from agents.life.trust import FOUNDER_TRUST
from arena.engine.generations import conservation
from arena.engine.generations.founders import newborn, strength_of
from arena.engine.generations.lineages import Lines
from arena.engine.generations.parents import choose
from arena.engine.results import Birth, Purse
from arena.settings_schema import Evolution, Settings
from ml.evolution.crossover import uniform_by_neuron
from ml.evolution.mutation import distance, mutate
from ml.networks.registry import NETWORKS
from ml.rng import Purpose, stream


def fill(
    agents: np.ndarray,
    free: Sequence[int],
    purse: Purse,
    *,
    merit: np.ndarray,
    index: int,
    settings: Settings,
    inherited: Callable[[int], np.ndarray],
    next_number: int,
) -> tuple[tuple[Birth, ...], Purse]:
    """One birth for each free slot as round `index` closes, numbered from `next_number`, and the
    purse thereafter.

    agents: AGENT [population]; parents pay in place. merit: float64 [population], what parents are
    chosen by. inherited(slot): float32 [parameters] that a child of that slot starts from.
    """
    births: list[Birth] = []
    able, lines = eligible(agents, settings), Lines(agents, settings.evolution.lineage_cap)
    for number, slot in enumerate(free, next_number):
        parents = choose(lines.with_room(able), merit, settings, index, number)
        if parents:
            births.append(
                _child(
                    agents,
                    parents,
                    (slot, number),
                    index=index,
                    settings=settings,
                    inherited=inherited,
                )
            )
            purse = conservation.receive(_pay(agents[parents[0]], settings.life.spawn_cost), purse)
            lines.add(parents[0])
            able = able[(able != parents[0]) | _can_afford(agents[able], settings)]
        else:
            births.append(immigrant(settings, slot, number, index))
        purse = conservation.endow(settings.life.endowment, purse)
    return tuple(births), purse


def eligible(agents: np.ndarray, settings: Settings) -> np.ndarray:
    """Slots of eligible parents, ordered by agent number, so that the draw does not
    depend on places.
    """
    wealth = agents["equity"] + agents["paid_to_children"]
    fit = spawning.fit_to_breed(
        agents["tier"], agents["scars"], agents["trades"], wealth, agents["endowment"]
    )
    slots = np.flatnonzero((agents["state"] == ACTIVE) & fit & _can_afford(agents, settings))
    return slots[np.argsort(agents["number"][slots])]


def _can_afford(agents: np.ndarray, settings: Settings) -> np.ndarray:
    """bool [n]: who stays viable after paying for a child."""
    return spawning.can_afford(
        agents["equity"], agents["endowment"], settings.life.spawn_cost, settings.life.bankrupt_at
    )


def immigrant(settings: Settings, slot: int, number: int, index: int) -> Birth:
    """An agent with a random network and the settings' endowment, who lives from the round after
    `index` on.
    """
    draw = stream(settings.seed, Purpose.IMMIGRANT_WEIGHTS, index, number)
    weights = NETWORKS[settings.network.kind].born(settings.network.hidden, draw)
    agent = newborn(
        settings,
        number=number,
        birth_round=index + 1,
        endowment=settings.life.endowment,
        trust=FOUNDER_TRUST,
    )
    return Birth(slot, number, (), agent, weights)


def _child(
    agents: np.ndarray,
    parents: tuple[int, ...],
    place: tuple[int, int],
    *,
    index: int,
    settings: Settings,
    inherited: Callable[[int], np.ndarray],
) -> Birth:
    """The birth at `place` = (slot, number), borne by the first of `parents` (slots)."""
    slot, number = place
    bearer, evolution = agents[parents[0]], settings.evolution
    layout = NETWORKS[settings.network.kind].layout(settings.network.hidden)
    genome = inherited(parents[0])
    if len(parents) == 2:
        genome = uniform_by_neuron(
            genome,
            inherited(parents[1]),
            layout,
            stream(settings.seed, Purpose.CROSSOVER, index, number),
        )
    agent = newborn(
        settings,
        number=number,
        birth_round=index + 1,
        endowment=settings.life.endowment,
        trust=spawning.birth_trust(float(bearer["trust"])),
    )
    agent["generation"], agent["founder"] = (
        1 + agents["generation"][list(parents)].max(),
        bearer["founder"],
    )
    agent["epsilon_start"] = agent["epsilon"] = spawning.first_epsilon(float(bearer["epsilon"]))
    _inherit_traits(agent, bearer, evolution, stream(settings.seed, Purpose.TRAITS, index, number))
    rate, strength = (
        float(bearer["mutation_rate"]) if evolution.mutation else 0.0,
        float(agent["mutation_strength"]),
    )
    weights = mutate(
        genome, layout, rate, strength, stream(settings.seed, Purpose.MUTATION, index, number)
    )
    return Birth(
        slot=slot,
        number=number,
        parents=tuple(int(n) for n in agents["number"][list(parents)]),
        agent=agent,
        weights=weights,
        rate=rate,
        strength=strength,
        seed=address(settings.seed, index, number),
        weight_distance=distance(weights, genome),
    )


def _inherit_traits(
    agent: np.void, bearer: np.void, evolution: Evolution, draw: np.random.Generator
) -> None:
    """Write a child's traits. Unless it is self-adaptive, the size of mutations is the settings',
    which people may change on the way.
    """
    traits = {name: float(bearer[name]) for name in BOUNDS if name != "epsilon"}
    if not evolution.self_adaptive:
        traits["mutation_strength"] = strength_of(evolution)
    for name, value in spawning.child_traits(
        traits, evolution.mutation, evolution.self_adaptive, draw
    ).items():
        agent[name] = value


def address(seed: int, index: int, number: int) -> str:
    """Where the draws of a mutation are found again: ml.rng.stream(seed, Purpose.MUTATION, round,
    agent).
    """
    return f"{seed}:MUTATION:{index}:{number}"


def _pay(bearer: np.void, spawn_cost: float) -> float:
    """Take from a bearer what a child costs it. Its peaks shrink alike: it is no drawdown."""
    before, amount = float(bearer["equity"]), float(bearer["equity"] * spawn_cost)
    bearer["equity"] = before - amount
    bearer["paid_to_children"] += amount
    for name in ("peak", "ladder_peak"):
        bearer[name] *= bearer["equity"] / before
    bearer["peak"] = max(bearer["peak"], bearer["equity"])
    return amount
