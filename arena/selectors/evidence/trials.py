"""Every agent an experiment ever evaluated, dead ones too, with its record in competition: among so
many the champion was found.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from agents.models import Agent
from arena.engine.judging.exposure import mean_exposures_of_window
from arena.engine.packing import unpack_figures
from arena.engine.results import FIGURES, RoundPlan
from arena.models import BlockRun
from arena.store.ledger import trades_read

COLUMNS = [FIGURES.index(name) for name in ("number", "sharpe", "return", "exposure")]


@dataclass(frozen=True)
class Trials:
    """ever: how many agents; of those whose returns varied, float64 [any] each: sharpes, a bar over
    the whole life, and lengths in bars.

    returns, exposures: {agent number: float64 [windows], of each competition window it lived
    through}, the latter mean sizes. trades_of(round, agent number): TRADE [any].
    """

    ever: int
    sharpes: np.ndarray
    lengths: np.ndarray
    returns: dict[int, np.ndarray]
    exposures: dict[int, np.ndarray]
    trades_of: Callable[[int, int], np.ndarray]


def trials_of(*, experiment_id: int, rounds: int, window_bars: int) -> Trials:
    """From the figures of the first `rounds` rounds, all played; window_bars: bar returns of a
    competition window.
    """
    figures = BlockRun.objects.filter(
        round__experiment=experiment_id, round__index__lt=rounds
    ).order_by("round__index", "block")
    rows = [
        unpack_figures(data)[:, COLUMNS]
        for data in figures.values_list("figures", flat=True).iterator(100)
    ]
    sharpes: dict[int, list[float]] = {}
    returns: dict[int, list[float]] = {}
    exposures: dict[int, list[float]] = {}
    for number, sharpe, earned, exposed in np.concatenate(rows) if rows else ():
        returns.setdefault(int(number), []).append(earned)
        exposures.setdefault(int(number), []).append(exposed)
        if np.isfinite(sharpe):
            sharpes.setdefault(int(number), []).append(sharpe)
    return Trials(
        ever=Agent.objects.filter(experiment=experiment_id, birth_round__lt=rounds).count(),
        sharpes=np.array([np.mean(each) for each in sharpes.values()]),
        lengths=np.array([len(each) * window_bars for each in sharpes.values()]),
        returns={number: np.array(each) for number, each in returns.items()},
        exposures={number: np.array(each) for number, each in exposures.items()},
        trades_of=lambda index, number: trades_read(
            experiment_id=experiment_id, index=index, numbers=[number]
        ),
    )


def exposures_lived(
    *, trials: Trials, number: int, plans: Sequence[RoundPlan], closes: np.ndarray
) -> np.ndarray:
    """Mean signed exposure of an agent in each symbol, float64 [S], over the windows `plans` that
    it lived through; closes [S, n].
    """
    sizes = trials.exposures.get(number, np.zeros(0))
    found = [np.zeros(len(closes))]
    for each, size in zip(plans, sizes, strict=False):
        first, stop = each.competition
        found.append(
            mean_exposures_of_window(
                trials.trades_of(each.index, number), size, closes, first + 1, stop - first - 1
            )
        )
    return np.mean(found[1:] or found, axis=0)
