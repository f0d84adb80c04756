"""The bars of a market, one series a symbol, as the bytes of the file they are kept in."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from arena.prices.market.bars import COLUMNS, Bars, BarsError
from ml import checkpoint


def pack_bars(series: Sequence[Bars]) -> bytes:
    """A safetensors file of the columns, with the length of a bar; equal bars give equal bytes. All
    series have the same times.
    """
    return checkpoint.pack(*_contents(series))


def pack_bars_file(path: Path, series: Sequence[Bars]) -> None:
    """`pack_bars` into a file, without holding its bytes."""
    checkpoint.pack_file(path, *_contents(series))


def _contents(series: Sequence[Bars]) -> tuple[dict[str, np.ndarray], dict[str, int]]:
    columns = {
        _key(name, symbol): getattr(bars, name)
        for symbol, bars in enumerate(series)
        for name in COLUMNS
    }
    return columns, {"timeframe_ms": series[0].timeframe_ms}


def unpack_bars(data: bytes, name: str, timeframe_ms: int, symbols: int) -> tuple[Bars, ...]:
    """The bars of each of `symbols` series in `data`; CheckpointError that names the file `name`
    where they cannot be read.
    """
    arrays: dict[str, np.ndarray] = checkpoint.unpack(data, name)
    keys = [{column: _key(column, symbol) for column in COLUMNS} for symbol in range(symbols)]
    checkpoint.need(arrays, *(key for own in keys for key in own.values()), where=name)
    try:
        return tuple(
            Bars(**{column: arrays[key] for column, key in own.items()}, timeframe_ms=timeframe_ms)
            for own in keys
        )
    except BarsError as error:
        raise checkpoint.CheckpointError(f"{name} holds bars that cannot be: {error}") from None


def _key(column: str, symbol: int) -> str:
    """Times are those of all, written once; a first or only symbol's columns go by their plain
    names.
    """
    return f"{column}.{symbol}" if symbol and column != "time" else column
