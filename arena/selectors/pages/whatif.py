"""A fork beside the experiment it was forked from: both curves, the difference round by round, and
when they parted.
"""

import math
from collections.abc import Sequence
from typing import Any

from arena.engine.judging.factorial import interval
from arena.models import Experiment, Intervention, Round, RoundState
from arena.selectors.numbers import short
from arena.selectors.rounds.curves import MEASURES, baselines
from arena.selectors.rounds.feed import intervention_event

Rows = dict[int, Round]


def comparison(*, fork: Experiment) -> dict[str, Any]:
    """{original, fork, after, changes, rounds, same, parted, measures, baselines, endowment,
    interventions}.

    measures: {name: {original, fork, difference, summary}}; baselines: the rules on the same
    windows, as of the fork where it played.

    One entry a round, of round 0 on, in every list: means over the population; None where one of
    them has not got so far. Both draw the same random numbers at the same addresses, so that a
    difference is the effect of the change, and 0 without one.
    """
    original, after = _origin(fork)
    rows = [_rows(original), _rows(fork)]
    rounds = list(range(max((max(each, default=-1) for each in rows), default=-1) + 1))
    same = [_same(rows, index) for index in rounds]
    return {
        "original": {"uuid": str(original.uuid), "name": original.name},
        "fork": {"uuid": str(fork.uuid), "name": fork.name},
        "after": after,
        "changes": changes(fork=fork),
        "rounds": rounds,
        "same": same,
        "parted": next((index for index in rounds if same[index] is False), None),
        "measures": {measure: _measure(rows, rounds, measure, after) for measure in MEASURES},
        "baselines": baselines([rows[1].get(index) or rows[0][index] for index in rounds]),
        "endowment": fork.settings.get("life", {}).get("endowment"),
        "interventions": {
            "original": _interventions(original, effective_round__gt=after + 1),
            "fork": _interventions(fork, at__gt=fork.created_at),
        },
    }


def _origin(fork: Experiment) -> tuple[Experiment, int]:
    """What it was forked from, and after which round."""
    if fork.forked_from is None or fork.forked_after is None:
        raise ValueError(f"{fork.name} was forked from nothing")
    return fork.forked_from, fork.forked_after


def original_is_there(*, experiment: Experiment) -> bool:
    """Whether it is a fork, and the rounds of its original were not deleted."""
    return experiment.forked_from is not None and experiment.forked_from.removed_at is None


def changes(*, fork: Experiment) -> list[dict[str, Any]]:
    """[{key, before, after}] of the settings a fork set otherwise."""
    return [
        {"key": key, "before": before, "after": after}
        for key, (before, after) in fork.forked_changes.items()
    ]


def summary(differences: Sequence[float]) -> dict[str, Any] | None:
    """{rounds, mean, low, high}: the mean and its 95 % interval, rounds taken as independent; None
    without rounds, no ends for one.
    """
    if not differences:
        return None
    found = interval(differences)
    return {
        "rounds": len(differences),
        **{end: short(getattr(found, end)) for end in ("mean", "low", "high")},
    }


def _rows(experiment: Experiment) -> Rows:
    closed = Round.objects.filter(experiment=experiment, state=RoundState.CLOSED).only(
        "index", "curves", "baselines", "state_sha256"
    )
    return {row.index: row for row in closed}


def _same(rows: list[Rows], index: int) -> bool | None:
    """Whether both left the same digest; None where one has not got so far."""
    found = [each[index].state_sha256 for each in rows if index in each]
    return found[0] == found[1] if len(found) == 2 else None


def _measure(rows: list[Rows], rounds: list[int], measure: str, after: int) -> dict[str, Any]:
    original, fork = ([_mean(each, index, measure) for index in rounds] for each in rows)
    apart = [None if a is None or b is None else b - a for a, b in zip(original, fork, strict=True)]
    own = [
        each
        for index, each in zip(rounds, apart, strict=True)
        if index > after and each is not None
    ]
    lists = {"original": original, "fork": fork, "difference": apart}
    return {
        **{name: [short(value) for value in values] for name, values in lists.items()},
        "summary": summary(own),
    }


def _mean(rows: Rows, index: int, measure: str) -> float | None:
    value = rows[index].curves.get(measure, {}).get("mean") if index in rows else None
    return value if isinstance(value, int | float) and math.isfinite(value) else None


def _interventions(experiment: Experiment, **which: Any) -> list[str]:
    """What people did to one and not to the other, in words, oldest first."""
    found = Intervention.objects.filter(experiment=experiment, **which).exclude(field="name")
    rows = found.select_related("who", "agent").order_by("pk")
    return [_words(row) for row in rows]


def _words(row: Intervention) -> str:
    return intervention_event(
        row, row.who.get_username() if row.who else "", row.agent.number if row.agent else None
    )["text"]
