"""A market: one or several validated series of OHLCV bars, immutable, named by their hash."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DAY_MS = 86_400_000
# of a calendar month, on average: a twelfth of the Gregorian year of 365.2425 days
MONTH_MS = 2_629_746_000
PRICES = ("open", "high", "low", "close")
COLUMNS = ("time", *PRICES, "volume")


class BarsError(ValueError):
    """An impossible bar. `row` counts from 0 (None: the series as a whole), `column` is one of
    COLUMNS or "timeframe".
    """

    def __init__(self, row: int | None, column: str, text: str):
        self.row, self.column, self.text = row, column, text
        super().__init__(f"{column}: {text}" if row is None else f"bar {row}, {column}: {text}")


@dataclass(frozen=True, eq=False)
class Bars:
    """`time` int64 [n]: open time, UTC milliseconds, strictly rising; the others float64 [n]; bars
    last `timeframe_ms`.

    The arrays are kept contiguous and read-only. Raises `BarsError` for anything that cannot be a
    market.
    """

    time: np.ndarray
    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    volume: np.ndarray
    timeframe_ms: int

    def __post_init__(self) -> None:
        for name in COLUMNS:
            object.__setattr__(
                self,
                name,
                _frozen(getattr(self, name), np.int64 if name == "time" else np.float64, name),
            )
        _check_shape(self)
        problem = time_problem(self.time) or value_problem(
            self.open, self.high, self.low, self.close, self.volume
        )
        if problem:
            raise BarsError(*problem)

    def __len__(self) -> int:
        return len(self.time)

    def sha256(self) -> str:
        """Hash of this single series, see `sha256_of`."""
        return sha256_of([self])


def sha256_of(series: Sequence[Bars]) -> str:
    """Hash of one series after another: length of a bar and all arrays, little endian, in the order
    of COLUMNS.
    """
    digest = hashlib.sha256()
    for bars in series:
        digest.update(np.int64(bars.timeframe_ms).astype("<i8").tobytes())
        for name in COLUMNS:
            digest.update(getattr(bars, name).astype("<i8" if name == "time" else "<f8").tobytes())
    return digest.hexdigest()


def value_problem(
    open: np.ndarray, high: np.ndarray, low: np.ndarray, close: np.ndarray, volume: np.ndarray
) -> tuple[int, str, str] | None:
    """(row, column, what is wrong) of the first impossible bar, or None; all arrays float64 [n]."""
    return _first(_value_checks(open, high, low, close, volume))


def value_problems(
    open: np.ndarray,
    high: np.ndarray,
    low: np.ndarray,
    close: np.ndarray,
    volume: np.ndarray,
    most: int,
) -> list[tuple[int, str, str]]:
    """As `value_problem`, of the first `most` impossible bars, one fault a bar."""
    found: dict[int, tuple[int, str, str]] = {}
    for column, bad, text in _value_checks(open, high, low, close, volume):
        for row in np.flatnonzero(bad)[:most].tolist():
            found.setdefault(row, (row, column, text))
    return [found[row] for row in sorted(found)][:most]


def is_usual(length_ms: int) -> bool:
    """Whether bars of that length are ones that markets come in: parts of a day, whole days,
    calendar months.
    """
    whole = length_ms % DAY_MS == 0 or length_ms % MONTH_MS == 0 or DAY_MS % length_ms == 0
    return length_ms >= 1000 and whole


def _value_checks(
    open: np.ndarray, high: np.ndarray, low: np.ndarray, close: np.ndarray, volume: np.ndarray
) -> list[tuple[str, np.ndarray, str]]:
    """(column, bool [n] where it is so, what is wrong)."""
    prices = dict(zip(PRICES, (open, high, low, close), strict=True))
    checks = [
        (name, ~np.isfinite(x), "is not a finite number")
        for name, x in [*prices.items(), ("volume", volume)]
    ]
    checks += [(name, x <= 0, "is not above 0") for name, x in prices.items()]
    checks += [("volume", volume < 0, "is below 0"), ("high", high < low, "is below low")]
    return checks + [
        (name, (prices[name] < low) | (prices[name] > high), "lies outside low to high")
        for name in ("open", "close")
    ]


def time_problem(time: np.ndarray) -> tuple[int, str, str] | None:
    """(row, "time", what is wrong) of the first bar that does not come after the one before it, or
    None; int64 [n].
    """
    return _first(
        [("time", np.diff(time, prepend=time[0] - 1) <= 0, "is not later than the bar before")]
    )


def _frozen(values: object, kind: type, name: str) -> np.ndarray:
    array = np.array(values)
    if kind is np.int64 and not np.issubdtype(array.dtype, np.integer):
        raise BarsError(None, name, "is not a whole number of milliseconds")
    array = np.ascontiguousarray(array, dtype=kind)
    array.flags.writeable = False
    return array


def _check_shape(bars: Bars) -> None:
    for name in COLUMNS:
        if getattr(bars, name).shape != (bars.time.size,):
            raise BarsError(
                None, name, f"has shape {getattr(bars, name).shape}, expected ({bars.time.size},)"
            )
    if not bars.time.size:
        raise BarsError(None, "time", "holds no bars")
    if bars.timeframe_ms <= 0:
        raise BarsError(None, "timeframe", "is not above 0")


def _first(checks: list[tuple[str, np.ndarray, str]]) -> tuple[int, str, str] | None:
    found = [(int(np.argmax(bad)), column, text) for column, bad, text in checks if bad.any()]
    return min(found, key=lambda item: item[0]) if found else None
