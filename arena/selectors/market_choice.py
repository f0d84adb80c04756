"""The bars of the market that settings name, with nothing stored: a simulator's, a built-in series
or several together, or blocks of them in another order.
"""

from collections.abc import Sequence

import numpy as np

from arena.engine.schedule import bars_needed
from arena.prices.files import builtin
from arena.prices.files.errors import FeedError
from arena.prices.market.bars import Bars
from arena.prices.market.bootstrap import BootstrapError, resampled
from arena.prices.market.simulators import SIMULATORS, SimulatorError, simulated
from arena.prices.market.together import NothingCommon, at_common_times
from arena.prices.models import MarketData
from arena.settings_schema import ON_SERIES, Settings, SettingsError
from ml.rng import Purpose, stream

# a longer run starts the series again, and says so
MOST_SIMULATED_BARS = 200_000


def bars_of_settings(*, settings: Settings) -> tuple[Bars, ...]:
    """The bars of each symbol of `market_of_settings`, nothing stored."""
    if settings.market.kind not in ON_SERIES:
        return (simulated_of(settings)[0],)
    try:
        bars = at_common_times([builtin.load(name)[0] for name in settings.market.names])
    except (FeedError, NothingCommon) as error:
        raise no_series(settings, error) from None
    return bars_of_series(settings=settings, bars=bars)


def bars_of_series(*, settings: Settings, bars: tuple[Bars, ...]) -> tuple[Bars, ...]:
    """The bars of `market_of_series`, nothing stored."""
    return resampled_of(settings, bars) if settings.market.kind == "bootstrap" else bars


def market_length(*, settings: Settings, series: MarketData | None) -> int:
    """Bars of the market that settings make by themselves, or of a stored `series`; nothing is
    made.

    SettingsError where they name none.
    """
    if settings.market.kind != "file":
        return _count(settings)
    return series.bars if series else len(bars_of_settings(settings=settings)[0].time)


def simulated_of(settings: Settings) -> tuple[Bars, np.ndarray]:
    """(bars, bars int64 [any] that black swans strike) of a simulator. SettingsError."""
    market = settings.market
    figures = {name: getattr(market, name) for name in SIMULATORS[market.kind].figures}
    try:
        return simulated(
            market.kind, _count(settings), stream(settings.seed, Purpose.MARKET), **figures
        )
    except SimulatorError as error:
        raise SettingsError({"market": str(error)}) from None


def resampled_of(settings: Settings, bars: Sequence[Bars]) -> tuple[Bars, ...]:
    """Blocks of `bars`, one series a symbol, in an order of their own. SettingsError."""
    market = settings.market
    try:
        return resampled(
            bars,
            _count(settings),
            market.resampling,
            market.block,
            stream(settings.seed, Purpose.MARKET),
        )
    except BootstrapError as error:
        raise SettingsError({"market.block": str(error)}) from None


def _count(settings: Settings) -> int:
    return min(bars_needed(settings), MOST_SIMULATED_BARS)


def no_series(settings: Settings, error: ValueError) -> SettingsError:
    """What is said where settings name no series that can be read."""
    text = (
        str(error)
        if any(settings.market.names)
        else "bring a file of prices, or name a built-in series: " + ", ".join(builtin.SERIES)
    )
    return SettingsError({"market.paths" if settings.market.paths else "market.path": text})
