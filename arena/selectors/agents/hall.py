"""The hall of fame: the fittest agents that ever lived, dead ones too, and where their networks are
kept.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from agents.models import Agent
from arena.engine.judging.champion import PROVED
from arena.models import BlockRun, BlockState, Experiment, Round
from arena.selectors.agents.population import Row, rows_of
from arena.selectors.numbers import short
from arena.selectors.rounds.summarised import summary

LENGTH = 10
FIELDS = ("number", "origin", "generation", "birth_round", "death_round", "state")


def hall_of_fame(
    *, experiment: Experiment, rows: Iterable[Row], rounds: Sequence[Round]
) -> list[dict[str, Any]]:
    """The LENGTH fittest of `rows` that lived through PROVED rounds, or through all where fewer are
    closed; the older of equals first.

    An agent's fitness is the one it died with, or has now. checkpoint: file of the weights after
    its last closed round, and its row. rows: agents as of selectors.agents.population.rows_of, as
    they stood after the last of `rounds`. One query.
    """
    last = rounds[-1].index if rounds else -1
    proved = [
        row
        for row in rows
        if row["fitness"] is not None and _lived(row, last) >= min(PROVED, last + 1)
    ]
    best = sorted(proved, key=lambda row: (-row["fitness"], row["number"]))[:LENGTH]
    files = _checkpoints(experiment, best, last)
    return [
        {
            **{name: row[name] for name in FIELDS},
            "fitness": short(row["fitness"]),
            "rounds": _lived(row, last),
            "checkpoint": file,
        }
        for row, file in zip(best, files, strict=True)
    ]


def hall_after(*, experiment: Experiment, last: int, living: Iterable[Row]) -> list[dict[str, Any]]:
    """The same after round `last`, without reading all the dead: its summary has the fittest of
    them. living: as they stood then.
    """
    if last < 0:
        return []
    best = summary(experiment=experiment, index=last)["best_dead"]["number"]
    dead = Agent.objects.filter(experiment=experiment, number__in=best.tolist())
    rounds = Round.objects.only("index").filter(experiment=experiment, index=last)
    return hall_of_fame(
        experiment=experiment, rows=[*living, *rows_of(agents=dead)], rounds=list(rounds)
    )


def _lived(row: Row, last: int) -> int:
    """Closed rounds it played."""
    return (last if row["death_round"] is None else row["death_round"]) - row["birth_round"] + 1


def _checkpoints(
    experiment: Experiment, rows: Sequence[Row], last: int
) -> list[dict[str, Any] | None]:
    """{round, stem, row} of the file with each one's weights as it last played; None where nothing
    is kept.
    """
    size = experiment.environment.get("block_size")
    if not size:
        return [None] * len(rows)
    wanted = [
        (last if row["death_round"] is None else row["death_round"], row["slot"] // size)
        for row in rows
    ]
    runs = BlockRun.objects.filter(
        round__experiment=experiment,
        round__index__in={index for index, _ in wanted},
        state=BlockState.DONE,
    )
    stems = {
        (index, block): stem
        for index, block, stem in runs.values_list("round__index", "block", "checkpoint")
    }
    return [
        {"round": place[0], "stem": stems[place], "row": row["slot"] % size}
        if stems.get(place)
        else None
        for place, row in zip(wanted, rows, strict=True)
    ]
