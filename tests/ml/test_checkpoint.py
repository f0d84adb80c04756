"""Checkpoints come back as they were written, equal contents are equal bytes, and garbage is
named.
"""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml import checkpoint

RECORD = np.dtype(
    [("number", np.int64), ("scores", np.float64, (5,)), ("random", np.uint64, (4,))], align=True
)


def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    return {
        "online": rng.normal(size=(4, 7)).astype(np.float32),
        "action": rng.integers(-1, 3, (4, 9)).astype(np.int8),
        "bar": np.arange(9, dtype=np.int32),
        "none": np.zeros((0, 5), np.float32),
    }


def test_a_file_holds_the_same_bytes(tmp_path):
    checkpoint.pack_file(tmp_path / "it", arrays(), {"round": 3})

    assert (tmp_path / "it").read_bytes() == checkpoint.pack(arrays(), {"round": 3})


def test_arrays_come_back_bit_for_bit():
    written = arrays()

    read = checkpoint.unpack(checkpoint.pack(written))

    assert read.keys() == written.keys()
    assert all(
        read[name].dtype == array.dtype and np.array_equal(read[name], array)
        for name, array in written.items()
    )


def test_equal_contents_are_equal_bytes_whatever_the_order_they_were_given_in():
    written = arrays()
    turned = dict(reversed(written.items()))

    assert checkpoint.pack(written, {"a": 1, "b": 2, "c": "x"}) == checkpoint.pack(
        turned, {"c": "x", "b": 2, "a": 1}
    )


def test_metadata_comes_back():
    assert checkpoint.metadata(checkpoint.pack(arrays(), {"head": 17, "sha": "abc"})) == {
        "head": 17,
        "sha": "abc",
    }
    assert checkpoint.metadata(checkpoint.pack(arrays())) == {}


def test_a_strided_array_is_written_as_it_reads():
    transposed = arrays()["online"].T

    assert np.array_equal(checkpoint.unpack(checkpoint.pack({"x": transposed}))["x"], transposed)


def test_records_come_back_and_can_be_written_to():
    records = np.zeros(3, RECORD)
    records["scores"][1] = np.nan
    records["random"] = np.arange(12, dtype=np.uint64).reshape(3, 4) + np.uint64(2**63)

    read = checkpoint.unpack_records(
        checkpoint.unpack(checkpoint.pack({"agents": checkpoint.pack_records(records)}))["agents"],
        RECORD,
    )

    assert read.tobytes() == records.tobytes()
    read["number"] = 5


def test_records_of_another_size_are_refused():
    with pytest.raises(checkpoint.CheckpointError, match="agents.*does not hold records"):
        checkpoint.unpack_records(np.zeros((2, 3), np.uint8), RECORD, "agents")


def test_a_missing_array_is_named():
    with pytest.raises(checkpoint.CheckpointError, match=r"block-1 holds a, not online"):
        checkpoint.need({"a": np.zeros(1)}, "a", "online", where="block-1")


@given(st.binary(max_size=200))
def test_garbage_is_refused_by_name(garbage):
    with pytest.raises(checkpoint.CheckpointError, match="garbage.bin"):
        checkpoint.unpack(garbage, "garbage.bin")


@given(st.binary(max_size=60))
def test_metadata_of_garbage_is_refused_or_empty(garbage):
    try:
        assert checkpoint.metadata(garbage, "garbage.bin") == {}
    except checkpoint.CheckpointError as error:
        assert "garbage.bin" in str(error)


@given(st.data())
def test_a_file_that_was_cut_is_refused_by_name(data):
    whole = checkpoint.pack(arrays(), {"head": 1})
    end = data.draw(st.integers(0, len(whole) - 1))

    with pytest.raises(checkpoint.CheckpointError, match="cut.bin"):
        checkpoint.unpack(whole[:end], "cut.bin")


@given(st.data())
def test_a_changed_header_is_refused_by_name_or_still_describes_the_bytes_that_are_there(data):
    whole = bytearray(checkpoint.pack(arrays(), {"head": 1}))
    (length,) = struct.unpack_from("<Q", whole)
    whole[data.draw(st.integers(0, 7 + length))] = data.draw(st.integers(0, 255))

    try:
        read = checkpoint.unpack(bytes(whole), "changed.bin")
    except checkpoint.CheckpointError as error:
        assert "changed.bin" in str(error)
    else:
        assert sum(array.nbytes for array in read.values()) == len(whole) - 8 - length
