"""Makes and stores markets, one row and one file for each series however often it is brought."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from django.utils import timezone

from arena.engine.schedule import bars_needed
from arena.feeds import builtin
from arena.feeds.confined import Reading, Series, read_confined, series_of
from arena.feeds.errors import FeedError
from arena.feeds.limits import OWN_FILE
from arena.feeds.price_file import understand
from arena.feeds.reading import PriceFile
from arena.market.bars import Bars
from arena.market.bootstrap import BootstrapError, resampled
from arena.market.simulators import SIMULATORS, SimulatorError, simulated
from arena.models import DataKind, MarketData
from arena.settings_schema import ON_SERIES, Settings, SettingsError
from arena.store.markets import bars_read, bars_write, market_view, packed_write
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
    events: Sequence[dict[str, Any]] = (),
    drawn_from: MarketData | None = None,
    owner: Any = None,
) -> MarketData:
    """The row of these bars: the one they already have, or a new one. The file is written where it is missing."""
    told = {"name": name, "data_kind": data_kind, "source": source, "notes": notes, "provenance": provenance, "symbol": symbol}
    return _row(series_of(bars), bars_write(bars), owner, **told, events=list(events), drawn_from=drawn_from)


def market_keep(*, reading: Reading, file_name: str, owner: Any) -> MarketData:
    """The row of an uploaded file that was understood, `owner`'s own from now on."""
    file = packed_write(reading.series.sha256, reading.packed)
    return _row(reading.series, file, owner, **_of_file(file_name, reading.told["symbol"], reading.told["understood"]))


