"""Bars as the bytes of the file they are kept in."""

from pathlib import Path

import numpy as np

from arena.market.bars import COLUMNS, Bars
from ml import checkpoint


def pack_bars(bars: Bars) -> bytes:
    """A safetensors file of the columns, with the length of a bar; equal bars give equal bytes."""
    return checkpoint.pack(*_told(bars))


def pack_bars_file(path: Path, bars: Bars) -> None:
    """`pack_bars` into a file, without holding its bytes."""
    checkpoint.pack_file(path, *_told(bars))


def _told(bars: Bars) -> tuple[dict[str, np.ndarray], dict[str, int]]:
    return {column: getattr(bars, column) for column in COLUMNS}, {"timeframe_ms": bars.timeframe_ms}


def unpack_bars(data: bytes, name: str, timeframe_ms: int) -> Bars:
    """The bars in `data`; CheckpointError that names the file `name` where they cannot be read."""
    arrays: dict[str, np.ndarray] = checkpoint.unpack(data, name)
    checkpoint.need(arrays, *COLUMNS, where=name)
    return Bars(**{column: arrays[column] for column in COLUMNS}, timeframe_ms=timeframe_ms)
