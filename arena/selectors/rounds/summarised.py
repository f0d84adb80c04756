"""What the summaries of closed rounds tell: curves, the heatmap, who lived, who came and went.

They are there for every closed round once `services.rounds.summing` has been asked for them.
"""

from typing import Any

import numpy as np
from django.db.models import QuerySet

from arena.engine.results import AGENT_STATES
from arena.models import Experiment, Round, RoundSummary
from arena.selectors.numbers import short_list
from arena.selectors.rounds import lines
from arena.selectors.rounds.cells import cells
from arena.selectors.rounds.feed import LENGTH, Event, feed
from arena.selectors.rounds.thinning import columns_shown, thinned
from arena.store.summaries import AMOUNTS, joined, stacked, summary_of_row, unpacked

# rounds whose events are looked at together, from the last one backwards
PAGE = 16
# of those who were born at a close
KIN = ("mother", "father", "generation")


def summaries_of(*, experiment: Experiment) -> QuerySet[RoundSummary]:
    """Of its closed rounds, oldest first."""
    return RoundSummary.objects.filter(round__experiment=experiment).order_by("round__index")


def summary(*, experiment: Experiment, index: int) -> dict[str, np.ndarray]:
    """Of round `index`, see store.summaries. RoundSummary.DoesNotExist."""
    return summary_of_row(summaries_of(experiment=experiment).get(round__index=index))


def all_lines(*, experiment: Experiment) -> np.ndarray:
    """float64 [closed rounds, len(PATHS)]."""
    rows = summaries_of(experiment=experiment).values_list("lines", flat=True)
    return stacked("lines", rows).reshape(-1, len(lines.PATHS))


def curves_thinned(found: np.ndarray) -> dict[str, Any]:
    """Curves of all closed rounds as float32, see thinning; found: `all_lines`."""
    rounds, points = thinned(found)
    kept = lines.columns(points.astype(np.float32))
    return kept | {"rounds": rounds.astype(np.int32), "reused": (kept["reused"] > 0).tolist()}


def curves_of(line: np.ndarray, index: int) -> dict[str, Any]:
    """The point of round `index` alone, in lists; line: float64 [len(PATHS)]."""
    kept = _listed(lines.columns(line[None]))
    return kept | {"rounds": [index], "reused": [bool(line[lines.PLACE["reused",]])]}


def _listed(kept: Any) -> Any:
    if isinstance(kept, dict):
        return {name: _listed(each) for name, each in kept.items()}
    return short_list(kept.tolist())


def heatmap_painted(*, experiment: Experiment, rounds: int, measure: str) -> dict[str, Any]:
    """{rounds, slots, measure, values, cells}: one of store.summaries.MEASURES as bytes
    [places, rounds shown], see cells; `rounds`: how many are closed.
    """
    shown, column = columns_shown(rounds), f"measure_{measure}"
    rows = summaries_of(experiment=experiment).filter(round__index__in=shown)
    figures = stacked(column, rows.values_list(column, flat=True))
    painted = cells(figures.T)
    return {
        "rounds": np.array(shown, np.int32),
        "slots": np.arange(experiment.population, dtype=np.int32),
        "measure": measure,
        "values": painted.values,
        "cells": painted.codes,
    }


def living(kept: dict[str, np.ndarray]) -> np.ndarray:
    """int [places]: numbers of those who live after the round of a summary, 0 in a free place."""
    numbers = np.where(np.isin(kept["places"], kept["died"]["number"]), 0, kept["places"])
    numbers[kept["born"]["slot"]] = kept["born"]["number"]
    return numbers


def lived(kept: dict[str, np.ndarray]) -> dict[int, tuple[int, float]]:
    """{number: (trades, earnings since birth)} of the same."""
    numbers, found = living(kept).tolist(), kept["lived"]
    rows = zip(numbers, found["trades"].tolist(), found["earned"].tolist(), strict=True)
    return {number: (trades, earned) for number, trades, earned in rows if number}


