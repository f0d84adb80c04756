"""Named arrays <-> bytes of a safetensors file: the one way weights and memories are written down;
never pickle.
"""

import hashlib
import json
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save, save_file
from xxhash import xxh3_128_hexdigest

# a single key: safetensors keeps its metadata in no particular order, and equal contents must be
# equal bytes
KEY = "lineage"
# bytes; ours have some hundreds
LONGEST_HEADER = 1 << 20
# NumPy's names of numbers and the file's
TYPES = {"i8": "I64", "f4": "F32", "u1": "U8"}
Pieces = Callable[[str], Iterable[np.ndarray]]


class CheckpointError(ValueError):
    """Bytes that are no checkpoint, or a checkpoint that does not hold what is looked for."""


def pack(arrays: Mapping[str, np.ndarray], metadata: Mapping[str, object] | None = None) -> bytes:
    """A safetensors file of `arrays` (numbers only) with `metadata` (JSON values); equal contents
    give equal bytes.
    """
    return save(*_contents(arrays, metadata or {}))


def pack_file(
    path: Path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, object] | None = None
) -> None:
    """`pack` into a file, without holding its bytes."""
    contents, note = _contents(arrays, metadata or {})
    save_file(contents, path, note)


def pack_pieces(
    shapes: Mapping[str, tuple[np.dtype, tuple[int, ...]]],
    metadata: Mapping[str, object],
    pieces: Pieces,
) -> Iterator[bytes]:
    """The bytes of `pack`, a piece at a time, of arrays that are never whole in memory.

    pieces(name): its rows in order, as arrays of any length. The order of arrays is the library's:
    wide numbers first, then by name.
    """
    names = sorted(shapes, key=lambda name: (-shapes[name][0].itemsize, name))
    header: dict[str, object] = {"__metadata__": {KEY: _note(metadata)}}
    end = 0
    for name in names:
        dtype, shape = shapes[name]
        begin, end = end, end + dtype.itemsize * math.prod(shape)
        header[name] = {
            "dtype": TYPES[dtype.str[1:]],
            "shape": list(shape),
            "data_offsets": [begin, end],
        }
    head = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    head += b" " * (-len(head) % 8)
    yield len(head).to_bytes(8, "little") + head
    for name in names:
        for rows in pieces(name):
            yield np.ascontiguousarray(rows, shapes[name][0]).tobytes()


def places(
    head: bytes, name: str = "checkpoint"
) -> dict[str, tuple[np.dtype, tuple[int, ...], int]]:
    """{array: (dtype, shape, its first byte in the file)} by the first bytes of a file, its whole
    header; CheckpointError.
    """
    try:
        size = int.from_bytes(head[:8], "little")
        header = json.loads(head[8 : 8 + size])
        kinds = {kind: np.dtype(f"<{code}") for code, kind in TYPES.items()}
        found = {
            key: (kinds[each["dtype"]], tuple(each["shape"]), 8 + size + each["data_offsets"][0])
            for key, each in header.items()
            if key != "__metadata__"
        }
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise CheckpointError(f"{name} has no readable header: {error}") from None
    return found


def _note(metadata: Mapping[str, object]) -> str:
    return json.dumps(dict(metadata), sort_keys=True, allow_nan=False)


def _contents(
    arrays: Mapping[str, np.ndarray], metadata: Mapping[str, object]
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """What the library is handed."""
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}, {
        KEY: _note(metadata)
    }


def unpack(data: bytes, name: str = "checkpoint") -> dict[str, np.ndarray]:
    """The arrays in `data`; CheckpointError that names the file `name` where they cannot be
    read.
    """
    try:
        return load(data)
    except (SafetensorError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"{name} is not a readable checkpoint ({len(data):,} bytes): {error}"
        ) from None


def metadata(data: bytes, name: str = "checkpoint") -> dict[str, object]:
    """What `pack` was given as metadata; {} where there is none."""
    try:
        size = int.from_bytes(data[:8], "little")
        note = json.loads(data[8 : 8 + size]).get("__metadata__", {}).get(KEY, "{}")
        return dict(json.loads(note))
    except (
        ValueError,
        AttributeError,
        TypeError,
        MemoryError,
        OverflowError,
        RecursionError,
    ) as error:
        raise CheckpointError(f"{name} has no readable header: {error}") from None


def pack_records(records: np.ndarray) -> np.ndarray:
    """Records of a structured type [n, …] as uint8 [n, bytes a record]."""
    return (
        np.ascontiguousarray(records).view(np.uint8).reshape(len(records), records.dtype.itemsize)
    )


def unpack_records(raw: np.ndarray, dtype: np.dtype, name: str = "records") -> np.ndarray:
    """A writable array of `dtype` [n] from uint8 [n, bytes a record]; CheckpointError where the
    record has another size.
    """
    if raw.dtype != np.uint8 or raw.ndim != 2 or raw.shape[1] != dtype.itemsize:
        raise CheckpointError(
            f"{name}: {raw.dtype} {raw.shape} does not hold records of {dtype.itemsize} bytes;"
            " written by another version?"
        )
    return np.ascontiguousarray(raw).view(dtype).reshape(len(raw)).copy()


def row_read(
    read: Callable[[int, int], bytes], field: str, row: int, where: str = "checkpoint"
) -> np.ndarray:
    """Row `row` of the uint8 array `field` [n, any], as uint8 [1, any], of a file of which
    `read(start, length)` gives a part.

    CheckpointError where there is no such row.
    """
    try:
        size = int.from_bytes(read(0, 8), "little")
        entry = json.loads(read(8, min(size, LONGEST_HEADER)))[field]
        (count, width), (first, _) = entry["shape"], entry["data_offsets"]
        data = read(8 + size + first + row * width, width)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise CheckpointError(f"{where} has no readable {field}: {error!r}") from None
    if entry["dtype"] != "U8" or not 0 <= row < count or len(data) != width:
        raise CheckpointError(f"{where}: {field} has no row {row}")
    return np.frombuffer(data, np.uint8).reshape(1, width)


def need(arrays: Collection[str], *names: str, where: str = "checkpoint") -> None:
    """CheckpointError unless every one of `names` is there."""
    if missing := [name for name in names if name not in arrays]:
        raise CheckpointError(
            f"{where} holds {', '.join(sorted(arrays)) or 'nothing'}, not {', '.join(missing)}"
        )


def whole(
    note: Mapping[str, object], key: str, least: int, most: int, where: str = "checkpoint"
) -> int:
    """What `metadata` has under `key`; CheckpointError unless it is a whole number from `least` to
    `most`.
    """
    value = note.get(key)
    if type(value) is not int or not least <= value <= most:
        raise CheckpointError(
            f"{where}: {key} is {value!r}, not a whole number from {least:,} to {most:,}"
        )
    return value


def sound(problem: str | None, where: str) -> None:
    """CheckpointError that says of the file `where` what its `problem` is, where it has one."""
    if problem:
        raise CheckpointError(f"{where}: {problem}")


def sha256(data: bytes) -> str:
    """Hexadecimal digest."""
    return hashlib.sha256(data).hexdigest()


def xxh3(data: bytes) -> str:
    """Hexadecimal digest, thirty times as fast, of what is large and soon forgotten: it finds
    damage, not a forger.
    """
    return xxh3_128_hexdigest(data)
