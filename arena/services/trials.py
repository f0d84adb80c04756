"""Every agent an experiment ever evaluated, dead ones too, with its record in competition: among so many the champion was found."""

from dataclasses import dataclass

import numpy as np

from agents.models import Agent
from arena.engine.packing import unpack_figures
from arena.engine.results import FIGURES
from arena.models import BlockRun

NUMBER, SHARPE, RETURN = (FIGURES.index(name) for name in ("number", "sharpe", "return"))


@dataclass(frozen=True)
class Trials:
    """ever: how many agents; of those whose returns varied, float64 [any] each: sharpes, a bar over the whole life, and lengths in bars.

    returns: {agent number: float64 [windows], of each competition window it lived through}.
    """

    ever: int
    sharpes: np.ndarray
    lengths: np.ndarray
    returns: dict[int, np.ndarray]


def trials_of(*, experiment_id: int, rounds: int, window_bars: int) -> Trials:
    """From the figures of the first `rounds` rounds, all played; window_bars: bar returns of a competition window."""
    figures = BlockRun.objects.filter(round__experiment=experiment_id, round__index__lt=rounds).order_by("round__index", "block")
    rows = [unpack_figures(data)[:, [NUMBER, SHARPE, RETURN]] for data in figures.values_list("figures", flat=True).iterator(100)]
    sharpes, returns = {}, {}
    for number, sharpe, earned in np.concatenate(rows) if rows else ():
        returns.setdefault(int(number), []).append(earned)
        if np.isfinite(sharpe):
            sharpes.setdefault(int(number), []).append(sharpe)
    return Trials(
        ever=Agent.objects.filter(experiment=experiment_id, birth_round__lt=rounds).count(),
        sharpes=np.array([np.mean(each) for each in sharpes.values()]),
        lengths=np.array([len(each) * window_bars for each in sharpes.values()]),
        returns={number: np.array(each) for number, each in returns.items()},
    )
