"""The list of experiments: how far each is, and how it does, in a line small enough for a card."""

import math
from collections.abc import Sequence
from typing import Any

from arena.models import Experiment, Round, RoundState
from arena.selectors.experiments import badge, controls
from arena.selectors.rounds.heatmap import evenly
from arena.selectors.rounds.house import profit
from arena.selectors.waiting import experiments_wait

POINTS = 60
WIDTH, HEIGHT, MARGIN = 120.0, 32.0, 2.0


def cards(*, experiments: Sequence[Experiment], user: Any) -> list[dict[str, Any]]:
    """One dict an experiment, in order; one query for the curves of all. `user` sees no name on
    what is their own.
    """
    returns: dict[int, list[float | None]] = {row.pk: [] for row in experiments}
    closed = Round.objects.filter(experiment__in=list(returns), state=RoundState.CLOSED).order_by(
        "experiment", "index"
    )
    fittest: dict[int, float | None] = {}
    profits: dict[int, float | None] = {}
    held: dict[int, list[float | None]] = {row.pk: [] for row in experiments}
    columns = (
        "experiment_id",
        "curves__return",
        "curves__fitness",
        "baselines__buy_and_hold__return",
        "ledger",
    )
    for experiment, curve, fitness, hold, books in closed.values_list(*columns):
        returns[experiment].append((curve or {}).get("mean"))
        held[experiment].append(hold)
        fittest[experiment] = (fitness or {}).get("best")
        profits[experiment] = profit(books)
    waits = experiments_wait(experiments=list(returns))
    return [
        _card(
            row,
            evenly(returns[row.pk], POINTS),
            evenly(held[row.pk], POINTS),
            fittest.get(row.pk),
            user,
        )
        | {"profit": profits.get(row.pk), "waits": waits.get(row.pk, "")}
        for row in experiments
    ]


def _card(
    experiment: Experiment,
    values: list[float | None],
    held: list[float | None],
    best: float | None,
    user: Any,
) -> dict[str, Any]:
    progress = min(experiment.rounds_done / experiment.rounds_planned, 1.0)
    (points, zero), (hold, _) = polyline(values, held), polyline(held, values)
    return {
        "experiment": experiment,
        "progress": progress,
        "percent": math.floor(100 * progress),
        "badge": badge(experiment=experiment),
        "controls": controls(experiment=experiment),
        "owner_name": experiment.owner.get_username()
        if experiment.owner and experiment.owner_id != user.pk
        else "",
        "best_fitness": best,
        "sparkline": values,
        "sparkline_points": points,
        "sparkline_hold": hold,
        "sparkline_zero": zero,
    }


def polyline(
    values: Sequence[float | None], others: Sequence[float | None] = ()
) -> tuple[str, float | None]:
    """("x,y x,y …", y of 0) in a box of WIDTH x HEIGHT that 0 and `others` are part of; ("", None)
    for fewer than one value.
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if not known:
        return "", None
    seen = [0.0, *(value for _, value in known), *(value for value in others if value is not None)]
    low, high = min(seen), max(seen)
    scale = (HEIGHT - 2 * MARGIN) / (high - low or 1.0)
    step = WIDTH / max(len(values) - 1, 1)
    drawn = [(place * step, HEIGHT - MARGIN - (value - low) * scale) for place, value in known]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn), round(HEIGHT - MARGIN + low * scale, 1)
