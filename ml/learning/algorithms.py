"""The learning algorithms by name: the template of each, its exploration, and how often it
learns.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ml.kernels.compiled import bind, inner
from ml.learning import rollouts, sequences, updates
from ml.learning.exploration import by_preference, by_value
from ml.networks.base import Network


@dataclass(frozen=True)
class Algorithm:
    """`learn` is a template over a network, or a kernel once it is bound to one;
    `explore(q, bound, epsilon, temperature, random)` picks an action in practice;
    `period(update_every, bench)` says after how many practice bars it learns.
    """

    learn: Callable[..., tuple[float, int]]
    explore: Callable[..., int]
    period: Callable[..., int]


@inner
def every(update_every, bench):
    """As the settings say."""
    return update_every


LEARNERS = {
    "replay": Algorithm(updates.learn, by_value, every),
    "sequence": Algorithm(sequences.learn, by_value, every),
    "rollout": Algorithm(rollouts.learn, by_preference, rollouts.length),
}


@lru_cache
def learner_of(network: Network) -> Any:
    """The learning step of the network's algorithm, compiled for it."""
    return bind(LEARNERS[network.learner].learn, network.kind, network=network)


def algorithm_of(network: Network) -> Algorithm:
    """The network's algorithm, its learning step compiled for it."""
    return replace(LEARNERS[network.learner], learn=learner_of(network))
