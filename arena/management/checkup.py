"""What must hold for a machine to take part in a site: each check says what it found, or what is
wrong and what helps.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from arena.models import Experiment, ExperimentState
from arena.selectors.machine.origin import origin
from arena.selectors.machine.room import RESERVE, room_free, size_words
from arena.services.records.same_files import OtherFiles, place, same_files_check

# seconds that clocks may differ by: leases use the database's, logs and sessions this machine's
CLOCKS = 5.0
# of what bits depend on, that which a running experiment was begun with
SAME = ("machine", "numpy", "numba", "code")


class Ill(Exception):
    """What is wrong, and what helps."""


class Finding(NamedTuple):
    """name: of the check; words: what was found, or what is wrong and what helps."""

    name: str
    well: bool
    words: str


def findings() -> Iterator[Finding]:
    """Of all checks, in their order; one that fails keeps none from being made."""
    for name, check in CHECKS.items():
        try:
            yield Finding(name, True, check())
        except (Ill, OtherFiles) as problem:
            yield Finding(name, False, str(problem))
        except (DatabaseError, redis.RedisError, OSError) as problem:
            yield Finding(name, False, f"{str(problem).strip().splitlines()[0]}; {AWAY[name]}")


def _database() -> str:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Ill("tables are of another version: start the part migrate of this one")
    where = connection.settings_dict["HOST"] or connection.settings_dict["NAME"]
    return f"{connection.display_name} at {where}"


def _clocks() -> str:
    with connection.cursor() as cursor:
        postgres = connection.vendor == "postgresql"
        epoch = "extract(epoch FROM now())" if postgres else "strftime('%s', 'now')"
        cursor.execute(f"SELECT {epoch}")
        there = float(cursor.fetchone()[0])
    with _redis_client() as server:
        seconds, micro = server.time()
    off = max(abs(time.time() - there), abs(time.time() - seconds - micro / 1e6))
    if off > CLOCKS:
        raise Ill(f"this machine's clock is {off:.0f} s off: let all machines ask one time server")
    return f"within {CLOCKS:.0f} s of database and Redis, {datetime.now(UTC):%H:%M:%S} UTC"


def _redis() -> str:
    with _redis_client() as server:
        policy = server.config_get("maxmemory-policy").get("maxmemory-policy", "noeviction")
    if policy != "noeviction":
        raise Ill(f"it throws messages away when full ({policy}): set maxmemory-policy noeviction")
    return f"answers; all of this site there begins with {settings.SITE}"


def _files() -> str:
    same_files_check()
    return f"{place()}, the same that other parts of the site see"


def _disk() -> str:
    free = room_free()
    if free is not None and free < 10 * RESERVE:
        raise Ill(f"{size_words(free)} are left: make room; manage.py tidy says what can go")
    return f"{size_words(free or 0)} are free"


def _versions() -> str:
    here, other = origin(), []
    going = (ExperimentState.RUNNING, ExperimentState.PAUSING, ExperimentState.PAUSED)
    for experiment in Experiment.objects.filter(removed_at=None, state__in=going):
        was = experiment.environment
        other += [experiment.name for each in SAME if was.get(each, here[each]) != here[each]][:1]
    if other:
        raise Ill(
            f"{len(other)} experiments under way were begun by another version or type of machine"
            f" ({other[0]}): their bits may differ from here on; let the one that began them end"
            " them"
        )
    return f"{here['machine']}, NumPy {here['numpy']}, Numba {here['numba']}"


def _redis_client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "redis": _redis,
    "clocks": _clocks,
    "files": _files,
    "disk": _disk,
    "versions": _versions,
}
AWAY = {
    "database": "does DATABASE_URL name a server that runs, and let us in?",
    "redis": "does REDIS_URL name a server that runs, and let us in?",
    "clocks": "database or Redis does not tell the time",
    "files": "does FILES name a place that can be written?",
    "disk": "is VAR_DIR there?",
    "versions": "the database does not tell of experiments",
}
