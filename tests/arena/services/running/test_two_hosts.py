"""Two machines with folders of their own play one experiment, to the bits of a single process; one
that looks for its files elsewhere is told so before it can do harm.
"""

import json
import signal

import pytest

from tests.arena.runs import TINY, untouched
from tests.arena.services.running.hosts import Hosts, hosts

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
BEGIN = """
import django, json, sys
django.setup()
from arena.services.experiments import lifecycle
from arena.settings_schema import parse
made = lifecycle.experiment_create(owner=None, name="far", settings=parse(json.loads(sys.argv[1])))
print(lifecycle.experiment_start(experiment_uuid=made.uuid).uuid)
"""
PLAYED = "SELECT count(DISTINCT worker) FROM arena_blockrun WHERE state = 'done'"
TIMERS = "SELECT holder FROM arena_office WHERE name = 'timer'"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with hosts(tmp_path_factory.mktemp("hosts")) as made:
        made.ask("a", "-m", "lineage_site.launcher", "migrate")
        yield made


def begin(site: Hosts, rounds: int = TINY["rounds"]) -> str:
    asked = json.dumps(TINY | {"rounds": rounds})
    return site.ask("a", "-c", BEGIN, asked).split()[-1]


def state_of(uuid: str) -> str:
    return f"SELECT state FROM arena_experiment WHERE uuid = '{uuid}'"


@pytest.mark.django_db(transaction=True)
def test_two_machines_play_one_experiment_to_the_bits_of_one_process(site):
    workers = [site.start(host, "worker") for host in "ab"]
    timers = [site.start(host, "timer") for host in "ab"]
    uuid = begin(site)

    site.wait_until(state_of(uuid), "finished", seconds=600)

    digest = f"SELECT state_sha256 FROM arena_experiment WHERE uuid = '{uuid}'"
    assert site.query(digest) == [[untouched()]]
    assert site.query(PLAYED) == [["2"]]
    assert "all sound" in site.ask("c", "manage.py", "audit", uuid)
    # of two timers one sends; where it ends, the other follows without waiting for a lease
    first = site.query(TIMERS)[0][0]
    for process in timers + workers:
        if holds(process, first):
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
    site.wait_until(f"SELECT holder <> '{first}' FROM arena_office", "t", seconds=15)
    for process in timers + workers:
        process.send_signal(signal.SIGTERM)
    assert {process.wait(30) for process in timers + workers} == {0}
    assert site.query("SELECT count(*) FROM arena_job WHERE state = 'claimed'") == [["0"]]


def holds(process, holder: str) -> bool:
    """Whether the holder is a child of this launcher."""
    children = f"/proc/{process.pid}/task/{process.pid}/children"
    with open(children) as file:
        return holder.split(":")[1] in file.read().split()


def test_a_machine_that_looks_for_its_files_elsewhere_does_not_start(site, tmp_path):
    said = site.ask("d", "-m", "lineage_site.launcher", "worker", code=2, FILES=str(tmp_path))

    assert f"The files at {tmp_path} are not those of this database" in said
    assert "Set FILES to the same folder or bucket" in said


def test_a_store_that_refuses_or_is_away_is_told_before_anything_starts(site):
    said = site.ask(
        "d", "-m", "lineage_site.launcher", "worker", code=2, S3_ENDPOINT="http://127.0.0.1:9"
    )

    assert "the object store is away" in said


@pytest.mark.parametrize("part", ["web", "worker", "timer", "migrate"])
def test_a_part_alone_says_what_it_must_share(site, part):
    said = site.ask("d", "-m", "lineage_site.launcher", part, code=2, SECRET_KEY="", REDIS_URL="")

    assert said == (
        f"The part {part} alone needs REDIS_URL, SECRET_KEY, the same on every machine of the"
        " site.\n"
    )
