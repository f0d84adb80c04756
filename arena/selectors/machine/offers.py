"""What an experiment takes, in words, and the remedy where that is too much."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from arena.engine.extent import Allowed, Extent, Place, exceeded, extent_of, ways_to_shrink
from arena.selectors.words import plural, size_words
from arena.settings_schema import Settings

TIMES = ((86_400.0, "day"), (3_600.0, "hour"), (60.0, "minute"), (1.0, "second"))
WHAT = {
    "memory": "of memory in one process",
    "disk": "of disk",
    "rows": "rows in the database",
    "seconds": "on this machine",
}


@dataclass(frozen=True)
class Offer:
    """What settings take, as sentence and as figures, and problems by dotted key where that is not
    to be had.
    """

    extent: Extent
    words: str
    problems: dict[str, str]

    @property
    def payload(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self.extent), "words": self.words}


def offer_of(settings: Settings, place: Callable[[Settings], Place], allowed: Allowed) -> Offer:
    """place: where settings would run, which depends on how long they run."""
    extent = extent_of(settings, place(settings))
    return Offer(extent, extent_words(extent), _problems(settings, place, extent, allowed))


def extent_words(extent: Extent) -> str:
    """One sentence; all of it estimated."""
    parts = [
        time_words(extent.seconds),
        f"{size_words(extent.disk)} of disk",
        f"{size_words(extent.memory)} of memory in the largest process",
    ]
    return f"An estimate: about {', '.join(parts)}, and {extent.rows:,} rows."


def time_words(seconds: float) -> str:
    """ "3 hours"."""
    unit, name = next((each for each in TIMES if seconds >= 1.5 * each[0]), TIMES[-1])
    return plural(max(round(seconds / unit), 1), name)


def _problems(
    settings: Settings, place: Callable[[Settings], Place], extent: Extent, allowed: Allowed
) -> dict[str, str]:
    """{dotted key to change: why, and to what}."""
    beyond = exceeded(extent, allowed)
    if not beyond:
        return {}
    ways = ways_to_shrink(
        settings, lambda each: not exceeded(extent_of(each, place(each)), allowed)
    )
    why = " and ".join(
        f"{_amount(name, extent)} {WHAT[name]} ({_amount(name, allowed)} allowed)"
        for name in beyond
    )
    choices = ", or ".join(
        " and ".join(f"{key} to {value:,}" for key, value in way.items()) for way in ways
    )
    remedy = f"set {choices} or less" if ways else "choose a smaller network"
    return {next(iter(ways[0])) if ways else "network.hidden": f"this takes {why}: {remedy}"}


def _amount(name: str, of: Extent | Allowed) -> str:
    value = getattr(of, name)
    if name == "seconds":
        return time_words(value)
    return f"{value:,}" if name == "rows" else size_words(value)
