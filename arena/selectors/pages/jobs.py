"""Work in the background that is a user's: what is being done, what waits and for what, and what
failed.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from arena.models import (
    BlockState,
    Experiment,
    ExperimentState,
    ImportState,
    Judgement,
    JudgementState,
    MarketImport,
    NullWorld,
    Removal,
)
from arena.people.actions import Action
from arena.people.may import allowed
from arena.selectors.experiments import experiments_visible
from arena.selectors.pages.rows import rows_of
from arena.selectors.waiting import experiments_wait, works_wait
from arena.selectors.words import whole
from arena.work import kinds
from arena.work.models import Job, JobState

# rows of one kind
MOST = 50
QUEUED, RUNNING, FAILED = "queued", "running", "failed"
STATES = {QUEUED: "queued", RUNNING: "running", FAILED: "failed"}
Entry = dict[str, Any]
# of an entry, where nothing else is said
MORE: Entry = {"percent": None, "progress": "", "left": "", "reason": "", "deeds": []}


def jobs(*, user: Any, now: Any) -> list[Entry]:
    """What runs first, then what waits, then what failed; queries do not grow with them.

    Each {key, what, url, kind, state, words, percent, progress, left, reason, deeds}; percent None
    where nobody knows it; deeds: [{title, url, question}], each a POST.
    """
    found = [
        *_rounds(user, now),
        *_judgements(user),
        *_worlds(user),
        *_imports(user),
        *_removals(user),
    ]
    order = (RUNNING, QUEUED, FAILED)
    return sorted(found, key=lambda entry: order.index(entry["state"]))


def _rounds(user: Any, now: Any) -> list[Entry]:
    """Experiments that are played, and those that failed."""
    states = [ExperimentState.RUNNING, ExperimentState.PAUSING, ExperimentState.FAILED]
    rows = list(experiments_visible(user=user).filter(state__in=states)[:MOST])
    busy = _busy([row.pk for row in rows], kinds.OF_ROUNDS)
    shown = rows_of(experiments=rows, user=user, now=now)
    return [_run(row, each, row.pk in busy) for row, each in zip(rows, shown, strict=True)]


def _run(row: Experiment, shown: Entry, busy: bool) -> Entry:
    failed = row.state == ExperimentState.FAILED
    cells = shown["cells"]
    return _entry(
        f"rounds-{row.uuid}",
        row.name,
        shown["url"],
        "rounds",
        FAILED if failed else RUNNING if busy else QUEUED,
        percent=shown["percent"],
        progress=f"{cells['rounds']} rounds",
        left=cells["left"],
        reason=cells["why"],
        deeds=_again(row) if failed else _ends(row),
    )


def _again(row: Experiment) -> list[Entry]:
    return [_deed("Retry", "experiment_again", row)]


def _ends(row: Experiment) -> list[Entry]:
    stop = _deed("Stop", "experiment_stop", row, f"Stop {row.name} for good? It cannot go on then.")
    pause = _deed("Pause", "experiment_pause", row)
    return [pause, stop] if row.state == ExperimentState.RUNNING else [stop]


def _judgements(user: Any) -> list[Entry]:
    open_ones = Judgement.objects.filter(
        experiment__in=experiments_visible(user=user).values("pk"),
        state__in=[JudgementState.WAITING, JudgementState.FAILED],
    ).select_related("experiment")
    rows = list(open_ones.order_by("-pk")[:MOST])
    keys = [row.experiment_id for row in rows]
    busy, waits = _busy(keys, [kinds.JUDGEMENT]), experiments_wait(experiments=keys)
    return [
        _judgement(row, row.experiment_id in busy, waits.get(row.experiment_id, "")) for row in rows
    ]


def _judgement(row: Judgement, busy: bool, waits: str) -> Entry:
    failed = row.state == JudgementState.FAILED
    return _entry(
        f"judgement-{row.pk}",
        row.experiment.name,
        reverse("experiment_live", args=[row.experiment.uuid]),
        "judgement",
        FAILED if failed else RUNNING if busy else QUEUED,
        reason=row.reason if failed else waits,
        deeds=[_deed("Retry", "experiment_judge", row.experiment)] if failed else [],
    )


def _worlds(user: Any) -> list[Entry]:
    """Null worlds of an experiment together: those that are to be played, or came to nothing."""
    counted = (
        experiments_visible(user=user)
        .annotate(
            asked=Count("null_worlds"),
            waiting=Count("null_worlds", filter=Q(null_worlds__state=BlockState.WAITING)),
            lost=Count(
                "null_worlds",
                filter=Q(null_worlds__state=BlockState.DONE) & ~Q(null_worlds__reason=""),
            ),
        )
        .filter(Q(waiting__gt=0) | Q(lost__gt=0))
    )
    rows = list(counted[:MOST])
    keys = [row.pk for row in rows]
    busy, waits = _busy(keys, [kinds.NULL_WORLD]), experiments_wait(experiments=keys)
    reasons = dict(
        NullWorld.objects.filter(experiment__in=keys)
        .exclude(reason="")
        .values_list("experiment_id", "reason")
    )
    return [
        _of_worlds(row, row.pk in busy, waits.get(row.pk, ""), reasons.get(row.pk, ""))
        for row in rows
    ]


def _of_worlds(row: Any, busy: bool, waits: str, reason: str) -> Entry:
    failed = not row.waiting
    done = row.asked - row.waiting
    deed = (
        _deed("Retry", "experiment_nulls_again", row)
        if failed
        else _deed("Cancel", "experiment_nulls_cancel", row)
    )
    return _entry(
        f"worlds-{row.uuid}",
        row.name,
        reverse("experiment_champion", args=[row.uuid]),
        "null worlds",
        FAILED if failed else RUNNING if busy else QUEUED,
        percent=int(100 * done / row.asked),
        progress=f"{whole(row.lost)} came to nothing"
        if failed
        else f"{whole(done)} of {whole(row.asked)} worlds",
        reason=reason if failed else waits,
        deeds=[deed],
    )


def _imports(user: Any) -> list[Entry]:
    open_ones = allowed(user, Action.IMPORT_READ, MarketImport.objects.all()).filter(
        state__in=[ImportState.RUNNING, ImportState.FAILED]
    )
    rows = list(open_ones.order_by("-pk")[:MOST])
    waits = works_wait(kind=kinds.IMPORT, subjects=[row.pk for row in rows])
    busy = set(_claimed(Job.objects.filter(kind=kinds.IMPORT)).values_list("subject", flat=True))
    return [_import(row, row.pk in busy, waits.get(row.pk, "")) for row in rows]


def _import(row: MarketImport, busy: bool, waits: str) -> Entry:
    failed = row.state == ImportState.FAILED
    span = max(row.stop_ms - row.start_ms, 1)
    share = min(max((row.next_ms - row.start_ms) / span, 0.0), 1.0)
    deed = (
        _deed_at("Retry", reverse("import_resume", args=[row.uuid]))
        if failed
        else _deed_at("Cancel", reverse("import_cancel", args=[row.uuid]))
    )
    return _entry(
        f"import-{row.uuid}",
        row.name,
        reverse("import_page", args=[row.uuid]),
        "import",
        FAILED if failed else RUNNING if busy else QUEUED,
        percent=int(100 * share),
        progress=f"{whole(row.bars)} bars",
        reason=row.reason or waits,
        deeds=[deed],
    )


def _removals(user: Any) -> list[Entry]:
    """Deletions that are under way, of which a job is left."""
    own = allowed(user, Action.EXPERIMENT_READ, Removal.objects.all())
    rows = list(own.filter(pk__in=_subjects(kinds.REMOVAL))[:MOST])
    waits = works_wait(kind=kinds.REMOVAL, subjects=[row.pk for row in rows])
    busy = set(_claimed(Job.objects.filter(kind=kinds.REMOVAL)).values_list("subject", flat=True))
    return [_removal(row, row.pk in busy, waits.get(row.pk, "")) for row in rows]


def _removal(row: Removal, busy: bool, waits: str) -> Entry:
    return _entry(
        f"removal-{row.pk}",
        row.name,
        "",
        "deletion",
        RUNNING if busy else QUEUED,
        reason=row.reason or waits,
    )


def _entry(key: str, what: str, url: str, kind: str, state: str, **more: Any) -> Entry:
    """more: those of MORE that there are."""
    own = {"key": key, "what": what, "url": url, "kind": kind, "state": state}
    return {**own, "words": STATES[state], **MORE, **more}


def _deed(title: str, route: str, row: Experiment, question: str = "") -> Entry:
    return _deed_at(title, reverse(route, args=[row.uuid]), question)


def _deed_at(title: str, url: str, question: str = "") -> Entry:
    return {"title": title, "url": url, "question": question}


def _busy(experiments: Iterable[int], of: Iterable[str]) -> set[int]:
    """Experiments of which a worker is at such a job."""
    rows = _claimed(Job.objects.filter(experiment__in=list(experiments), kind__in=list(of)))
    return set(rows.values_list("experiment", flat=True))


def _claimed(rows: QuerySet[Job]) -> QuerySet[Job]:
    return rows.filter(state=JobState.CLAIMED).order_by()


def _subjects(kind: str) -> list[int]:
    rows = Job.objects.filter(kind=kind).order_by()
    return list(rows.values_list("subject", flat=True))