def lines_sofar(*, experiment: Experiment, last: int) -> dict[str, np.ndarray]:
    """What lines of descent came to by the close of round `last`, those alone that ever traded:
    {founder, traders, trades, and one for each of store.summaries.AMOUNTS}, an array each.
    """
    rows = summaries_of(experiment=experiment).filter(round__index__lte=last)
    every = joined("clades", rows.values_list("clades", flat=True))
    every = every[every["trades"] > 0]
    founders, line_of = np.unique(every["founder"], return_inverse=True)
    sums = {
        name: np.bincount(line_of, every[name], len(founders))
        for name in ("traders", "trades", *AMOUNTS)
    }
    return {"founder": founders, **sums}


def feed_lately(*, experiment: Experiment, last: int) -> list[Event]:
    """The feed of rounds up to `last`, from so many of the last rounds as it takes to fill it."""
    rows, rounds, numbers = list[dict[str, Any]](), list[Round](), set[int]()
    first, events = last + 1, 0
    while first > 0 and events < LENGTH:
        first, end = max(first - PAGE, 0), first - 1
        for row in _page(experiment, first, end):
            found = row.summary
            rounds.append(row)
            rows += _came(found.born, row.index) + _went(found.died, row.index)
            numbers |= set(unpacked("places", found.places).tolist())
            events += _happened(row)
    return feed(
        experiment=experiment, rounds=rounds, rows=rows, first=first, last=last, scarred=numbers
    )


def _page(experiment: Experiment, first: int, end: int) -> list[Round]:
    rows = Round.objects.filter(experiment=experiment, index__range=(first, end))
    columns = ("index", "plan", "events", "diversity")
    read = [f"summary__{name}" for name in ("born", "died", "places")]
    return list(rows.select_related("summary").only(*columns, *read).order_by("index"))


def _happened(row: Round) -> int:
    deaths = row.events.get("deaths", {})
    counts = [row.events.get(name, 0) for name in ("births", "immigrants", "scars")]
    return sum(counts) + sum(deaths.values())


def _came(data: bytes, index: int) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "origin": "child" if mother else "immigrant",
            "birth_round": index + 1,
            "parents": [parent for parent in (mother, father) if parent],
            "generation": generation,
            "death_round": None,
        }
        for number, _, mother, father, generation in unpacked("born", data).tolist()
    ]


def _went(data: bytes, index: int) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "origin": "founder",
            "death_round": index,
            "state": AGENT_STATES[state],
        }
        for number, state, _, _ in unpacked("died", data).tolist()
    ]


def lives(*, experiment: Experiment) -> dict[str, np.ndarray]:
    """Everybody who was ever born, by number from 1 on: {slot, birth, mother, father, generation,
    death, state, fitness}; death -1 and fitness nan of who is alive. Empty before the first close.
    """
    rows = list(summaries_of(experiment=experiment).values_list("round__index", "born", "died"))
    index = np.array([row[0] for row in rows], np.int32)
    born = [unpacked("born", row[1]) for row in rows]
    died = [unpacked("died", row[2]) for row in rows]
    came, went = joined("born", born), joined("died", died)
    count = experiment.population * bool(rows) + len(came)
    kept = {name: np.zeros(count, np.int32) for name in ("birth", "slot", *KIN)}
    kept["slot"][: experiment.population] = np.arange(min(experiment.population, count))
    place = came["number"] - 1
    kept["birth"][place] = np.repeat(index + 1, [len(row) for row in born])
    for name in ("slot", *KIN):
        kept[name][place] = came[name]
    return kept | _ends(count, went, np.repeat(index, [len(row) for row in died]))


def _ends(count: int, went: np.ndarray, rounds: np.ndarray) -> dict[str, np.ndarray]:
    death, state = np.full(count, -1, np.int32), np.zeros(count, np.uint8)
    fitness, place = np.full(count, np.nan, np.float32), went["number"] - 1
    death[place], state[place], fitness[place] = rounds, went["state"], went["fitness"]
    return {"death": death, "state": state, "fitness": fitness}
