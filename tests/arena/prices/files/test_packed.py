"""The file of a market holds the bars of each of its symbols."""

import numpy as np
import pytest

from arena.prices.files.packed import pack_bars, unpack_bars
from arena.prices.market.bars import COLUMNS, sha256_of
from ml import checkpoint
from tests.arena.engine.small import small_bars

STEP = small_bars().timeframe_ms


@pytest.mark.parametrize("symbols", [1, 2, 8])
def test_what_is_packed_is_unpacked_to_the_bit(symbols):
    series = [small_bars(seed) for seed in range(symbols)]

    again = unpack_bars(pack_bars(series), "bars", STEP, symbols)

    assert sha256_of(again) == sha256_of(series)


def test_times_are_written_once():
    arrays = checkpoint.unpack(pack_bars([small_bars(1), small_bars(2)]))

    assert len(arrays) == len(COLUMNS) + len(COLUMNS) - 1
    assert np.array_equal(arrays["close.1"], small_bars(2).close)


def test_a_file_of_fewer_symbols_than_its_row_names_is_refused():
    with pytest.raises(checkpoint.CheckpointError, match=r"prices holds .*, not open\.1"):
        unpack_bars(pack_bars([small_bars()]), "prices", STEP, 2)
