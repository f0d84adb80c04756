"""Makes and stores markets, one row and one file for each series however often it is brought."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction
from django.utils import timezone

from arena.engine.schedule import bars_needed
from arena.feeds import builtin
from arena.feeds.errors import FeedError
from arena.market.bars import Bars
from arena.market.bootstrap import BootstrapError, resampled
from arena.market.simulators import SIMULATORS, SimulatorError, simulated
from arena.models import DataKind, MarketData
from arena.settings_schema import ON_SERIES, Settings, SettingsError
from arena.store.markets import bars_read, bars_write
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
) -> MarketData:
    """The row of these bars: the one they already have, or a new one. The file is written where it is missing."""
    digest, file = bars.sha256(), bars_write(bars)
    if found := MarketData.objects.filter(sha256=digest).first():
        return found
    row = MarketData(
        name=name[:120],
        data_kind=data_kind,
        source=source[:200],
        symbol=symbol[:40],
        timeframe_ms=bars.timeframe_ms,
        bars=len(bars),
        first_time=int(bars.time[0]),
        last_time=int(bars.time[-1]),
        sha256=digest,
        file=file,
        notes=list(notes),
        provenance=provenance,
        events=list(events),
        drawn_from=drawn_from,
        created_at=timezone.now(),
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        # somebody else stored the same bars meanwhile, in the same file
        return MarketData.objects.get(sha256=digest)
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
