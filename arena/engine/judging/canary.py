"""The canary dies where an agent looks ahead: agents play again with another future, and nothing up
to then may change by a bit.

Every moment is tried with the bars after it cut off, and with others in their place. What changed
although only later bars did is named: the feature, the private input, and each agent that acted
otherwise, with the inputs that alone make it do so.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from arena.engine.trading.observation import PRIVATE_NAMES
from arena.prices.market.bars import Bars
from arena.prices.market.causality import Table, first_changes, futures
from arena.prices.market.features import HIGHER, NAMES, features
from arena.prices.market.view import MarketView

# a moment at this bar of a higher one lies inside of a higher bar of either timeframe
INSIDE = 10


class PlayedWindow(NamedTuple):
    """At each bar of a window but its last: actions uint8 [agents, bars, S], private inputs float32
    [agents, bars, S * any].
    """

    actions: np.ndarray
    private: np.ndarray


# the window's bars from a start of its own up to, and without, the one given
Play = Callable[[MarketView, int], PlayedWindow]


@dataclass(frozen=True)
class Leak:
    """The input `name` was another one at `bar` although only the bars after `moment` were."""

    name: str
    bar: int
    moment: int


@dataclass(frozen=True)
class Deed:
    """Agent `place` acted otherwise at `bar` although only the bars after `moment` were others.

    because: the inputs each of which alone makes it do so; none where only several together do, or
    something that is no input.
    """

    place: int
    bar: int
    moment: int
    because: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What was tried and what was found: each leaking input once, each agent that acted on the
    future once.
    """

    moments: tuple[int, ...]
    agents: int
    leaks: tuple[Leak, ...]
    deeds: tuple[Deed, ...]

    @property
    def sound(self) -> bool:
        """Whether no agent looked ahead."""
        return not self.leaks and not self.deeds


def moments_in(window: tuple[int, int], count: int, rng: np.random.Generator) -> tuple[int, ...]:
    """At most `count` (>= 2) bars of a window, rising, one inside of a higher bar; each has a
    decision before it and a bar after it.
    """
    start, stop = window
    first, last = start + 1, stop - 2
    drawn = rng.choice(
        np.arange(first, last + 1), min(count - 1, last + 1 - first), replace=False
    ).tolist()
    inside = drawn[0] - (drawn[0] + 1 - INSIDE) % max(HIGHER)
    return tuple(sorted({max(inside, first), *drawn}))


def canary(
    series: Sequence[Bars],
    play: Play,
    window: tuple[int, int],
    moments: Iterable[int],
    rng: np.random.Generator,
    table: Table = features,
) -> Report:
    """Plays bars start .. stop - 1 of `window` = (start, stop), and again with other futures of all
    series after each moment (a bar of the window).

    table: the public features of a series, float32 [n, len(NAMES)].
    """
    mine = _Watch(MarketView.of(series, table), play, window)
    tried = tuple(moments)
    for moment in tried:
        for other in zip(*(futures(bars, moment, rng) for bars in series), strict=True):
            mine.compare(MarketView.of(other, table), moment)
    return Report(
        tried, len(mine.whole.actions), tuple(mine.leaks.values()), tuple(mine.deeds.values())
    )


class _Watch:
    """What was played with the true future, and what was found against it."""

    def __init__(self, market: MarketView, play: Play, window: tuple[int, int]):
        self.market, self.play, (self.start, self.stop) = market, play, window
        self.whole = play(market, self.stop)
        self.leaks: dict[str, Leak] = {}
        self.deeds: dict[int, Deed] = {}

    def compare(self, other: MarketView, moment: int) -> None:
        """One other future."""
        columns = first_changes(
            _side_by_side(self.market, moment + 1), _side_by_side(other, moment + 1)
        )
        for column, bar in columns.items():
            self._leak(NAMES[column % len(NAMES)], bar, moment)
        stop = min(self.stop, len(other))
        # the last bar of a window has no decision
        known = min(moment, stop - 2) + 1 - self.start
        again = self.play(other, stop)
        for place, bar, private in _differences(self.whole, again, known):
            names = _once(PRIVATE_NAMES[k % len(PRIVATE_NAMES)] for k in private)
            for name in names:
                self._leak(name, self.start + bar, moment)
            acts = np.flatnonzero(
                (self.whole.actions[place, :known] != again.actions[place, :known]).any(axis=1)
            )
            if len(acts) and place not in self.deeds:
                because = names or self._because(place, list(columns), other, moment, known)
                self.deeds[place] = Deed(place, self.start + int(acts[0]), moment, because)

    def _leak(self, name: str, bar: int, moment: int) -> None:
        self.leaks.setdefault(name, Leak(name, bar, moment))

    def _because(
        self, place: int, columns: list[int], other: MarketView, moment: int, known: int
    ) -> tuple[str, ...]:
        """Names of those features that change the agent's actions when they alone are those of the
        other future.
        """
        found = []
        for which in columns:
            symbol, column = divmod(which, len(NAMES))
            table = self.market.features.copy()
            mine, theirs = symbol * len(self.market), symbol * len(other)
            table[mine : mine + moment + 1, column] = other.features[
                theirs : theirs + moment + 1, column
            ]
            single = self.play(replace(self.market, features=table), self.stop)
            if (single.actions[place, :known] != self.whole.actions[place, :known]).any():
                found.append(NAMES[column])
        return _once(found)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    """In order, what several symbols have in common but once."""
    return tuple(dict.fromkeys(names))


def _side_by_side(market: MarketView, bars: int) -> np.ndarray:
    """The features of the first `bars` bars, float32 [bars, S * len(NAMES)]."""
    table = market.features.reshape(market.symbols, len(market), -1)[:, :bars]
    return np.swapaxes(table, 0, 1).reshape(bars, -1)


def _differences(
    before: PlayedWindow, after: PlayedWindow, known: int
) -> list[tuple[int, int, tuple[int, ...]]]:
    """(agent's place, first of the `known` bars that differs, private inputs that differ there
    before any action does).
    """
    found = []
    for place in range(len(before.actions)):
        acts = (before.actions[place, :known] != after.actions[place, :known]).any(axis=1)
        first = int(np.argmax(acts)) if acts.any() else known
        columns = first_changes(before.private[place, :known], after.private[place, :known])
        bar = min(columns.values(), default=known)
        # an action changes what comes after it, so only an input that changed no later can be its
        # cause
        private = tuple(column for column, at in columns.items() if at == bar and bar <= first)
        if private or first < known:
            found.append((place, bar if private else first, private))
    return found
