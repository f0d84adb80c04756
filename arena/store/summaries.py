"""Summaries of closed rounds <-> rows of RoundSummary: arrays as they lie in memory, the least byte
first.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from agents.life.costs import COSTS
from arena.models import RoundSummary

# raised with every change of an array's meaning: summaries of another format are made again
FORMAT = 1
# of the heatmap
MEASURES = ("fitness", "return", "trust", "scars", "epsilon")
HALF = float(np.finfo(np.float16).max)
NUMBERS, LINES = np.dtype("<i4"), np.dtype("<f8")
# since birth; earned: equity, with what was paid for children added back, less the endowment
LIVED = np.dtype([("trades", "<i4"), ("earned", "<f8")])
# of closed trades, added up
AMOUNTS = ("gross_profit", *COSTS)
# traders: those of its agents whose first trade was in this round; trades and amounts: of the round
CLADE = np.dtype(
    [
        *((name, "<i4") for name in ("founder", "agents", "traders", "trades")),
        *((name, "<f8") for name in ("equity", *AMOUNTS)),
    ]
)
# mother: 0 of an immigrant; father: the second parent, or 0
BORN = np.dtype([(name, "<i4") for name in ("number", "slot", "mother", "father", "generation")])
# state: index into AGENT_STATES
DIED = np.dtype([("number", "<i4"), ("state", "<i4"), ("birth", "<i4"), ("fitness", "<f8")])
# lived: rounds
BEST = np.dtype([("number", "<i4"), ("lived", "<i4"), ("fitness", "<f8")])
ARRAYS: dict[str, np.dtype] = {
    "places": NUMBERS,
    **{f"measure_{name}": np.dtype("<f2") for name in MEASURES},
    "lines": LINES,
    "lived": LIVED,
    "clades": CLADE,
    "born": BORN,
    "died": DIED,
    "best_dead": BEST,
}
# {column: its array, one axis}
Summary = Mapping[str, np.ndarray]


def halved(values: np.ndarray) -> np.ndarray:
    """float16 of `values`, which end at the largest there is; nan stays."""
    return np.clip(values, -HALF, HALF).astype("<f2")


def summary_row(round_id: int, summary: Summary) -> RoundSummary:
    """The row, not saved yet."""
    packed = {name: summary[name].astype(dtype).tobytes() for name, dtype in ARRAYS.items()}
    return RoundSummary(round_id=round_id, format=FORMAT, **packed)


def summary_of_row(row: RoundSummary) -> dict[str, np.ndarray]:
    """What `summary_row` stored."""
    return {name: unpacked(name, getattr(row, name)) for name in ARRAYS}


def unpacked(name: str, data: bytes | memoryview) -> np.ndarray:
    """The array of column `name`."""
    return np.frombuffer(data, ARRAYS[name])


def stacked(name: str, rows: Iterable[bytes | memoryview]) -> np.ndarray:
    """The arrays of column `name` of several rows, all of one length: [rows, length]."""
    data = [bytes(row) for row in rows]
    return np.frombuffer(b"".join(data), ARRAYS[name]).reshape(len(data), -1 if data else 0)


def joined(name: str, rows: Iterable[Any]) -> np.ndarray:
    """The arrays of column `name` of several rows, one after another."""
    return np.frombuffer(b"".join(map(bytes, rows)), ARRAYS[name])
