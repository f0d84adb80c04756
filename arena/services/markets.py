"""Stores markets, one row and one file for each series however often it is brought."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from django.utils import timezone

from arena.engine.schedule import bars_needed
from arena.feeds import builtin
from arena.feeds.confined import Reading, Series, read_confined, series_of
from arena.feeds.errors import FeedError
from arena.feeds.limits import OWN_FILE
from arena.feeds.price_file import understand
from arena.market.bars import Bars
from arena.market.simulators import SimulatorError, simulate
from arena.models import DataKind, MarketData
from arena.settings_schema import Settings, SettingsError
from arena.store.markets import bars_write, packed_write
from ml.rng import Purpose, stream

# a longer run starts the series again, and says so
MOST_SIMULATED_BARS = 200_000


def market_store(
    *,
    bars: Bars,
    name: str,
    data_kind: str,
    source: str,
    notes: Sequence[str] = (),
    provenance: str = "",
    symbol: str = "",
    owner: Any = None,
) -> MarketData:
    """The row of these bars: the one they already have, or a new one. The file is written where it is missing."""
    told = {"name": name, "data_kind": data_kind, "source": source, "notes": notes, "provenance": provenance, "symbol": symbol}
    return _row(series_of(bars), bars_write(bars), owner, **told)


def market_keep(*, reading: Reading, file_name: str, owner: Any) -> MarketData:
    """The row of an uploaded file that was understood, `owner`'s own from now on."""
    file = packed_write(reading.series.sha256, reading.packed)
    symbol = reading.told["symbol"]
    told = {"name": symbol or file_name, "source": f"file {file_name}", "notes": reading.told["understood"], "symbol": symbol}
    return _row(reading.series, file, owner, data_kind=DataKind.HISTORICAL, provenance="", **told)


def market_upload(*, file: BinaryIO, file_name: str, chosen: Mapping[str, str], owner: Any) -> MarketData:
    """The row of a file that somebody sends; `chosen`: {role: heading} where they say so. FeedError."""
    reading = read_confined(file, file_name, time.time_ns() // 1_000_000, chosen, keep=True)
    return market_keep(reading=reading, file_name=file_name, owner=owner)


def market_import(*, path: Path, chosen: Mapping[str, str], owner: Any = None) -> MarketData:
    """The row of a person's own file on this machine, of any size. FeedError; OSError where it cannot be opened."""
    with path.open("rb") as file:
        read = understand(file, path.name, time.time_ns() // 1_000_000, chosen, OWN_FILE)
    told = {"name": read.symbol or path.name, "source": f"file {path.name}", "notes": read.notes, "symbol": read.symbol}
    return market_store(bars=read.bars, data_kind=DataKind.HISTORICAL, owner=owner, **told)


def _row(
    series: Series, file: str, owner: Any, *, name: str, data_kind: str, source: str, notes: Sequence[str], provenance: str, symbol: str
) -> MarketData:
    """The row of the series that is kept in `file`; one that is there already stays as it is."""
    told = {"name": name[:120], "source": source[:200], "symbol": symbol[:40], "notes": list(notes)}
    told |= {"timeframe_ms": series.timeframe_ms, "bars": series.bars, "first_time": series.first_time, "last_time": series.last_time}
    told |= {"data_kind": data_kind, "file": file, "provenance": provenance, "created_at": timezone.now()}
    # where somebody else stores the same bars meanwhile, in the same file, theirs is found
    row, _ = MarketData.objects.get_or_create(sha256=series.sha256, defaults=told)
    if owner is not None:
        row.owners.add(owner)
    return row


def market_builtin(*, name: str) -> MarketData:
    """The row of a built-in series; FeedError for a name there is not."""
    bars, notes = builtin.load(name)
    series = builtin.SERIES[name]
    return market_store(
        bars=bars,
        name=series.title,
        data_kind=DataKind.HISTORICAL,
        source=f"built-in series {name}",
        notes=notes,
        provenance=series.provenance,
    )


def market_simulate(*, settings: Settings) -> MarketData:
    """The row of the simulated market that these settings and their seed make."""
    told, count = settings.market, min(bars_needed(settings), MOST_SIMULATED_BARS)
    shape = {"drift": told.drift, "volatility": told.volatility, "period": told.period, "amplitude": told.amplitude, "edge": told.edge}
    try:
        bars = simulate(told.kind, count, stream(settings.seed, Purpose.MARKET), **shape)
    except SimulatorError as error:
        raise SettingsError({"market": str(error)}) from None
    figures = ", ".join(f"{name} {value:g}" for name, value in shape.items())
    return market_store(
        bars=bars,
        name=told.kind.replace("_", " "),
        data_kind=DataKind.SIMULATED,
        source=f"simulator {told.kind}: {figures}, seed {settings.seed}",
    )


def market_of_settings(*, settings: Settings) -> MarketData:
    """The market settings name by themselves: a simulator's, or a built-in series. SettingsError where they name neither."""
    if settings.market.kind != "file":
        return market_simulate(settings=settings)
    try:
        return market_builtin(name=settings.market.path)
    except FeedError as error:
        text = str(error) if settings.market.path else "bring a file of prices, or name a built-in series: " + ", ".join(builtin.SERIES)
        raise SettingsError({"market.path": text}) from None
