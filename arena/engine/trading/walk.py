"""The two ways through a window of bars, practising and competing, compiled for each kind of
network.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from arena.engine.trading.competition import compete
from arena.engine.trading.contexts import Lanes, Mind, Pupil, Span, Station, Trail
from arena.engine.trading.practice import practise
from arena.prices.market.view import Market
from ml.kernels.compiled import bind, template
from ml.kernels.records import Bare, named
from ml.learning.algorithms import algorithm_of
from ml.networks.registry import NETWORKS


class Walkers(NamedTuple):
    """Both ways compiled for one kind of network, called with bare records."""

    practise: Any
    compete: Any


@template
def enter_practice(
    agents: Any,
    span: Bare,
    station: Bare,
    market: Bare,
    lanes: Bare,
    head: int,
    mind: Bare,
    pupil: Bare,
) -> int:
    """`practise` of records that `ml.kernels.records.bare` took the names from."""
    where, place, seen = named(Span, span), named(Station, station), named(Market, market)
    return practise(
        agents,
        where,
        place,
        seen,
        named(Lanes, lanes),
        head,
        named(Mind, mind),
        named(Pupil, pupil),
    )


@template
def enter_competition(
    agents: Any,
    span: Bare,
    station: Bare,
    market: Bare,
    lanes: Bare,
    head: int,
    mind: Bare,
    trail: Bare,
) -> int:
    """`compete` of such."""
    where, place, seen = named(Span, span), named(Station, station), named(Market, market)
    return compete(
        agents,
        where,
        place,
        seen,
        named(Lanes, lanes),
        head,
        named(Mind, mind),
        named(Trail, trail),
    )


@lru_cache
def walkers(kind: str) -> Walkers:
    """The walkers of network `kind`."""
    network = NETWORKS[kind]
    return Walkers(
        practise=bind(enter_practice, kind, network=network, algorithm=algorithm_of(network)),
        compete=bind(enter_competition, kind, network=network),
    )