def market_upload(*, file: BinaryIO, file_name: str, chosen: Mapping[str, str], owner: Any) -> MarketData:
    """The row of a file that somebody sends; `chosen`: {role: heading} where they say so. FeedError."""
    reading = read_confined(file, file_name, time.time_ns() // 1_000_000, chosen, keep=True)
    return market_keep(reading=reading, file_name=file_name, owner=owner)


def market_import(*, path: Path, chosen: Mapping[str, str], owner: Any = None) -> MarketData:
    """The row of a person's own file on this machine, of any size. FeedError."""
    read = file_read(path=path, chosen=chosen)
    return market_store(bars=read.bars, owner=owner, **_of_file(path.name, read.symbol, read.notes))


def file_read(*, path: Path, chosen: Mapping[str, str]) -> PriceFile:
    """A person's own file on this machine, understood; nothing stored. FeedError, also where it cannot be opened."""
    try:
        with path.open("rb") as file:
            return understand(file, path.name, time.time_ns() // 1_000_000, chosen, OWN_FILE)
    except OSError as error:
        raise FeedError(f"cannot be read: {error.strerror or error}", name=str(path)) from None


def _of_file(file_name: str, symbol: str, notes: Sequence[str]) -> dict[str, Any]:
    """What is told of a market that was a file."""
    told = {"name": symbol or file_name, "source": f"file {file_name}", "symbol": symbol, "notes": notes}
    return told | {"data_kind": DataKind.HISTORICAL}


def _row(
    series: Series, file: str, owner: Any, *, name: str, source: str, symbol: str = "", notes: Sequence[str] = (), **more: Any
) -> MarketData:
    """The row of the series that is kept in `file`; one that is there already stays as it is. more: other columns, by name."""
    told = {"name": name[:120], "source": source[:200], "symbol": symbol[:40], "notes": list(notes), "file": file, **more}
    told |= {"timeframe_ms": series.timeframe_ms, "bars": series.bars, "first_time": series.first_time, "last_time": series.last_time}
    told |= {"gap_count": series.gap_count, "missing_bars": series.missing_bars}
    told |= {"leaps": series.leaps}
    # where somebody else stores the same bars meanwhile, in the same file, theirs is found
    row, _ = MarketData.objects.get_or_create(sha256=series.sha256, defaults=told | {"created_at": timezone.now()})
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
    """The row of the simulated market that these settings and their seed make, with the black swans that strike it."""
    told = settings.market
    bars, swans = _simulated(settings)
    figures = ", ".join(f"{name} {getattr(told, name):g}" for name in SIMULATORS[told.kind].figures)
    return market_store(
        bars=bars,
        name=told.kind.replace("_", " "),
        data_kind=DataKind.SIMULATED,
        source=f"simulator {told.kind}: {figures}, seed {settings.seed}",
        events=[
            {"bar": bar, "time": int(bars.time[bar]), "kind": "swan", "change": float(bars.close[bar] / bars.open[bar] - 1.0)}
            for bar in swans.tolist()
        ],
    )


def market_resample(*, settings: Settings, series: MarketData) -> MarketData:
    """The row of blocks of a stored series, drawn anew by the settings and their seed."""
    told = settings.market
    return market_store(
        bars=_resampled(settings, bars_read(series)),
        name=f"{series.name}, resampled",
        data_kind=DataKind.SIMULATED,
        source=f"{told.resampling} block bootstrap, blocks of {told.block} bars, seed {settings.seed}, of {series.source}",
        notes=[f"Bars of {series.name} (hash {series.sha256[:12]}) in blocks of {told.block}, in an order that never was."],
        provenance=series.provenance,
        symbol=series.symbol,
        drawn_from=series,
    )


def market_of_series(*, settings: Settings, series: MarketData) -> MarketData:
    """What the settings make of a stored series: itself, or blocks of it."""
    return market_resample(settings=settings, series=series) if settings.market.kind == "bootstrap" else series


def market_of_settings(*, settings: Settings) -> MarketData:
    """The market settings name by themselves: a simulator's, or one on a built-in series. SettingsError where they name neither."""
    if settings.market.kind not in ON_SERIES:
        return market_simulate(settings=settings)
    try:
        return market_of_series(settings=settings, series=market_builtin(name=settings.market.path))
    except FeedError as error:
        raise _no_series(settings, error) from None


def volume_check(*, market: MarketData, settings: Settings) -> None:
    """SettingsError where orders are to move the price by their share of a volume that the market does not have."""
    if settings.costs.impact and not market_view(market).volume.any():
        text = f"needs volume, and {market.name} has none: bring a series with volume, or set impact to 0"
        raise SettingsError({"costs.impact": text})


def bars_of_settings(*, settings: Settings) -> Bars:
    """The bars of `market_of_settings`, nothing stored."""
    if settings.market.kind not in ON_SERIES:
        return _simulated(settings)[0]
    try:
        bars, _ = builtin.load(settings.market.path)
    except FeedError as error:
        raise _no_series(settings, error) from None
    return bars_of_series(settings=settings, bars=bars)


def bars_of_series(*, settings: Settings, bars: Bars) -> Bars:
    """The bars of `market_of_series`, nothing stored."""
    return _resampled(settings, bars) if settings.market.kind == "bootstrap" else bars


def market_bars(*, market: MarketData) -> Bars:
    """The bars of a stored market; CheckpointError where its file is damaged."""
    return bars_read(market)


def _simulated(settings: Settings) -> tuple[Bars, np.ndarray]:
    told = settings.market
    figures = {name: getattr(told, name) for name in SIMULATORS[told.kind].figures}
    try:
        return simulated(told.kind, _count(settings), stream(settings.seed, Purpose.MARKET), **figures)
    except SimulatorError as error:
        raise SettingsError({"market": str(error)}) from None


def _resampled(settings: Settings, bars: Bars) -> Bars:
    told = settings.market
    try:
        return resampled(bars, _count(settings), told.resampling, told.block, stream(settings.seed, Purpose.MARKET))
    except BootstrapError as error:
        raise SettingsError({"market.block": str(error)}) from None


def _count(settings: Settings) -> int:
    return min(bars_needed(settings), MOST_SIMULATED_BARS)


def _no_series(settings: Settings, error: FeedError) -> SettingsError:
    text = str(error) if settings.market.path else "bring a file of prices, or name a built-in series: " + ", ".join(builtin.SERIES)
    return SettingsError({"market.path": text})
