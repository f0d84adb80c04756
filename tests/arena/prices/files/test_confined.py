"""Files of strangers are read in a process of their own: the same answer, and no harm from the
worst of them.
"""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from arena.prices.files import confined
from arena.prices.files.confined import read_confined
from arena.prices.files.errors import FeedError
from arena.prices.files.options import reading_of
from arena.prices.files.packed import pack_bars
from arena.prices.files.price_file import description_of, understand
from tests.arena.prices.files.test_csv_file import GOOD, HEADER, NOW, START, csv_of, row

pytestmark = pytest.mark.confined
ROOT = Path(__file__).parents[4]


def read(data, chosen=None, keep=True):
    return read_confined(io.BytesIO(data), "prices.csv", NOW, reading_of(chosen or {}), keep=keep)


def minutes(count):
    return "".join(f"{START + 60 * i},100,110,90,105,7\n" for i in range(count)).encode()


def test_the_answer_is_that_of_reading_in_this_process():
    here = understand(GOOD, "prices.csv", NOW)

    there = read(GOOD)

    assert there.description == description_of(here)
    assert there.series.sha256 == here.bars.sha256()
    assert there.packed.read() == pack_bars([here.bars])


def test_without_being_asked_no_bars_come_back():
    assert read(GOOD, keep=False).packed is None


def test_a_chosen_column_reaches_the_child():
    data = csv_of(*(row(i) + ",9" for i in range(3)), header=HEADER + ",turnover")

    assert read(data, {"volume": "turnover"}).description["columns"]["volume"] == "turnover"


def test_a_refusal_comes_back_whole():
    with pytest.raises(FeedError) as error:
        read(csv_of(row(0), row(1, close="nan")))

    assert (error.value.line, error.value.column, error.value.name) == (3, "close", "prices.csv")
    assert error.value.headings == tuple(HEADER.split(","))
    assert str(error.value).startswith(
        "prices.csv, line 3, column close: the row has an empty cell"
    )
    assert error.value.ask.choices == {"leave_out": "leave out 1 row"}


def bomb():
    """A few MiB of Feather that unpack, in one piece, to more than a process may have."""
    pa = pytest.importorskip("pyarrow")
    feather = pytest.importorskip("pyarrow.feather")
    count = 25_000_000
    table = pa.table(
        dict.fromkeys(("date", "open", "high", "low", "close", "volume"), np.zeros(count))
    )
    sink = io.BytesIO()
    feather.write_feather(table, sink, compression="zstd", chunksize=count)
    return sink.getvalue()


# a tenth of the longest series, and it: six columns of 8 bytes in 200 MiB
@pytest.mark.parametrize("count", [430_000, pytest.param(4_300_000, marks=pytest.mark.full)])
def test_the_longest_series_that_is_allowed_fits_into_the_childs_memory(monkeypatch, count):
    # however busy this machine is
    monkeypatch.setattr(confined, "WALL_SECONDS", 280)
    pa = pytest.importorskip("pyarrow", reason="no pyarrow: Parquet and Feather files NOT TESTED")
    parquet = pytest.importorskip("pyarrow.parquet")
    times = pa.array((1_200_000_000 + 60 * np.arange(count)) * 1000).cast(pa.timestamp("ms"))
    table = pa.table(
        {
            "date": times,
            **dict.fromkeys(("open", "high", "low", "close", "volume"), np.full(count, 100.0)),
        }
    )
    sink = io.BytesIO()
    parquet.write_table(
        table,
        sink,
        use_dictionary=False,
        compression="zstd",
        column_encoding={"date": "DELTA_BINARY_PACKED"},
    )

    assert read(sink.getvalue()).series.bars == count


def test_a_bomb_is_refused_for_its_size_and_not_for_its_time():
    data = bomb()
    assert len(data) < 2**20

    with pytest.raises(FeedError, match=r"more memory|unpack to more"):
        read(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\0" * (20 << 20),
        b"PK\x03\x04" + bytes(1 << 20),
        b"x" * (20 << 20),
        GOOD * 90_000,
        bytes(21 << 20),
    ],
)
def test_what_is_large_and_no_series_is_refused_before_its_time_is_up(data):
    with pytest.raises(FeedError) as refused:
        read(data)

    assert "it takes longer" not in str(refused.value)


def test_a_child_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(confined, "WALL_SECONDS", 0.05)

    with pytest.raises(FeedError, match="takes longer than"):
        read(GOOD)


@pytest.mark.parametrize("program", ["true", "false"])
def test_a_child_that_dies_without_an_answer_is_a_refusal(monkeypatch, program):
    monkeypatch.setattr(sys, "executable", f"/bin/{program}")

    with pytest.raises(FeedError, match="ended without an answer"):
        read(GOOD)


def test_the_child_inherits_nothing_of_the_environment(monkeypatch, tmp_path):
    script = tmp_path / "child"
    script.write_text("#!/bin/sh\nexport -p >&2\n")
    script.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(script))
    monkeypatch.setenv("SECRET_KEY", "a secret that must not be handed on")
    warnings = []
    monkeypatch.setattr(
        confined.log, "warning", lambda text, *values: warnings.append(text % values)
    )

    with pytest.raises(FeedError):
        read(GOOD)

    assert "OPENBLAS_NUM_THREADS" in warnings[0]
    assert "a secret" not in warnings[0]


MEASURE = """
import re, sys
from pathlib import Path
from arena.prices.files.confined import read_confined
from arena.prices.files.options import AS_IT_IS
data = open(sys.argv[1], "rb")
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
before = peak()
read = read_confined(data, "prices.csv", 1_800_000_000_000, AS_IT_IS, keep=True)
print(read.series.bars, peak() - before)
"""


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(),
    reason="no /proc: memory of the reading process NOT TESTED",
)
def test_this_process_grows_by_less_than_fifty_mebibytes_for_the_largest_file(tmp_path):
    file = tmp_path / "prices.csv"
    file.write_bytes(HEADER.encode() + b"\n" + minutes(740_000))
    assert file.stat().st_size > 19 << 20

    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=os.environ,
    )

    bars, growth = map(int, done.stdout.split())
    assert bars == 740_000
    assert growth < 50
