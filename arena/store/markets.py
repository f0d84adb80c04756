"""Bars <-> the file of a stored market."""

from functools import lru_cache

import numpy as np

from arena.engine.play import MarketView
from arena.market.bars import Bars
from arena.models import MarketData
from arena.store import files
from ml import checkpoint

COLUMNS = ("time", "open", "high", "low", "close", "volume")


def bars_write(bars: Bars) -> str:
    """Store the bars under their digest; the file's name."""
    name = files.market_name(bars.sha256())
    files.write(name, checkpoint.pack({column: getattr(bars, column) for column in COLUMNS}, {"timeframe_ms": bars.timeframe_ms}))
    return name


def bars_read(market: MarketData) -> Bars:
    """The bars of a stored market; CheckpointError where they are not those its row names."""
    data = files.read(market.file)
    arrays = checkpoint.unpack(data, market.file)
    checkpoint.need(arrays, *COLUMNS, where=market.file)
    bars = Bars(**{column: arrays[column] for column in COLUMNS}, timeframe_ms=market.timeframe_ms)
    if bars.sha256() != market.sha256:
        raise checkpoint.CheckpointError(f"{market.file} does not hold the bars of market {market.pk}: {bars.sha256()}")
    return bars


def market_view(market: MarketData) -> MarketView:
    """Prices and features of a stored market, kept by this process for the next block."""
    return _view(market.pk, market.sha256)


def market_bars(market: MarketData) -> Bars:
    """The bars of a stored market, kept by this process."""
    return _bars(market.pk, market.sha256)


def market_times(market: MarketData) -> np.ndarray:
    """int64 [bars]: open times in UTC milliseconds."""
    return _bars(market.pk, market.sha256).time


@lru_cache(maxsize=4)
def _bars(pk: int, _digest: str) -> Bars:
    return bars_read(MarketData.objects.get(pk=pk))


@lru_cache(maxsize=4)
def _view(pk: int, digest: str) -> MarketView:
    return MarketView.of(_bars(pk, digest))
