"""What the arrays of an agent may hold. Kernels look at no index: what comes from a file is looked
at here before they see it.

Every function returns what is wrong first, as "field[index] is …" in words that go behind a file's
name, or None.
"""

from collections.abc import Mapping

import numpy as np

from agents.life.lifecycle import STATES
from agents.life.trust import GOLD
from arena.engine.agent_record import (
    AGENT,
    AGENT_LIMITS,
    COUNT,
    MOST,
    NUMBER,
    UNKNOWN,
)
from arena.engine.results import FIGURES, Block
from ml.learning.replay import ENDED, TAIL
from ml.networks.base import ACTIONS, PRIVATE

Shapes = dict[str, tuple[np.dtype, tuple[str | int, ...]]]
# of Block: dtype, and what its axes count; what is counted by one letter is as many everywhere, q
# is c or nothing
BLOCK_SHAPES: Shapes = {
    "agents": (AGENT, ("n",)),
    **dict.fromkeys(("online", "target", "moment1", "moment2"), (np.dtype(np.float32), ("n", "p"))),
    "private": (np.dtype(np.float32), ("n", "s", "c", PRIVATE)),
    "action": (np.dtype(np.int8), ("n", "s", "c")),
    "reward": (np.dtype(np.float32), ("n", "s", "c")),
    "priority": (np.dtype(np.float32), ("n", "s", "q")),
    "bar": (np.dtype(np.int32), ("s", "c")),
}
LARGEST32 = float(np.finfo(np.float32).max)
BLOCK_LIMITS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("online", "target", "moment1", "private", "reward"), (-LARGEST32, LARGEST32)),
    **dict.fromkeys(("moment2", "priority"), (0.0, LARGEST32)),
    "action": (TAIL, ENDED + ACTIONS - 1),
    "bar": (-1, 2**31 - 1),
}
# of FIGURES, beside those that may be anything or unknown
FIGURE_LIMITS: dict[str, tuple[float, float]] = {
    "number": (1, MOST),
    "tier": (0, GOLD),
    "scars": COUNT,
    "trades": COUNT,
    "state": (0, len(STATES) - 1),
}


def outside(
    name: str, values: np.ndarray, limits: tuple[float, float], *, unknown: bool = False
) -> str | None:
    """The first of `values`, [any, …], that does not lie within `limits`; NaN does where `unknown`
    is allowed.
    """
    good = (values >= limits[0]) & (values <= limits[1])
    if good.all() or unknown and (good | np.isnan(values)).all():
        return None
    bad = ~(good | np.isnan(values)) if unknown else ~good
    place = tuple(int(part) for part in np.argwhere(bad)[0])
    low, high = map(_bound_words, limits)
    return f"{name}{[*place]} is {values[place]!s}, not {low} to {high}"


def misshaped(
    arrays: Mapping[str, np.ndarray], shapes: Shapes, sizes: dict[str, int]
) -> str | None:
    """The first array that is not of its dtype and shape; `sizes` of axes are those already known,
    and others are added.
    """
    for name, (dtype, axes) in shapes.items():
        array = arrays[name]
        if array.dtype != dtype:
            return f"{name} is {array.dtype}, not {dtype}"
        if array.ndim != len(axes) or any(
            _size(axis, found, sizes) != found
            for axis, found in zip(axes, array.shape, strict=True)
        ):
            return (
                f"{name} has shape {array.shape}, not"
                f" {tuple(sizes.get(str(axis), axis) for axis in axes)}"
            )
    return None


def agents_problem(agents: np.ndarray) -> str | None:
    """AGENT [any]: every field within its limits, and what they say of one another."""
    for name, limits in AGENT_LIMITS.items():
        if problem := outside(f"agents.{name}", agents[name], limits, unknown=name in UNKNOWN):
            return problem
    for row in np.flatnonzero(agents["severe_scars"] > agents["scars"]):
        return (
            f"agents.severe_scars[{row}] is {agents['severe_scars'][row]}, of"
            f" {agents['scars'][row]} scars"
        )
    for row in np.flatnonzero(~agents["random"].any(axis=1)):
        return f"agents.random[{row}] is all zero, from which nothing random comes"
    return None


