"""Bars <-> the file of a stored market."""

from collections.abc import Sequence
from functools import lru_cache
from typing import IO, NamedTuple

import numpy as np

from arena.prices.files.packed import pack_bars, unpack_bars
from arena.prices.market.bars import Bars, sha256_of
from arena.prices.market.view import MarketView
from arena.prices.models import MarketData
from arena.store import files
from ml import checkpoint


class Written(NamedTuple):
    """A file of bars, and its bytes."""

    name: str
    size: int


def bars_write(bars: Sequence[Bars]) -> Written:
    """Store the bars of each symbol under their digest."""
    name = files.market_name(sha256_of(bars))
    files.write(name, pack_bars(bars))
    return Written(name, files.size(name))


def packed_bars_write(digest: str, packed: IO[bytes]) -> Written:
    """Store bars that were packed elsewhere under their digest, without holding them."""
    name = files.market_name(digest)
    files.write_from(name, packed)
    return Written(name, files.size(name))


def is_stored(written: Written) -> bool:
    """Whether the file is there."""
    return files.exists(written.name)


def bars_read(market: MarketData) -> tuple[Bars, ...]:
    """The bars of each symbol of a stored market; CheckpointError where they are not those its row
    names.
    """
    bars = unpack_bars(
        files.read(market.file), market.file, market.timeframe_ms, len(market.symbols)
    )
    if sha256_of(bars) != market.sha256:
        raise checkpoint.CheckpointError(
            f"{market.file} does not hold the bars of market {market.pk}: {sha256_of(bars)}"
        )
    return bars


def market_view(market: MarketData) -> MarketView:
    """Prices and features of a stored market, kept by this process for the next block."""
    return _view(market.pk, market.sha256)


def market_bars(market: MarketData) -> tuple[Bars, ...]:
    """The bars of each symbol of a stored market, kept by this process."""
    return _bars(market.pk, market.sha256)


def market_times(market: MarketData) -> np.ndarray:
    """int64 [bars]: open times in UTC milliseconds."""
    return market_bars(market)[0].time


@lru_cache(maxsize=4)
def _bars(pk: int, _digest: str) -> tuple[Bars, ...]:
    return bars_read(MarketData.objects.get(pk=pk))


@lru_cache(maxsize=4)
def _view(pk: int, digest: str) -> MarketView:
    return MarketView.of(_bars(pk, digest))
