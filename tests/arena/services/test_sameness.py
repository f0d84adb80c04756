"""The same seed gives the same bits: again, in other blocks, after a pause, through the queue, and when a worker is killed in mid-round."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from agents.models import Agent, LineageEdge
from arena import enqueue
from arena.models import Experiment, ExperimentState, Round
from arena.services import alone, experiments
from arena.services.audit.run import experiment_audit
from arena.settings_schema import parse
from lineage_site.launcher import redis_server
from tests.arena.runs import TINY, draft, finished, started, tiny

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[3]
# 4 blocks of 64, and rounds long enough to be interrupted
QUEUED = {
    "population": 256,
    "rounds": 3,
    "round_bars": 96,
    "seed": 11,
    "learning": {"replay": 512, "epsilon_bars": 200},
    "evolution": {"juvenile_rounds": 0},
    "life": {"endowment": 5000.0},
}
START = """
import django, json, sys
django.setup()
from django.core.management import call_command
from arena.services.experiments import experiment_create, experiment_start
from arena.settings_schema import parse
call_command("migrate", verbosity=0, interactive=False)
experiment = experiment_create(owner=None, name="queued", settings=parse(json.loads(sys.argv[1])))
experiment_start(experiment_uuid=experiment.uuid)
"""


def lineage(experiment):
    """What a family tree is drawn from."""
    edges = LineageEdge.objects.filter(child__experiment=experiment).order_by("child__number", "parent__number")
    agents = Agent.objects.filter(experiment=experiment).order_by("number")
    return [*edges.values_list("parent__number", "child__number", "weight_distance")], [*agents.values_list("number", "state", "equity")]


def test_the_same_seed_twice_and_another_seed_once():
    first, second, other = finished(), finished(), finished(tiny(seed=8))

    assert first.state_sha256 == second.state_sha256 != other.state_sha256
    assert lineage(first) == lineage(second)
    assert list(Round.objects.filter(experiment=first).values_list("state_sha256")) == list(
        Round.objects.filter(experiment=second).values_list("state_sha256")
    )


@pytest.mark.parametrize("size", [1, 7, 16])
def test_blocks_of_any_size_give_the_same_bits(settings, size):
    whole = finished()
    settings.BLOCK_SIZE = size

    parts = finished()

    assert parts.rounds.first().blocks.count() == -(-20 // size)
    assert parts.state_sha256 == whole.state_sha256
    assert lineage(parts) == lineage(whole)


def test_blocks_of_16_and_of_64_give_the_same_bits(settings):
    told = parse(QUEUED | {"population": 80, "rounds": 2})
    settings.BLOCK_SIZE = 64
    wide = finished(told)
    settings.BLOCK_SIZE = 16

    narrow = finished(told)

    assert (wide.rounds.first().blocks.count(), narrow.rounds.first().blocks.count()) == (2, 5)
    assert narrow.state_sha256 == wide.state_sha256


def test_an_experiment_keeps_its_blocks_when_the_site_changes_their_size(settings):
    untouched = finished()
    settings.BLOCK_SIZE = 8
    experiment, _ = started()
    settings.BLOCK_SIZE = 64

    go_on(experiment)

    assert experiment.rounds.last().blocks.count() == 3
    assert experiment.state_sha256 == untouched.state_sha256


def test_a_pause_after_every_round_leaves_no_trace():
    untouched, experiment = finished(), draft()
    with enqueue.locally() as queue:
        experiments.experiment_start(experiment_uuid=experiment.uuid)
        while experiment.state != ExperimentState.FINISHED:
            experiments.experiment_pause(experiment_uuid=experiment.uuid)
            work_off(queue)
            experiment.refresh_from_db()
            if experiment.state == ExperimentState.PAUSED:
                experiments.experiment_resume(experiment_uuid=experiment.uuid)

    assert experiment.state_sha256 == untouched.state_sha256


@pytest.mark.parametrize("inheritance", ["lamarckian", "baldwinian"])
def test_crossover_and_either_inheritance_are_sound_and_the_same_twice(inheritance):
    told = tiny(
        rounds=6,
        market={"kind": "trend_up", "drift": 2.0},
        learning=TINY["learning"] | {"epsilon_compete": 0.3},
        evolution={"juvenile_rounds": 0, "turnover": 0.3, "crossover": True, "inheritance": inheritance},
        costs={"fee": 0.0, "half_spread": 0.0, "slippage": 0.0},
    )
    first, second = finished(told), finished(told)

    assert first.state_sha256 == second.state_sha256
    assert LineageEdge.objects.filter(child__experiment=first, kind="crossover").count() > 10
    assert list(experiment_audit(experiment=first)) == []


def go_on(experiment):
    """Play a running experiment to its end."""
    with enqueue.locally() as queue:
        queue.extend((enqueue.PLAY_BLOCK, (row.round_id, row.block)) for row in experiment.rounds.get().blocks.all())
        work_off(queue)
    experiment.refresh_from_db()


def work_off(queue):
    while queue:
        task, arguments = queue.popleft()
        alone.WORK[task](*arguments)


def test_through_the_queue_with_two_workers_and_with_one_killed_in_mid_round(tmp_path):
    headless = finished(parse(QUEUED))

    with site(tmp_path) as (env, workers):
        start(env)
        quiet = wait(tmp_path, lambda row: row["state"] == "finished", seconds=90)
        start(env)
        wait(tmp_path, lambda row: row["state"] == "running" and row["rounds_done"] == 1, seconds=60)
        victim = kill_a_claimant(tmp_path, workers)
        killed = wait(tmp_path, lambda row: row["state"] == "finished", seconds=120)
        for pk in (quiet["id"], killed["id"]):
            subprocess.run([sys.executable, "manage.py", "audit", str(pk)], cwd=ROOT, env=env, check=True, timeout=60)

    assert quiet["state_sha256"] == headless.state_sha256
    assert killed["state_sha256"] == headless.state_sha256
    assert victim.returncode == -signal.SIGKILL
    assert query(tmp_path, "SELECT MAX(attempts) AS n FROM arena_blockrun")["n"] == 2
    assert list(experiment_audit(experiment=Experiment.objects.get(pk=headless.pk))) == []


@contextmanager
def site(folder: Path) -> Iterator[tuple[dict[str, str], list[subprocess.Popen]]]:
    """A Redis-protocol server, two workers of one process each and the timer: (environment, workers)."""
    socket = folder / "s"
    env = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "lineage_site.settings",
        "VAR_DIR": str(folder),
        "REDIS_URL": f"unix://{socket}?db=0",
        "NUMBA_CACHE_DIR": os.environ["NUMBA_CACHE_DIR"],
        "REMAP_SIGTERM": "SIGQUIT",
    }
    celery = [sys.executable, "-m", "celery", "-A", "lineage_site.celery:app"]
    worker = [*celery, "worker", "-c", "1", "-O", "fair", "--without-gossip", "--without-mingle"]
    with ExitStack() as stack:
        run = lambda name, command: stack.enter_context(child(name, command, env, folder))  # noqa: E731
        run("redis", redis_server.command(socket, folder / "redis"))
        subprocess.run([sys.executable, "-c", "import django; django.setup()"], cwd=ROOT, env=env, check=True)
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"], cwd=ROOT, env=env, check=True)
        workers = [run(f"worker{n}", [*worker, "-n", f"{n}@test"]) for n in (1, 2)]
        run("timer", [*celery, "beat", "-s", str(folder / "beat"), "--pidfile="])
        yield env, workers


@contextmanager
def child(name: str, command: list[str], env: dict[str, str], folder: Path) -> Iterator[subprocess.Popen]:
    """A process and its children in a group of their own, which does not outlive the test."""
    with open(folder / f"{name}.log", "wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def start(env: dict[str, str]) -> None:
    """Create and start an experiment as a page would, from another process."""
    settings = parse(QUEUED).model_dump_json()
    subprocess.run([sys.executable, "-c", START, settings], cwd=ROOT, env=env, check=True, timeout=60)


def query(folder: Path, sql: str) -> sqlite3.Row:
    with sqlite3.connect(folder / "lineage.sqlite3", timeout=20) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(sql).fetchone()


def wait(folder: Path, ready, seconds: float) -> sqlite3.Row:
    """The newest experiment's row once it is `ready`."""
    until = time.monotonic() + seconds
    while True:
        row = query(folder, "SELECT * FROM arena_experiment ORDER BY id DESC LIMIT 1")
        if ready(row):
            return row
        assert row["state"] == "running" and time.monotonic() < until, (dict(row), logs(folder))
        time.sleep(0.05)


def logs(folder: Path) -> str:
    return "\n".join(f"--- {path.name}\n{path.read_text()[-3000:]}" for path in sorted(folder.glob("*.log")))


def kill_a_claimant(folder: Path, workers: list[subprocess.Popen]) -> subprocess.Popen:
    """Kill -9 the worker, with its children, that holds a block right now."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        row = query(folder, "SELECT worker FROM arena_blockrun WHERE state = 'claimed' AND lease_until IS NOT NULL LIMIT 1")
        for worker in workers:
            if row and os.getpgid(int(row["worker"].rsplit(":", 1)[1])) == worker.pid:
                os.killpg(worker.pid, signal.SIGKILL)
                worker.wait(10)
                return worker
    raise AssertionError("no worker was seen with a block")
