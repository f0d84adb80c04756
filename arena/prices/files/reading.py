"""What every kind of file ends in: parts of columns that were read, made one series with a sentence
for all that was understood.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from arena.prices.files.cells import csv_numbers
from arena.prices.files.cells.columns import Columns, labels
from arena.prices.files.cells.csv_times import Kind, Unix
from arena.prices.files.cells.local_time import utc_of, zone_of
from arena.prices.files.errors import (
    MOST_PROBLEMS,
    FeedError,
    OpenQuestion,
    Problem,
    asking,
    printable,
    refusal,
)
from arena.prices.files.layout import is_sound
from arena.prices.files.notes import column_notes, series_notes
from arena.prices.files.options import AS_IT_IS, OPTIONS, Reading
from arena.prices.files.rows import Rows, series
from arena.prices.files.shaping import shaped
from arena.prices.market.bars import DAY_MS, PRICES, Bars, value_problems

PRICE_RANGE = (1e-12, 1e12)
VOLUME_MAX = 1e18
# share of a price by which a high may lie under its body, or a low above it: what rounding of a
# product leaves
NOISE = 1e-11


@dataclass(frozen=True)
class PriceFile:
    """What a file holds: its bars, and one sentence per thing understood or done.

    columns: headings read by role; volume: that of the volume, "" where there is none; headings:
    all there are; zone: what its times are read in; left_out: sentences on what is in the file and
    not in the bars.
    """

    bars: Bars
    notes: list[str]
    columns: dict[str, str]
    symbol: str
    headings: tuple[str, ...]
    zone: str = "UTC"
    left_out: list[str] = field(default_factory=list)
    reading: Reading = AS_IT_IS

    @property
    def volume(self) -> str:
        """Heading of the column of volumes, "" where there is none."""
        return self.columns.get("volume", "")


@dataclass
class FilePart:
    """Some rows in the order of the file: `time` int64 ms and float64 `values` by role, all [n];
    `lines` int64 [n] where they stand.

    `rival`: float64 [n] of the second column of volumes, None where there is none of numbers.
    `noise`: prices that were moved by less than NOISE to lie within low and high. `bare`: the
    column of volumes is empty in all of them.
    """

    time: np.ndarray
    values: dict[str, np.ndarray]
    rival: np.ndarray | None
    lines: np.ndarray
    noise: int = 0
    bare: bool = False


@dataclass
class Tally:
    """What was met on the way: faults, lines that are the headings again, rows left out, symbols,
    changes of unit.
    """

    problems: list[Problem] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    tickers: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    other_line: int = 0
    other_symbols: int = 0
    empty: list[int] = field(default_factory=list)
    left_out: int = 0
    bare: int = 0
    unit: str = ""

    def leave_out(self, lines: Sequence[int]) -> None:
        """Count rows that are left out because they have no prices."""
        self.empty += lines[: max(0, 3 - len(self.empty))]
        self.left_out += len(lines)

    def without_prices(self, lines: Sequence[int], column: str) -> None:
        """Count rows that cannot be read because they have no prices; `column`: one that is
        empty.
        """
        self.bare += len(lines)
        text = (
            "the row has an empty cell in a column that is read; fill it in, or leave out such rows"
            " (empty)"
        )
        self.problems += [Problem(text, line, column) for line in lines[:MOST_PROBLEMS]]

    def of_symbol(
        self, cells: Sequence[str], lines: Sequence[int], symbol: str, *, asked: bool
    ) -> np.ndarray:
        """bool [n]: rows of the symbol that is read; the others are counted, or asked about."""
        wanted = symbol.lower() if asked else symbol
        kept = np.array([(cell.lower() if asked else cell) == wanted for cell in cells], bool)
        others = {cell for cell, own in zip(cells, kept.tolist(), strict=True) if not own}
        if asked:
            self.others |= others
            self.other_symbols += int(np.count_nonzero(~kept))
        elif others:
            self.other_line = self.other_line or int(lines[int(np.argmin(kept))])
            self.tickers |= others | {symbol}
        return kept

    def units(self, kind: Kind, cells: Sequence[str], lines: Sequence[int]) -> None:
        """Note where Unix times change their unit."""
        changed = None if self.unit or not isinstance(kind, Unix) else kind.change(cells)
        if changed is not None:
            where = f"from line {lines[changed]} on"
            self.unit = (
                f"Unix times are in another unit than the first {where}: each is read in its own."
            )

    def notes(self, unit: str) -> list[str]:
        """A sentence for each."""
        sentences = self.left_out_notes(unit)
        return sentences + ([self.unit] if self.unit else [])

    def left_out_notes(self, unit: str) -> list[str]:
        """Of them, those on what is not in the bars."""
        sentences = []
        if self.left_out:
            many = "1 row" if self.left_out == 1 else f"{self.left_out:,} rows"
            sentences.append(
                f"{many} without prices left out, the first at {unit} {self.empty[0]}."
            )
        if self.repeated:
            times = "once" if len(self.repeated) == 1 else f"{len(self.repeated)} times"
            sentences.append(
                f"The headings come again {times}, first at {unit} {self.repeated[0]}: skipped."
            )
        if self.other_symbols:
            sentences.append(f"{self.other_symbols:,} rows of other symbols left out.")
        return sentences


@dataclass(frozen=True)
class Understood:
    """What holds for a whole file: what its columns are called, their roles, the time column read,
    sentences, symbol.

    unit: what `lines` of a part count; zoned: whether times name their zone; left_out: those of
    `notes` on what is not kept.
    """

    header: Sequence[str]
    columns: Columns
    time_column: int
    notes: list[str]
    symbol: str
    unit: str
    zoned: bool = True
    reading: Reading = AS_IT_IS
    left_out: list[str] = field(default_factory=list)
    unix: bool = False


def assembled(parts: list[FilePart], understood: Understood, now_ms: int) -> PriceFile:
    """The file of `parts`, which are emptied on the way: of a long series only one copy is held.
    Raises `FeedError`.
    """
    understood = _without_bare(parts, understood)
    lines = np.concatenate([part.lines for part in parts])
    noise = sum(part.noise for part in parts)
    columns, notes = _volume_read(parts, understood, lines)
    arrays = {"time": np.concatenate([part.time for part in parts])}
    for role in understood.columns.values:
        arrays[role] = np.concatenate([part.values.pop(role) for part in parts])
    arrays.setdefault("volume", np.zeros(len(lines)))
    parts.clear()
    header = understood.header
    arrays["time"], zone, zoned = _in_utc(arrays["time"], lines, understood)
    _refuse_unsound(arrays["time"], understood)
    adjusted = _adjusted(arrays)
    bars, done = series(
        Rows(arrays, lines, header[understood.time_column], understood.unit), now_ms
    )
    bars, reshaped = shaped(bars, understood.reading)
    read = {"time": understood.time_column, **columns.values} | (
        {} if columns.symbol is None else {"symbol": columns.symbol}
    )
    headings = {role: header[j] for role, j in read.items()}
    left_out = [
        *understood.left_out,
        *(each for each in [*done, *reshaped] if "left out" in each or "merged" in each),
    ]
    sentences = [
        *understood.notes,
        *notes,
        *zoned,
        *_noise(noise),
        *adjusted,
        *done,
        *reshaped,
        *series_notes(bars),
    ]
    return PriceFile(
        bars,
        sentences,
        headings,
        printable(understood.symbol)[:40],
        printable_names(header),
        zone,
        left_out,
        understood.reading,
    )


def _without_bare(parts: list[FilePart], understood: Understood) -> Understood:
    """What holds for the file where its column of volumes is empty: throughout, there is none; in
    some rows, they have no volume.
    """
    bare = [part for part in parts if part.bare]
    if not bare:
        return understood
    if len(bare) == len(parts):
        for part in parts:
            part.values.pop("volume")
        return replace(understood, columns=replace(understood.columns, volumes=()))
    tally = Tally()
    lines = [line for part in bare for line in part.lines.tolist()]
    if understood.reading.empty != "leave_out":
        tally.without_prices(lines, understood.header[understood.columns.volumes[0]])
        raise no_prices(tally) or refusal(tally.problems)
    tally.leave_out(lines)
    parts[:] = [part for part in parts if not part.bare]
    left_out = tally.left_out_notes(understood.unit)
    return replace(
        understood, notes=[*understood.notes, *left_out], left_out=[*understood.left_out, *left_out]
    )


def printable_names(header: Sequence[str]) -> tuple[str, ...]:
    """What all columns are called."""
    return tuple(printable(text) for text in labels(header))


def _volume_read(
    parts: list[FilePart], understood: Understood, lines: np.ndarray
) -> tuple[Columns, list[str]]:
    """(columns, notes): the second column of volumes is kept where the first holds nothing."""
    columns, rivals = understood.columns, [part.rival for part in parts]
    if not columns.volumes:
        return columns, [
            "No volume: what is reckoned from it is 0, and impact cannot be used.",
            *column_notes(understood.header, columns, [], [], lines),
        ]
    empty = not any(part.values["volume"].any() for part in parts)
    if (
        empty
        and all(rival is not None and not np.isnan(rival).any() for rival in rivals)
        and any(rival.any() for rival in rivals if rival is not None)
    ):
        first, second, *rest = columns.volumes
        for part, rival in zip(parts, rivals, strict=True):
            if rival is not None:
                part.values["volume"], part.rival = rival, None
        columns = replace(columns, volumes=(second, first, *rest))
        note = (
            f"{printable(understood.header[first])} is 0 throughout: volume from"
            f" {printable(understood.header[second])}."
        )
        return columns, [
            note,
            *column_notes(
                understood.header,
                replace(columns, volumes=(second,)),
                [],
                [],
                lines,
                skip={first, *rest},
            ),
        ]
    notes = column_notes(
        understood.header, columns, [part.values["volume"] for part in parts], rivals, lines
    )
    return columns, [*notes, *(["The volume is 0 throughout."] if empty else [])]


def _in_utc(
    time: np.ndarray, lines: np.ndarray, understood: Understood
) -> tuple[np.ndarray, str, list[str]]:
    """(times UTC, zone in words, sentences)."""
    if understood.zoned:
        return time, "UTC", []
    if not understood.reading.zone and not (time % DAY_MS).any():
        return time, "none: whole days", []
    if not understood.reading.zone:
        return (
            time,
            "none named, read as UTC",
            ["No zone is named: times are read as UTC; name their zone (zone) if they are local."],
        )
    utc, never = utc_of(time, zone_of(understood.reading.zone))
    if never.any():
        rows = np.flatnonzero(never)[:MOST_PROBLEMS]
        text = (
            f"is a time that the clock of {printable(understood.reading.zone)} never showed;"
            " correct it, or name another zone (zone)"
        )
        problems = [
            Problem(
                f"{np.datetime64(int(time[row]), 'ms')} {text}",
                int(lines[row]),
                understood.header[understood.time_column],
            )
            for row in rows
        ]
        raise FeedError(*problems[0], unit=understood.unit, problems=problems)
    return (
        utc,
        printable(understood.reading.zone),
        [f"Times by the clock of {printable(understood.reading.zone)}, turned to UTC."],
    )


def _refuse_unsound(time: np.ndarray, understood: Understood) -> None:
    """FeedError that asks, where numbers make bars of no usual length or of a time before there
    were any.
    """
    if not understood.unix or understood.reading.dates or len(time) < 3 or is_sound(time):
        return
    steps = np.abs(np.diff(time))
    step = int(np.median(steps[steps > 0])) if (steps > 0).any() else 0
    began = str(np.datetime64(int(time.min()), "ms"))[:10]
    text = (
        f"read as counting from 1970, its times make bars of {step:,} ms from {began} on; say unix"
        " or stamps (dates)"
    )
    choices = {name: OPTIONS["dates"].choices[name] for name in ("unix", "stamps")}
    raise asking(
        text, OpenQuestion("dates", choices), None, understood.header[understood.time_column]
    )


def _adjusted(arrays: dict[str, np.ndarray]) -> list[str]:
    """Multiply all prices by the adjusted close over the close; a sentence where that was asked
    for.
    """
    adjusted = arrays.pop("adjusted", None)
    if adjusted is None:
        return []
    factor = adjusted / arrays["close"]
    for role in ("open", "high", "low"):
        arrays[role] = arrays[role] * factor
    arrays["close"] = adjusted
    arrays["high"] = np.maximum.reduce([arrays["high"], arrays["open"], adjusted])
    arrays["low"] = np.minimum.reduce([arrays["low"], arrays["open"], adjusted])
    return ["Prices adjusted: times the adjusted close over the close."]


def _noise(count: int) -> list[str]:
    if not count:
        return []
    many = "1 high or low" if count == 1 else f"{count:,} highs and lows"
    return [f"{many} within a unit in the last place of open or close: moved to it."]


def sound_part(part: FilePart) -> list[tuple[int, str, str]] | None:
    """None where all prices and volumes of a part can be, after rounding noise was taken out of
    highs and lows; else (row, role, what is wrong and the remedy) of the first ones.
    """
    values = part.values
    top, bottom = (
        np.maximum(values["open"], values["close"]),
        np.minimum(values["open"], values["close"]),
    )
    low, high = values["low"] > bottom, values["high"] < top
    if low.any() or high.any():
        low &= values["low"] <= bottom * (1 + NOISE)
        high &= values["high"] >= top * (1 - NOISE)
        part.noise = int(np.count_nonzero(low) + np.count_nonzero(high))
        values["low"], values["high"] = (
            np.where(low, bottom, values["low"]),
            np.where(high, top, values["high"]),
        )
    return impossible(values) or None


def all_impossible(values: dict[str, np.ndarray]) -> list[tuple[int, str, str]]:
    """As `impossible`, of the rows in which every number could be read."""
    good = np.logical_and.reduce([np.isfinite(column) for column in values.values()])
    rows = np.flatnonzero(good)
    found = impossible({role: column[good] for role, column in values.items()}) if rows.size else []
    return [(int(rows[row]), role, text) for row, role, text in found]


def impossible(values: dict[str, np.ndarray]) -> list[tuple[int, str, str]]:
    """(row, role, what is wrong and the remedy) of prices or volumes there cannot be, at most
    MOST_PROBLEMS.
    """
    prices = {role: values[role] for role in PRICES}
    prices["volume"] = values.get("volume", np.zeros(len(values["close"])))
    problems = [
        (row, role, f"{text}; correct or delete the row")
        for row, role, text in value_problems(**prices, most=MOST_PROBLEMS)
    ]
    low, high = PRICE_RANGE
    for role in (*PRICES, *(["adjusted"] if "adjusted" in values else [])):
        for far in np.flatnonzero(~((values[role] >= low) & (values[role] <= high)))[
            :MOST_PROBLEMS
        ].tolist():
            problems.append(
                (far, role, f"is no price between {low:g} and {high:g}; change the unit")
            )
    for far in np.flatnonzero(prices["volume"] > VOLUME_MAX)[:MOST_PROBLEMS].tolist():
        problems.append((far, "volume", f"is above {VOLUME_MAX:g}; change the unit"))
    first = {row: (row, role, text) for row, role, text in reversed(problems)}
    return [first[row] for row in sorted(first)][:MOST_PROBLEMS]


def lowered(read: csv_numbers.Numbers) -> np.ndarray | None:
    """The numbers of a column that was not asked for, 0 where it is empty; None where a cell is no
    number.
    """
    return None if read.problems else np.where(read.empty, 0.0, read.values)


def no_prices(tally: Tally) -> FeedError | None:
    """The error that asks about rows without prices, where there is nothing else wrong."""
    if tally.bare < len(tally.problems) or not tally.bare:
        return None
    error = refusal(tally.problems)
    many = "1 row" if tally.bare == 1 else f"{tally.bare:,} rows"
    error.ask = OpenQuestion("empty", {"leave_out": f"leave out {many}"}, "leave_out")
    return error
