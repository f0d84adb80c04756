"""The rows of figures that blocks left behind, decoded once: what heatmap and life lines are drawn
from.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

import numpy as np

from arena.engine.packing import unpack_figures
from arena.engine.results import FIGURES
from arena.models import BlockRun, Experiment, RoundState

COLUMN = {name: place for place, name in enumerate(FIGURES)}
KEPT_BLOCKS = 4096  # about 9 KB each

Key = tuple[UUID, int, int]  # experiment, block run, fence: one content of a closed round for ever
_decoded: OrderedDict[Key, np.ndarray] = OrderedDict()
_lock = threading.Lock()


def figures_by_round(
    *, experiment: Experiment, rounds: Iterable[int], block: int | None = None
) -> dict[int, np.ndarray]:
    """{round: float64 [agents of the round, len(FIGURES)]} of those of `rounds` that are closed;
    two queries at most.

    block: only that block.
    """
    wanted = BlockRun.objects.filter(
        round__experiment=experiment,
        round__index__in=sorted(set(rounds)),
        round__state=RoundState.CLOSED,
        state="done",
    )
    if block is not None:
        wanted = wanted.filter(block=block)
    keys = list(wanted.order_by("round__index", "block").values_list("pk", "fence", "round__index"))
    found = _fetch([(experiment.uuid, pk, fence) for pk, fence, _ in keys])
    parts: dict[int, list[np.ndarray]] = {}
    for pk, fence, index in keys:
        parts.setdefault(index, []).append(found[experiment.uuid, pk, fence])
    return {index: np.concatenate(blocks) for index, blocks in parts.items()}


def _fetch(keys: list[Key]) -> dict[Key, np.ndarray]:
    """Of the cache, and of the database what the cache has not."""
    with _lock:
        found = {key: _decoded[key] for key in keys if key in _decoded}
    missing = {key[1]: key for key in keys if key not in found}
    if missing:
        rows = BlockRun.objects.filter(pk__in=missing).values_list("pk", "figures")
        new = {missing[pk]: unpack_figures(data) for pk, data in rows}
        found |= new
        _keep(new)
    return found


def _keep(new: dict[Key, np.ndarray]) -> None:
    with _lock:
        _decoded.update(new)
        while len(_decoded) > KEPT_BLOCKS:
            _decoded.popitem(last=False)
