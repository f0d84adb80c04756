"""Figures and actions of a block in few bytes, for its row: a safetensors blob each."""

import numpy as np

from arena.engine import limits
from arena.engine.results import FIGURES
from ml import checkpoint

ACTIONS = "actions of a block"


def pack_figures(figures: np.ndarray) -> bytes:
    """float64 [n, len(FIGURES)] -> bytes."""
    return checkpoint.pack({"figures": np.ascontiguousarray(figures, np.float64)})


def unpack_figures(data: bytes | memoryview) -> np.ndarray:
    """The float64 [n, len(FIGURES)] in `data`; none for a block that is not done. CheckpointError
    where they are none.
    """
    if not data:
        return np.empty((0, len(FIGURES)))
    arrays = checkpoint.unpack(bytes(data), "figures")
    checkpoint.need(arrays, "figures", where="figures of a block")
    checkpoint.sound(limits.figures_problem(arrays["figures"]), "figures of a block")
    return arrays["figures"]


def pack_actions(actions: np.ndarray) -> bytes:
    """uint8 [n, S, bars], each 0 to 3, four to a byte -> bytes."""
    n, symbols, bars = actions.shape
    padded = np.zeros((n, symbols, -(-bars // 4) * 4), np.uint8)
    padded[:, :, :bars] = actions
    four = padded.reshape(n, symbols, -1, 4)
    packed = four[..., 0] | four[..., 1] << 2 | four[..., 2] << 4 | four[..., 3] << 6
    return checkpoint.pack({"actions": packed}, {"bars": bars})


def unpack_actions(data: bytes | memoryview) -> np.ndarray:
    """The uint8 [n, S, bars] in `data`; none for a block that is not done. CheckpointError where
    they are none.
    """
    if not data:
        return np.empty((0, 0, 0), np.uint8)
    arrays = checkpoint.unpack(bytes(data), "actions")
    checkpoint.need(arrays, "actions", where=ACTIONS)
    packed = arrays["actions"]
    checkpoint.sound(
        limits.misshaped(arrays, {"actions": (np.dtype(np.uint8), ("n", "s", "b"))}, {}), ACTIONS
    )
    most = packed.shape[2] * 4
    bars = checkpoint.whole(
        checkpoint.metadata(bytes(data), ACTIONS), "bars", max(most - 3, 0), most, ACTIONS
    )
    four = np.stack([packed >> shift & 3 for shift in (0, 2, 4, 6)], axis=3)
    return four.reshape(*packed.shape[:2], -1)[:, :, :bars]
