"""`python -m benchmarks.live.page`: what the page's data of long experiments cost the server, and
how large they are.
"""

import gzip
import json
import random
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from arena.models import Experiment, Round, RoundSummary  # noqa: E402
from arena.selectors.pages.first_paint import (  # noqa: E402
    first_paint_message,
    lives_message,
    step_message,
)
from arena.selectors.pages.snapshot import round_delta, snapshot_message  # noqa: E402
from arena.selectors.rounds.figures import figures_by_round  # noqa: E402
from arena.selectors.rounds.lines import RoundColumns  # noqa: E402
from arena.services.rounds import first_paints  # noqa: E402
from arena.services.rounds.summing import (  # noqa: E402
    History,
    baselines_before,
    summary_before,
    summary_of,
)
from arena.store.summaries import summary_row  # noqa: E402
from benchmarks.live.history import played, prolonged  # noqa: E402
from benchmarks.work import QUICK  # noqa: E402

# (agents, rounds, of which are played, births a round)
SIZES = (
    ((20, 8, 4, 2), (20, 12, 4, 2))
    if QUICK
    else (
        (100, 100, 100, 10),
        (1000, 300, 100, 100),
        (1000, 1000, 100, 100),
    )
)
STEPS, AGAIN = (3, 2) if QUICK else (40, 5)


def main() -> None:
    """[[size, what, figure, unit]]."""
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    rows = []
    for agents, rounds, real, births in SIZES:
        experiment = prolonged(played(agents, real), rounds, births)
        ever = experiment.next_number - 1
        size = f"{agents:,} x {rounds:,}, {ever:,} ever"
        rows += [[size, *row] for row in measured(experiment)]
    print(json.dumps(rows))


def measured(experiment: Experiment) -> list[list[Any]]:
    """[[what, figure, unit]] of one experiment."""
    frame = first_paint_message(experiment_uuid=experiment.uuid).encode()
    lives = lives_message(experiment=experiment).encode()
    rounds = random.Random(1).sample(range(experiment.rounds_done - 1), STEPS)
    step = step_message(experiment=experiment, index=rounds[0]).encode()
    first_paints.first_paint_frame(experiment_uuid=experiment.uuid)
    return [
        ["first paint", len(frame) / 1000, "kB"],
        ["first paint, compressed", len(gzip.compress(frame, first_paints.LEVEL)) / 1000, "kB"],
        ["first paint made", _cpu(lambda: _made(experiment)), "ms"],
        ["first paint compressed", _cpu(lambda: gzip.compress(frame, first_paints.LEVEL)), "ms"],
        ["first paint stored", _cpu(lambda: _stored(experiment)), "ms"],
        ["step", len(step) / 1000, "kB"],
        ["step made", median(_step(experiment, index) for index in rounds), "ms"],
        ["summary of a round, made and written", _cpu(lambda: _closed(experiment)), "ms"],
        ["message of a round", _cpu(lambda: _told(experiment)), "ms"],
        ["lives, compressed", len(gzip.compress(lives, first_paints.LEVEL)) / 1000, "kB"],
        ["lives made", _cpu(lambda: lives_message(experiment=experiment).encode()), "ms"],
        ["whole snapshot, as the API has it", _once(lambda: _whole(experiment)), "ms"],
    ]


def _once(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def _cpu(work: Callable[[], object]) -> float:
    return median(_once(work) for _ in range(AGAIN))


def _made(experiment: Experiment) -> bytes:
    return first_paint_message(experiment_uuid=experiment.uuid).encode()


def _stored(experiment: Experiment) -> bytes:
    """As a process sends it that has not been asked before."""
    first_paints._frames = first_paints.Frames()
    return first_paints.first_paint_frame(experiment_uuid=experiment.uuid).packed


def _step(experiment: Experiment, index: int) -> float:
    return _once(lambda: step_message(experiment=experiment, index=index).encode())


def _told(experiment: Experiment) -> object:
    return round_delta(experiment=experiment, index=experiment.rounds_done - 1)


def _whole(experiment: Experiment) -> bytes:
    return snapshot_message(experiment_uuid=experiment.uuid).encode()


class Undone(Exception):
    """What was written is taken back."""


_histories: dict[int, History] = {}


def _closed(experiment: Experiment) -> None:
    """What summing up adds to a close."""
    index = experiment.rounds_done - 1
    row = Round.objects.get(experiment=experiment, index=index)
    before = summary_before(experiment_id=experiment.pk, index=index)
    if experiment.pk not in _histories:
        _histories[experiment.pk] = History(experiment)
    history = _histories[experiment.pk]
    figures = figures_by_round(experiment=experiment, rounds=[index])[index]
    try:
        with transaction.atomic():
            RoundSummary.objects.filter(round=row).delete()
            columns = RoundColumns.of(
                row, baselines_before(experiment_id=experiment.pk, index=index)
            )
            ended = history.ended(index, figures, columns)
            summary_row(row.pk, summary_of(ended=ended, before=before)).save(force_insert=True)
            raise Undone
    except Undone:
        return


if __name__ == "__main__":
    main()
