"""The two ways through a window of bars, practising and competing, compiled for each kind of network."""

from functools import lru_cache
from typing import Any, NamedTuple

from arena.engine.competition import compete
from arena.engine.practice import practise
from ml.compiled import bind
from ml.learning.ways import way_of
from ml.networks.registry import NETWORKS


class Walkers(NamedTuple):
    """Both templates compiled for one kind of network."""

    practise: Any
    compete: Any


@lru_cache
def walkers(kind: str) -> Walkers:
    """The walkers of network `kind`."""
    network = NETWORKS[kind]
    return Walkers(
        practise=bind(practise, kind, network=network, way=way_of(network)),
        compete=bind(compete, kind, network=network),
    )
