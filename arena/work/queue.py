"""Asks for work and wakes workers. A message says "take a turn" and nothing else, and may be lost;
within `locally()` this process works itself.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from kombu import Connection
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from arena.work import shares
from arena.work.identity import this_process
from arena.work.kinds import RANKS
from arena.work.models import Job, JobState

TAKE_TURN = "arena.tasks.take_turn"
QUEUE = "lineage"
# messages that wait for each process of a worker
MESSAGES_A_SLOT = 2
BATCH = 500

logger = logging.getLogger(__name__)
_local: ContextVar[bool] = ContextVar("local_work", default=False)
_in_turn: ContextVar[bool] = ContextVar("in_turn", default=False)


@dataclass(frozen=True)
class Wanted:
    """A job to be asked for; fence: of the last claim of the same subject, in an earlier job."""

    kind: str
    subject: int
    place: int = 0
    fence: int = 0


@contextmanager
def _set(variable: ContextVar[bool]) -> Iterator[None]:
    token = variable.set(True)
    try:
        yield
    finally:
        variable.reset(token)


def locally() -> AbstractContextManager[None]:
    """No broker: what is asked for inside is left to this process for a while."""
    return _set(_local)


def in_turn() -> AbstractContextManager[None]:
    """This process takes turns, and so finds itself what is asked for one by one."""
    return _set(_in_turn)


def is_local() -> bool:
    """Whether this process works without broker and listeners."""
    return _local.get()


@transaction.atomic
def jobs_ask(*, wanted: Iterable[Wanted], user: int | None, experiment: int = 0) -> None:
    """Have work done, once the running transaction is committed. What is asked for already stays as
    it is; what is held goes on, as if it had never been tried.
    """
    wanted = list(wanted)
    common = {
        "user": user or 0,
        "experiment": experiment,
        "home": this_process() if is_local() else "",
        "since": Now(),
    }
    rows = [
        Job(
            kind=w.kind,
            subject=w.subject,
            place=w.place,
            fence=w.fence,
            rank=RANKS[w.kind],
            **common,
        )
        for w in wanted
    ]
    Job.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
    for kind in {each.kind for each in wanted}:
        subjects = [each.subject for each in wanted if each.kind == kind]
        for first in range(0, len(subjects), BATCH):
            held = Job.objects.filter(
                kind=kind, subject__in=subjects[first : first + BATCH], state=JobState.HELD
            )
            held.update(
                state=JobState.WAITING, attempts=0, pauses=0, not_before=None, reason="", **common
            )
    if wanted:
        shares.join(user=user or 0, experiment=experiment)
        transaction.on_commit(partial(_announce, len(wanted)))


@transaction.atomic
def jobs_drop(**which: object) -> int:
    """Have work of these columns done no more, also by who is at it; how many jobs it was."""
    count, _ = Job.objects.filter(**which).delete()
    shares.leave()
    return count


@transaction.atomic
def jobs_hold(**which: object) -> None:
    """Lay work of these columns aside, also from who is at it, until it is asked for again."""
    Job.objects.filter(**which).update(state=JobState.HELD, lease_until=None, since=Now())
    shares.leave()


def top_up() -> int:
    """Have as many messages wait as there is work for, at most MESSAGES_A_SLOT for each process of
    a worker; how many were sent.

    A broker that is away is no error: the timer tops up again.
    """
    most = MESSAGES_A_SLOT * settings.WORKERS
    wanted = shares.ready().order_by()[:most].count()
    if is_local() or not wanted:
        return 0
    try:
        with current_app.connection_or_acquire() as connection:
            missing = max(wanted - _waiting(connection), 0)
            for _ in range(missing):
                current_app.send_task(TAKE_TURN, connection=connection, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("workers were not told of their work, the reaper will: %s", error)
        return 0
    return missing


def _waiting(connection: Connection) -> int:
    """Messages in the queue that no worker has taken yet."""
    queue = current_app.amqp.queues[QUEUE](connection.default_channel)
    return queue.queue_declare().message_count


def _announce(count: int) -> None:
    if not (_in_turn.get() and count == 1):
        top_up()
