"""Sums a closed round up for the pages: each summary is made of the round and of the summary before
it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction

from agents.models import Agent, LineageEdge
from arena.engine.judging.champion import PROVED
from arena.engine.results import AGENT_STATES, Birth, CloseResult
from arena.models import Experiment, Round, RoundState, RoundSummary
from arena.selectors.agents.hall import LENGTH
from arena.selectors.rounds.curves import WINDOWS
from arena.selectors.rounds.figures import COLUMN, figures_by_round
from arena.selectors.rounds.lines import RoundColumns, line
from arena.store import ledger, summaries
from arena.store.summaries import AMOUNTS, BEST, BORN, CLADE, DIED, FORMAT, LIVED, MEASURES, Summary

# rounds that are summed up in one transaction where many are missing
AT_ONCE = 50
Parents = Sequence[int]


@dataclass(frozen=True)
class Ended:
    """A round that is closed. figures: float64 [places, len(FIGURES)]; amounts: float64 [places,
    1 + len(AMOUNTS)], see store.ledger; founders: int [places], the roots of their lines; born:
    BORN, died: DIED but for its fitness, both by number.
    """

    index: int
    figures: np.ndarray
    amounts: np.ndarray
    founders: np.ndarray
    born: np.ndarray
    died: np.ndarray
    columns: RoundColumns


def summary_of(*, ended: Ended, before: Summary | None) -> Summary:
    """What is stored of a round; before: the summary of the round before, None of the first."""
    numbers = ended.figures[:, COLUMN["number"]].astype(np.int64)
    died = _with_fitness(ended, numbers)
    earlier = None if before is None else before["lines"]
    measured = {
        f"measure_{name}": summaries.halved(ended.figures[:, COLUMN[name]]) for name in MEASURES
    }
    return {
        "places": numbers,
        **measured,
        "lines": line(ended.columns, ended.index, ended.figures[:, COLUMN["return"]], earlier),
        "lived": _lived(ended, before),
        "clades": _clades(ended, before),
        "born": ended.born,
        "died": died,
        "best_dead": _best(died, ended.index, before),
    }


def _with_fitness(ended: Ended, numbers: np.ndarray) -> np.ndarray:
    place = {number: place for place, number in enumerate(numbers.tolist())}
    died = ended.died.copy()
    rows = [place[number] for number in died["number"].tolist()]
    died["fitness"] = ended.figures[rows, COLUMN["fitness"]]
    return died


def _lived(ended: Ended, before: Summary | None) -> np.ndarray:
    """LIVED [places] of the agent that holds each place after the round."""
    figures = ended.figures
    lived = np.zeros(len(figures), LIVED) if before is None else before["lived"].copy()
    lived["trades"] += figures[:, COLUMN["trades"]].astype(np.int32)
    lived["earned"] += figures[:, COLUMN["equity_end"]] - figures[:, COLUMN["equity_start"]]
    lived[ended.born["slot"]] = 0
    return lived


def _clades(ended: Ended, before: Summary | None) -> np.ndarray:
    founders, line_of = np.unique(ended.founders, return_inverse=True)
    traded = ended.amounts[:, 0] > 0
    values = {
        "agents": np.ones(len(line_of)),
        "traders": traded & (before is None or before["lived"]["trades"] == 0),
        "equity": ended.figures[:, COLUMN["equity_end"]],
        **dict(zip(("trades", *AMOUNTS), ended.amounts.T, strict=True)),
    }
    clades = np.zeros(len(founders), CLADE)
    clades["founder"] = founders
    for name, each in values.items():
        clades[name] = np.bincount(line_of, each, len(founders))
    return clades


def _best(died: np.ndarray, index: int, before: Summary | None) -> np.ndarray:
    """Those of the dead that a hall of fame may need: no later death comes between them."""
    fresh = np.zeros(len(died), BEST)
    fresh["number"], fresh["fitness"] = died["number"], died["fitness"]
    fresh["lived"] = index + 1 - died["birth"]
    known = fresh if before is None else np.concatenate([before["best_dead"], fresh])
    proved = (known["lived"] >= min(PROVED, index + 1)) & np.isfinite(known["fitness"])
    known = known[proved]
    return known[np.lexsort([known["number"], -known["fitness"]])][:LENGTH]


def born_of(births: Sequence[tuple[int, int, Parents, int]]) -> np.ndarray:
    """BORN of (number, slot, parents, generation), its mother first among its parents."""
    rows = [
        (number, slot, *(*parents, 0, 0)[:2], generation)
        for number, slot, parents, generation in sorted(births)
    ]
    return np.array(rows, BORN)


def died_of(deaths: Sequence[tuple[int, str, int]]) -> np.ndarray:
    """DIED of (number, state, round of birth), without a fitness."""
    rows = [
        (number, AGENT_STATES.index(state), birth, np.nan)
        for number, state, birth in sorted(deaths)
    ]
    return np.array(rows, DIED)


def ended_of_close(
    *,
    index: int,
    agents: np.ndarray,
    figures: np.ndarray,
    amounts: np.ndarray,
    result: CloseResult,
    columns: RoundColumns,
) -> Ended:
    """Of a round as it is closed; agents: AGENT [places] as they played it."""
    numbers, births = agents["number"], agents["birth_round"]
    deaths = [(int(numbers[slot]), state, int(births[slot])) for slot, state in result.deaths]
    born = born_of([_of(birth) for birth in result.births])
    return Ended(index, figures, amounts, agents["founder"], born, died_of(deaths), columns)


def _of(birth: Birth) -> tuple[int, int, Parents, int]:
    return birth.number, birth.slot, birth.parents, int(birth.agent["generation"])


def baselines_before(*, experiment_id: int, index: int) -> list[dict[str, Any]]:
    """Baselines of the rounds before round `index` that its curves need, oldest first."""
    rows = Round.objects.filter(
        experiment=experiment_id, index__range=(index - WINDOWS + 1, index - 1)
    )
    return list(rows.order_by("index").values_list("baselines", flat=True))


def summary_before(*, experiment_id: int, index: int) -> Summary | None:
    """The summary of the round before round `index`, None of the first; those that are missing are
    made first.
    """
    if index == 0:
        return None
    summaries_make(experiment_id=experiment_id)
    return _stored(experiment_id, index - 1)


def _stored(experiment_id: int, index: int) -> Summary:
    row = RoundSummary.objects.get(round__experiment=experiment_id, round__index=index)
    return summaries.summary_of_row(row)


def summary_write(*, round_id: int, summary: Summary) -> None:
    """Store the summary of a round that is being closed."""
    summaries.summary_row(round_id, summary).save(force_insert=True)


def summaries_make(*, experiment_id: int) -> None:
    """Make what is missing: of rounds that an earlier version closed, or summed up otherwise."""
    closed = Round.objects.filter(experiment=experiment_id, state=RoundState.CLOSED)
    missing = closed.exclude(summary__format=FORMAT).order_by("index")
    first = missing.values_list("index", flat=True).first()
    if first is None:
        return
    rows = list(closed.filter(index__gte=first).order_by("index"))
    before = _stored(experiment_id, first - 1) if first else None
    made = summaries_again(
        experiment=Experiment.objects.get(pk=experiment_id), rows=rows, before=before
    )
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        found = [summaries.summary_row(row.pk, next(made)) for row in part]
        with transaction.atomic():
            RoundSummary.objects.filter(round__in=part).exclude(format=FORMAT).delete()
            # another process may have made them meanwhile
            RoundSummary.objects.bulk_create(found, ignore_conflicts=True)


def summaries_again(
    *, experiment: Experiment, rows: Sequence[Round], before: Summary | None
) -> Iterator[Summary]:
    """Summaries of closed rounds that follow one another, from the rows there are; before: of the
    round before the first.
    """
    history = History(experiment)
    for row in rows:
        columns = RoundColumns.of(
            row, baselines_before(experiment_id=experiment.pk, index=row.index)
        )
        figures = figures_by_round(experiment=experiment, rounds=[row.index])[row.index]
        before = summary_of(ended=history.ended(row.index, figures, columns), before=before)
        yield before


class History:
    """All agents of an experiment that ever lived, by the rounds they came and went in."""

    def __init__(self, experiment: Experiment):
        self.experiment_id = experiment.pk
        parents: dict[int, list[int]] = {}
        edges = LineageEdge.objects.filter(child__experiment=experiment).order_by("pk")
        for child, parent in edges.values_list("child__number", "parent__number"):
            parents.setdefault(child, []).append(parent)
        self.founder: dict[int, int] = {}
        self.births: dict[int, list[tuple[int, int, Parents, int]]] = {}
        self.deaths: dict[int, list[tuple[int, str, int]]] = {}
        columns = ("number", "slot", "generation", "founder", "birth_round", "death_round", "state")
        rows = Agent.objects.filter(experiment=experiment).order_by().values_list(*columns)
        for number, slot, generation, founder, birth, death, state in rows:
            self.founder[number] = founder
            born = (number, slot, parents.get(number, ()), generation)
            self.births.setdefault(birth - 1, []).append(born)
            if death is not None:
                self.deaths.setdefault(death, []).append((number, state, birth))

    def ended(self, index: int, figures: np.ndarray, columns: RoundColumns) -> Ended:
        numbers = figures[:, COLUMN["number"]].astype(np.int64).tolist()
        return Ended(
            index,
            figures,
            ledger.amounts_read(experiment_id=self.experiment_id, index=index, numbers=numbers),
            np.array([self.founder[number] for number in numbers]),
            born_of(self.births.get(index, ())),
            died_of(self.deaths.get(index, ())),
            columns,
        )
