"""The market that settings name: a simulator's, a stored series or several together, or blocks of
them in another order.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from arena.engine.schedule import bars_needed
from arena.prices.files import builtin
from arena.prices.files.errors import FeedError
from arena.prices.market.bars import Bars
from arena.prices.market.bootstrap import BootstrapError, resampled
from arena.prices.market.simulators import SIMULATORS, SimulatorError, simulated
from arena.prices.market.together import NothingCommon, aligned
from arena.prices.models import DataKind, MarketData
from arena.prices.services.baskets import market_together
from arena.prices.services.markets import market_bars, market_builtin, market_store
from arena.services.errors import BasketRefused
from arena.settings_schema import ON_SERIES, Settings, SettingsError
from ml.rng import Purpose, stream

# a longer run starts the series again, and says so
MOST_SIMULATED_BARS = 200_000


def market_simulate(*, settings: Settings, owner: Any = None) -> MarketData:
    """The owner's row of the simulated market that these settings and their seed make, with the
    black swans that strike it.
    """
    told = settings.market
    bars, swans = _simulated(settings)
    figures = ", ".join(f"{name} {getattr(told, name):g}" for name in SIMULATORS[told.kind].figures)
    return market_store(
        bars=[bars],
        name=told.kind.replace("_", " "),
        data_kind=DataKind.SIMULATED,
        source=f"simulator {told.kind}: {figures}, seed {settings.seed}",
        events=[
            {
                "bar": bar,
                "time": int(bars.time[bar]),
                "symbol": 0,
                "kind": "swan",
                "change": float(bars.close[bar] / bars.open[bar] - 1.0),
            }
            for bar in swans.tolist()
        ],
        owner=owner,
    )


def market_resample(*, settings: Settings, series: MarketData, owner: Any = None) -> MarketData:
    """The owner's row of blocks of a stored series, drawn anew by the settings and their seed."""
    told = settings.market
    return market_store(
        bars=_resampled(settings, market_bars(market=series)),
        name=f"{series.name}, resampled",
        data_kind=DataKind.SIMULATED,
        source=(
            f"{told.resampling} block bootstrap, blocks of {told.block} bars, seed {settings.seed},"
            f" of {series.source}"
        ),
        notes=[
            f"Bars of {series.name} (hash {series.sha256[:12]}) in blocks of {told.block}, in an"
            " order that never was."
        ],
        provenance=series.provenance,
        symbols=series.symbols,
        drawn_from=series,
        owner=owner,
    )


def market_of_series(*, settings: Settings, series: MarketData, owner: Any = None) -> MarketData:
    """What the settings make of a stored series: itself, or blocks of it, which are `owner`'s."""
    return (
        market_resample(settings=settings, series=series, owner=owner)
        if settings.market.kind == "bootstrap"
        else series
    )


def market_of_settings(*, settings: Settings, owner: Any = None) -> MarketData:
    """The market settings name by themselves: a simulator's, or one on built-in series.
    SettingsError where they name neither.

    What is made is `owner`'s; built-in series are everybody's.
    """
    if settings.market.kind not in ON_SERIES:
        return market_simulate(settings=settings, owner=owner)
    try:
        parts = [market_builtin(name=name) for name in settings.market.names]
        return market_of_series(settings=settings, series=market_together(parts=parts), owner=owner)
    except (FeedError, BasketRefused) as error:
        raise _no_series(settings, error) from None


def bars_of_settings(*, settings: Settings) -> tuple[Bars, ...]:
    """The bars of each symbol of `market_of_settings`, nothing stored."""
    if settings.market.kind not in ON_SERIES:
        return (_simulated(settings)[0],)
    try:
        bars = aligned([builtin.load(name)[0] for name in settings.market.names])
    except (FeedError, NothingCommon) as error:
        raise _no_series(settings, error) from None
    return bars_of_series(settings=settings, bars=bars)


def bars_of_series(*, settings: Settings, bars: tuple[Bars, ...]) -> tuple[Bars, ...]:
    """The bars of `market_of_series`, nothing stored."""
    return _resampled(settings, bars) if settings.market.kind == "bootstrap" else bars


def market_length(*, settings: Settings, series: MarketData | None) -> int:
    """Bars of the market that settings make by themselves, or of a stored `series`; nothing is
    made.

    SettingsError where they name none.
    """
    if settings.market.kind != "file":
        return _count(settings)
    return series.bars if series else len(bars_of_settings(settings=settings)[0].time)


def volume_check(*, market: MarketData, settings: Settings) -> None:
    """SettingsError where orders are to move the price by their share of a volume that the market
    does not have.
    """
    if not settings.costs.impact:
        return
    silent = [
        symbol
        for symbol, bars in zip(market.symbols, market_bars(market=market), strict=True)
        if not bars.volume.any()
    ]
    if silent:
        text = (
            f"needs volume, and {', '.join(silent)} has none: bring a series with volume, or set"
            " impact to 0"
        )
        raise SettingsError({"costs.impact": text})


def _simulated(settings: Settings) -> tuple[Bars, np.ndarray]:
    told = settings.market
    figures = {name: getattr(told, name) for name in SIMULATORS[told.kind].figures}
    try:
        return simulated(
            told.kind, _count(settings), stream(settings.seed, Purpose.MARKET), **figures
        )
    except SimulatorError as error:
        raise SettingsError({"market": str(error)}) from None


def _resampled(settings: Settings, bars: Sequence[Bars]) -> tuple[Bars, ...]:
    told = settings.market
    try:
        return resampled(
            bars,
            _count(settings),
            told.resampling,
            told.block,
            stream(settings.seed, Purpose.MARKET),
        )
    except BootstrapError as error:
        raise SettingsError({"market.block": str(error)}) from None


def _count(settings: Settings) -> int:
    return min(bars_needed(settings), MOST_SIMULATED_BARS)


def _no_series(settings: Settings, error: ValueError) -> SettingsError:
    text = (
        str(error)
        if any(settings.market.names)
        else "bring a file of prices, or name a built-in series: " + ", ".join(builtin.SERIES)
    )
    return SettingsError({"market.paths" if settings.market.paths else "market.path": text})
