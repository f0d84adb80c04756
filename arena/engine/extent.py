"""What an experiment will take, from its settings together: memory of a process, disk, rows and
time; and what to change where that is too much.

Sizes are counted from the arrays themselves; what depends on how agents behave (trades, births) is
taken from runs on noise, where they trade most. `tests/arena/selectors/machine/test_allowance.py`
compares both with real runs.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

from arena.engine import flops
from arena.engine.judging.committee import SEATS, SEATS_IN_ROUND
from arena.engine.results import AGENT, FIGURES, TRADE
from arena.settings_schema import Settings
from ml.learning.sequences import rows_of
from ml.networks.base import PRIVATE
from ml.networks.registry import NETWORKS

FLOAT, DIGEST = 4, 32
# bytes of a transition: private inputs, reward, priority or none; action. The bar is a block's
SLOT = (PRIVATE + 1) * FLOAT + 1
# a process that has loaded the engine; features and prices of a bar
PROCESS, BAR = 300 << 20, 128
# how often a block lies in memory at its fullest: as it is played, as bytes of its files, and once
# while these are made
COPIES = 3
# bytes an agent takes in the process that closes a round, beside what its actions take
AT_CLOSE = 6 * AGENT.itemsize + 3 * len(FIGURES) * 8 + 2 * DIGEST + 2_000
# blocks whose weights a close keeps at hand; copies of a newborn's weights
AT_HAND, OF_NEWBORN = 64, 4
# bytes of a row with its indexes: trade, agent, scar, descent
TRADE_ROW, AGENT_ROW, SCAR_ROW, EDGE_ROW = 160, 450, 130, 120
# bars from trade to trade, scars of an agent in a round, share of the population that dies beside
# the turnover
BARS_A_TRADE, SCARS, MORE_DEATHS = 16, 0.12, 0.02
# seconds an agent's bar takes beside products of matrices, and floating-point operations a second,
# on one core of our own
BAR_SECONDS, FLOP_A_SECOND = 1e-6, 60e9
# practice bars over which the operations are counted
COUNTED = 2_048


@dataclass(frozen=True)
class Place:
    """Where it runs. weights, memories: rounds whose weights and memories are kept; speed: of one
    worker, where 1 is one core of our own.
    """

    symbols: int
    bars: int
    block_size: int
    workers: int
    weights: int
    memories: int
    speed: float = 1.0


@dataclass(frozen=True)
class Extent:
    """Bytes, rows and seconds. `memory`: of the largest of its processes; `disk`: while it runs,
    `kept`: for good.

    `worlds`: memory of a null world, which holds all agents at once.
    """

    memory: int
    worlds: int
    disk: int
    kept: int
    rows: int
    seconds: float


@dataclass(frozen=True)
class Allowed:
    """The most there may be of each, see Extent."""

    memory: int
    disk: int
    rows: int
    seconds: float


def extent_of(settings: Settings, place: Place) -> Extent:
    """Of a whole run."""
    weights = FLOAT * NETWORKS[settings.network.kind].layout(settings.network.hidden).size
    memory = 3 * weights + settings.learning.replay * (
        SLOT + FLOAT * bool(settings.learning.priority)
    )
    living, rounds = settings.population, settings.rounds
    births = min(settings.evolution.turnover + MORE_DEATHS, 1.0)
    trades = living * rounds * place.symbols * max(settings.round_bars / BARS_A_TRADE, 1.0)
    agents = living * (1 + rounds * births)
    newborn = rounds * (weights * births + 2 * AGENT.itemsize + DIGEST)
    file = living * (min(place.weights, rounds) * weights + newborn)
    figures = (
        living * rounds * (len(FIGURES) * 8 + DIGEST + place.symbols * settings.round_bars / 4)
    )
    rows = trades * TRADE_ROW + agents * (AGENT_ROW + EDGE_ROW) + living * rounds * SCARS * SCAR_ROW
    kept = int(file + figures + rows + min(place.memories, rounds) * living * memory)
    process = PROCESS + place.bars * place.symbols * BAR
    return Extent(
        memory=process
        + max(_playing(settings, place, weights, memory), _closing(settings, place, weights)),
        worlds=PROCESS + living * (2 * weights + memory + AGENT.itemsize),
        # the round that is played, beside the two before it
        disk=kept + living * memory,
        kept=kept,
        rows=int(trades + 2 * agents + rounds * (living * SCARS + living / place.block_size + 1)),
        seconds=seconds_of(settings, place),
    )


def _playing(settings: Settings, place: Place, weights: int, memory: int) -> int:
    """Bytes beside the process itself: a block, its trades, a whole batch of its network, and
    everybody's record.
    """
    size = min(place.block_size, settings.population)
    network, learning = NETWORKS[settings.network.kind], settings.learning
    rows = rows_of(learning.batch) if network.learner == "sequence" else 2 * learning.batch
    batch = FLOAT * network.workspace(network.sizes(settings.network.hidden), rows)
    bars = place.symbols * settings.round_bars
    trades = size * int(bars / BARS_A_TRADE + 1) * TRADE.itemsize * 3 + bars * TRADE.itemsize
    return (
        COPIES * size * (weights + memory)
        + size * bars * 3
        + trades
        + batch
        + 2 * settings.population * AGENT.itemsize
    )


def _closing(settings: Settings, place: Place, weights: int) -> int:
    """Bytes beside the process itself, of the close of a round and of the judgement after the
    last.
    """
    living = settings.population
    newborn = living * min(settings.evolution.turnover + MORE_DEATHS, 1.0)
    at_hand = min(AT_HAND * place.block_size, living)
    actions = place.symbols * settings.round_bars * 5 // 4
    seats = min(SEATS, living) if living > SEATS_IN_ROUND else living
    return int(
        living * (AT_CLOSE + 2 * actions) + weights * (OF_NEWBORN * newborn + at_hand + 2 * seats)
    )


def seconds_of(settings: Settings, place: Place) -> float:
    """All rounds on all workers: an estimate."""
    learning, bars = settings.learning, settings.round_bars
    counted = min(bars, COUNTED)
    practice = (
        flops.practice(settings, before=learning.starts, bars=counted, window=max(counted - 1, 2))
        / counted
    )
    acting = flops.acting(settings.network.kind, settings.network.hidden)
    practised = (
        learning.episodes
        * bars
        * ((practice if learning.enabled else acting) / FLOP_A_SECOND + BAR_SECONDS)
    )
    competed = bars * (1 + settings.evolution.race) * (acting / FLOP_A_SECOND + BAR_SECONDS)
    whole = settings.rounds * settings.population * place.symbols * (practised + competed)
    return whole / place.speed / min(place.workers, -(-settings.population // place.block_size))


def exceeded(extent: Extent, allowed: Allowed) -> list[str]:
    """Names of what is more than there may be."""
    return [
        field.name
        for field in fields(allowed)
        if getattr(extent, field.name) > getattr(allowed, field.name)
    ]


Changes = dict[str, int]
# what can be made smaller, the least costly first; each takes the largest value that fits
SMALLER = ("population", "rounds", "learning.replay", "learning.episodes", "round_bars")
MOST_WAYS = 3


def ways_to_shrink(settings: Settings, fits: Callable[[Settings], bool]) -> list[Changes]:
    """Changes, {dotted key: largest value}, each of which makes it fit, at most MOST_WAYS; [] where
    nothing does.
    """
    single = [_largest(settings, key, fits) for key in SMALLER]
    ways: list[Changes] = [way for way in single if way]
    if not ways:
        least = with_values(settings, {"rounds": 1})
        ways = [{"rounds": 1} | way for key in SMALLER if (way := _largest(least, key, fits))]
    return ways[:MOST_WAYS]


def with_values(settings: Settings, changes: Changes) -> Settings:
    """The settings with other values of some keys."""
    for key, value in changes.items():
        section, _, name = key.rpartition(".")
        inner = (
            {section: getattr(settings, section).model_copy(update={name: value})}
            if section
            else {name: value}
        )
        settings = settings.model_copy(update=inner)
    return settings


def _largest(settings: Settings, key: str, fits: Callable[[Settings], bool]) -> Changes:
    """The largest value of a key below its own that fits, by bisection; {} where none does."""
    low, high = _least(key), _value(settings, key)
    if high <= low or not fits(with_values(settings, {key: low})):
        return {}
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(with_values(settings, {key: middle})) else (low, middle)
    return {key: low}


def _value(settings: Settings, key: str) -> int:
    section, _, name = key.rpartition(".")
    return int(getattr(getattr(settings, section) if section else settings, name))


def _least(key: str) -> int:
    section, _, name = key.rpartition(".")
    model = type(getattr(Settings(), section)) if section else Settings
    return next(int(rule.ge) for rule in model.model_fields[name].metadata if hasattr(rule, "ge"))
