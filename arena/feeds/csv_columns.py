"""Which column of a CSV plays which role, judged by its heading."""

import re
from dataclasses import dataclass

from arena.feeds.errors import FeedError, printable

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
    def used(self) -> set[int]:
        """Every column that is read or compared."""
        return {*self.times, *self.values.values()} | ({self.symbol} if self.symbol is not None else set())

    def texts(self, width: int) -> list[int]:
        """Columns of a table of `width` whose cells are nowhere read as a number or a time."""
        return [j for j in range(width) if j not in self.used or j == self.symbol]


def columns_of(header: list[str]) -> Columns:
    """The roles of `header`; raises `FeedError` where one is missing, or two columns claim a price."""
    plain = [re.sub(r"[\s_\-<>]+", " ", cell).strip().lower() for cell in header]
    times = tuple(j for j, cell in enumerate(plain) if cell in TIMES)
    volumes = tuple(j for j, cell in enumerate(plain) if VOLUME.fullmatch(cell))
    prices = {role: _one(role, [j for j, cell in enumerate(plain) if cell in names], header) for role, names in PRICES.items()}
    if not times:
        raise _missing("time", header)
    if not volumes:
        raise _missing("volume", header)
    symbols = [j for j, cell in enumerate(plain) if cell in SYMBOLS]
    return Columns(times=times, volumes=volumes, symbol=symbols[0] if symbols else None, **prices)


def _one(role: str, found: list[int], header: list[str]) -> int:
    if not found:
        raise _missing(role, header)
    if len(found) > 1:
        both = " and ".join(printable(header[j]) for j in found[:2])
        raise FeedError(f"the columns {both} both claim to be {role}; keep one", 1, role)
    return found[0]


def _missing(role: str, header: list[str]) -> FeedError:
    seen = ", ".join(printable(cell) for cell in header)
    return FeedError(f"no such column; the first line must name {NEEDED}, it says: {seen:.200}", 1, role)
