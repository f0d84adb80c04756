"""Rows of the list of experiments: what each is, how far it is, and what it has come to."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import median
from typing import Any

from django.db.models import F
from django.urls import reverse

from arena.models import Experiment, ExperimentState, Round, RoundState
from arena.selectors.card.answer import QUESTIONS
from arena.selectors.experiments import badge
from arena.selectors.pages.outcomes import Outcome, outcomes
from arena.selectors.rounds.notable import LATELY
from arena.selectors.times import ago, left, moment
from arena.selectors.waiting import experiments_wait
from arena.selectors.words import percent, size_words, whole

State = ExperimentState
GOING = (State.RUNNING, State.PAUSING)
# nothing is left, and nothing is waited for, of what has ended well
OVER = (State.FINISHED, State.STOPPED, State.EXTINCT)
NOT_JUDGED = {"text": "not judged", "tone": "wait", "note": ""}


def rows_of(*, experiments: Sequence[Experiment], user: Any, now: datetime) -> list[dict[str, Any]]:
    """One dict an experiment, in order; the number of queries does not grow with them.

    {uuid, url, state, state_words, is_over, percent, cells, tones, verdict, tags, badge, note,
    created, earned, held}. cells: {name: text} of what changes as it runs; earned, held: numbers
    behind `sample` and `hold`, None where nothing was judged. `user` sees no owner's name on what
    is their own.
    """
    keys = [row.pk for row in experiments]
    found, waits = outcomes(experiments=keys), experiments_wait(experiments=keys)
    paces = _paces([row.pk for row in experiments if row.state in GOING])
    return [
        _row(row, found.get(row.pk), waits.get(row.pk, ""), paces.get(row.pk), user, now)
        for row in experiments
    ]


def _row(
    row: Experiment,
    outcome: Outcome | None,
    waits: str,
    pace: float | None,
    user: Any,
    now: datetime,
) -> dict[str, Any]:
    earned, held = _returns(outcome)
    verdict = verdict_of(outcome)
    done = min(row.rounds_done / row.rounds_planned, 1.0)
    return {
        "uuid": str(row.uuid),
        "url": reverse("experiment_live", args=[row.uuid]),
        "group": row.group and str(row.group),
        "state": row.state,
        "state_words": row.get_state_display(),
        "is_over": row.state in OVER,
        "percent": int(100 * done),
        "cells": {
            "name": row.name,
            "state": row.get_state_display(),
            "why": row.state_reason or waits,
            "rounds": f"{whole(row.rounds_done)} of {whole(row.rounds_planned)}",
            "left": _left(row, pace),
            "sample": percent(earned, 1, True),
            "hold": percent(held, 1, True),
            "verdict": verdict["text"],
            "passed": verdict["note"],
            "disk": size_words(row.stored_bytes),
            "seed": str(row.seed),
            "tags": " ".join(row.tag_list),
        },
        "tones": {"sample": _tone(earned), "verdict": verdict["tone"]},
        "tags": row.tag_list,
        "market": row.market.name,
        "badge": badge(experiment=row),
        "note": row.note,
        "archived": row.archived,
        "owner": _owner(row, user),
        "created": row.created_at,
        "moment": moment(row.created_at),
        "age": ago(row.created_at, now),
        "earned": earned,
        "held": held,
    }


def changed(row: dict[str, Any]) -> dict[str, Any]:
    """What of a row is sent to a list that shows it already."""
    told = ("uuid", "state", "percent", "cells", "tones", "archived", "created")
    return {name: row[name] for name in told}


def verdict_of(outcome: Outcome | None) -> dict[str, str]:
    """{text, tone, note}: as the card says it, and of how many questions it passed how many."""
    if outcome is None:
        return NOT_JUDGED
    edge = not outcome.left
    return {
        "text": "edge shown" if edge else "no edge shown",
        "tone": "good" if edge else "warn",
        "note": f"{outcome.passed} of {len(QUESTIONS)}",
    }


def _returns(outcome: Outcome | None) -> tuple[float | None, float | None]:
    """What the champion earned on prices that nobody had seen, and what holding did."""
    if outcome is None or outcome.vault is None:
        return None, None
    return outcome.vault["return"], outcome.hold["return"] if outcome.hold else None


def _tone(value: float | None) -> str:
    return "" if value is None else "gain" if value > 0 else "loss"


def _owner(row: Experiment, user: Any) -> str:
    return row.owner.get_username() if row.owner and row.owner_id != user.pk else ""


def _left(row: Experiment, pace: float | None) -> str:
    """ "about 1 min left" of one that is going."""
    if row.state not in GOING or pace is None:
        return ""
    return f"about {left(pace * max(row.rounds_planned - row.rounds_done, 0))} left"


def _paces(keys: Iterable[int]) -> dict[int, float]:
    """Seconds a round of each took lately, but for the first, which also waits for a worker and its
    kernels; one query.
    """
    late = Round.objects.filter(
        experiment__in=list(keys),
        state=RoundState.CLOSED,
        index__gt=0,
        index__gte=F("experiment__rounds_done") - LATELY,
    )
    found: dict[int, list[float]] = {}
    for key, opened, closed in late.values_list("experiment_id", "opened_at", "closed_at"):
        if closed is not None:
            found.setdefault(key, []).append((closed - opened).total_seconds())
    return {key: median(lengths) for key, lengths in found.items()}