def block_problem(block: Block) -> str | None:
    """Every array of a block of its dtype and shape, within its limits, and no memory of what was
    never written.
    """
    arrays = {name: getattr(block, name) for name in BLOCK_SHAPES}
    if problem := _block_misshaped(arrays) or agents_problem(block.agents):
        return problem
    for name, limits in BLOCK_LIMITS.items():
        if problem := outside(name, arrays[name], limits):
            return problem
    return memory_problem(block)


def _block_misshaped(arrays: Mapping[str, np.ndarray]) -> str | None:
    sizes: dict[str, int] = {}
    shapes = {name: BLOCK_SHAPES[name] for name in BLOCK_SHAPES if name != "priority"}
    if problem := misshaped(arrays, shapes, sizes):
        return problem
    sizes["q"] = sizes["c"] if arrays["priority"].shape[-1:] != (0,) else 0
    return misshaped(arrays, {"priority": BLOCK_SHAPES["priority"]}, sizes)


def memory_problem(block: Block) -> str | None:
    """What kernels take from a memory leads to slots that were written, and to actions that there
    are.
    """
    capacity = block.bar.shape[1]
    if not 0 <= block.head < max(capacity, 1):
        return f"head is {block.head}, not 0 to {capacity - 1}"
    written = (
        np.full(capacity, True)
        if capacity and block.bar[0, -1] >= 0
        else np.arange(capacity) < block.head
    )
    for lane, slot in np.argwhere((block.bar >= 0) != written)[:1]:
        return f"bar[{lane}, {slot}] is {block.bar[lane, slot]}, though the head is {block.head}"
    for row in np.flatnonzero(block.agents["remembered"] > written.sum()):
        return (
            f"agents.remembered[{row}] is {block.agents['remembered'][row]}, of {written.sum()}"
            " slots that were written"
        )
    wrong = (block.action >= ACTIONS) & (block.action < ENDED)
    for place in np.argwhere(wrong)[:1]:
        return f"action{place.tolist()} is {block.action[tuple(place)]}, which stands for none"
    if block.priority.size:
        for place in np.argwhere((block.priority > 0) & ((block.action == TAIL) | ~written))[:1]:
            return (
                f"priority{place.tolist()} is {block.priority[tuple(place)]}, of a slot that cannot"
                " be drawn"
            )
    return None


def rows_problem(bar: np.ndarray, bars: int) -> str | None:
    """bar: int32 [S, capacity], of a market with so many bars: what a lane saw are rows of its own
    symbol.
    """
    symbol = np.arange(len(bar))[:, None]
    for lane, slot in np.argwhere((bar >= 0) & (bar // bars != symbol))[:1]:
        return (
            f"bar[{lane}, {slot}] is {bar[lane, slot]}, not one of the {bars} rows of symbol {lane}"
        )
    return None


def figures_problem(figures: np.ndarray) -> str | None:
    """float64 [n, len(FIGURES)]."""
    sizes = {"f": len(FIGURES)}
    if problem := misshaped(
        {"figures": figures}, {"figures": (np.dtype(np.float64), ("n", "f"))}, sizes
    ):
        return problem
    for column, name in enumerate(FIGURES):
        limits, values = FIGURE_LIMITS.get(name, NUMBER), figures[:, column]
        if problem := outside(f"figures.{name}", values, limits, unknown=name not in FIGURE_LIMITS):
            return problem
        if name in FIGURE_LIMITS and (odd := np.flatnonzero(values % 1)).size:
            return f"figures.{name}[{odd[0]}] is {values[odd[0]]}, no whole number"
    return None


def _size(axis: str | int, found: int, sizes: dict[str, int]) -> int:
    return sizes.setdefault(axis, found) if isinstance(axis, str) else axis


def _bound_words(limit: float) -> str:
    return "anything finite" if abs(limit) >= LARGEST32 else f"{limit:g}"
