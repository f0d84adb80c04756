"""Which column of a table plays which role: as a person says, else judged by its heading."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arena.prices.files.errors import FeedError, printable

ROLES = ("time", "open", "high", "low", "close", "volume")
TIMES = {
    "unix",
    "unix timestamp",
    "timestamp",
    "time",
    "date",
    "datetime",
    "date time",
    "open time",
    "opentime",
    "utc",
    "time utc",
    "date utc",
}
PRICES = {
    "open": {"open", "o", "open price", "price open"},
    "high": {"high", "h", "high price", "price high"},
    "low": {"low", "l", "low price", "price low"},
    "close": {"close", "c", "close price", "price close"},
}
VOLUME = re.compile(r"(v|vol|volume)( .*)?|.* (vol|volume)")
SYMBOLS = {"symbol", "ticker", "tic", "pair", "instrument"}
NEEDED = "time (or date), open, high, low, close, volume"


@dataclass(frozen=True)
class Columns:
    """Index of the column of each role; `times` and `volumes` in the order of the file, `symbol` None where absent."""

    times: tuple[int, ...]
    open: int
    high: int
    low: int
    close: int
    volumes: tuple[int, ...]
    symbol: int | None

    @property
    def values(self) -> dict[str, int]:
        """Role to index of the five columns of numbers that are read."""
        return {"open": self.open, "high": self.high, "low": self.low, "close": self.close, "volume": self.volumes[0]}

    @property
    def rival(self) -> int | None:
        """The second column of volumes, which is looked at but not kept."""
        return self.volumes[1] if len(self.volumes) > 1 else None

    @property
    def used(self) -> set[int]:
        """Every column that is read or compared."""
        return {*self.times, *self.values.values()} | ({self.symbol} if self.symbol is not None else set())

    def texts(self, width: int) -> list[int]:
        """Columns of a table of `width` whose cells are nowhere read as a number or a time."""
        return [j for j in range(width) if j not in self.used or j == self.symbol]


def columns_of(header: Sequence[str], chosen: Mapping[str, str], line: int | None = 1) -> Columns:
    """The roles of `header`, where `chosen` ({role: heading}) says nothing else; raises `FeedError` that names `line`.

    A role that no heading claims, that two claim, or a chosen heading that is not there once, is refused.
    """
    picked = {role: _chosen(role, heading, header, line) for role, heading in chosen.items() if heading}
    plain = [re.sub(r"[\s_\-<>]+", " ", cell).strip().lower() for cell in header]
    free = [j for j in range(len(header)) if j not in picked.values()]
    times = (picked["time"],) if "time" in picked else tuple(j for j in free if plain[j] in TIMES)
    prices = {
        role: picked[role] if role in picked else _one(role, [j for j in free if plain[j] in names], header, line)
        for role, names in PRICES.items()
    }
    volumes = tuple(j for j in free if VOLUME.fullmatch(plain[j]))
    volumes = (picked["volume"], *volumes) if "volume" in picked else volumes
    for role, found in (("time", times), ("volume", volumes)):
        if not found:
            raise _missing(role, header, line)
    symbols = [j for j in free if plain[j] in SYMBOLS]
    return Columns(times=times, volumes=volumes, symbol=symbols[0] if symbols else None, **prices)


def _chosen(role: str, heading: str, header: Sequence[str], line: int | None) -> int:
    if role not in ROLES:
        raise FeedError(f"there is no role {printable(role)}; choose columns for {', '.join(ROLES)}")
    found = [j for j, cell in enumerate(header) if cell == heading.strip()]
    if len(found) != 1:
        count = "is no column of the file" if not found else f"heads {len(found)} columns"
        raise FeedError(f"chosen for {role}, but it {count}; choose one of: {_listed(header)}", line, heading)
    return found[0]


def _one(role: str, found: list[int], header: Sequence[str], line: int | None) -> int:
    if not found:
        raise _missing(role, header, line)
    if len(found) > 1:
        both = " and ".join(printable(header[j]) for j in found[:2])
        raise FeedError(f"the columns {both} both claim to be {role}; keep one, or say which it is", line, role)
    return found[0]


def _missing(role: str, header: Sequence[str], line: int | None) -> FeedError:
    where = "the first line must name" if line else "the columns must be"
    return FeedError(f"no such column; {where} {NEEDED}, or say which columns they are; it has: {_listed(header)}", line, role)


def _listed(header: Sequence[str]) -> str:
    return ", ".join(printable(cell) for cell in header)[:200]
