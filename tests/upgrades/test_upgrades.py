"""What an earlier version stored is read by this one: its digests stand, it is sound, and what was
paused goes on.

The sites were made by `make.py` in a checkout of their version; a new one is added when a version
is given away.
"""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SITES = sorted(Path(__file__).parent.glob("*.tar.xz"))
LOOK = """
import django, json
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0, interactive=False)
from agents.models import Agent, Scar, Trade
from arena.models import Experiment
from arena.services.experiments import lifecycle
from arena.services.audit.run import experiment_audit
from arena.services.removal.tidying import missing
from arena.work.queue import locally
from tests.arena.turns import work_off

def outcome(row):
    counts = {
        "agents": Agent.objects.filter(experiment=row),
        "trades": Trade.objects.filter(agent__experiment=row),
        "scars": Scar.objects.filter(agent__experiment=row),
    }
    return {
        "state": row.state,
        "rounds_done": row.rounds_done,
        "state_sha256": row.state_sha256,
        "rounds": list(row.rounds.order_by("index").values_list("state_sha256", flat=True)),
    } | {name: found.count() for name, found in counts.items()}

def audited():
    return {
        row.name: [list(problem) for problem in experiment_audit(experiment=row)]
        for row in Experiment.objects.exclude(state="draft")
    }

rows = {row.name: row for row in Experiment.objects.all()}
said = {"first": {name: outcome(row) for name, row in rows.items()}, "audit": audited()}
browser = Client(headers={"host": "localhost"})
browser.force_login(User.objects.get(username="ada"))
pages = ["/", *(f"/experiments/{row.uuid}/" for row in rows.values())]
said["pages"] = [browser.get(page).status_code for page in pages]
with locally():
    lifecycle.experiment_resume(experiment_uuid=rows["paused"].uuid)
    lifecycle.experiment_start(experiment_uuid=rows["draft"].uuid)
work_off()
said["last"] = {row.name: outcome(row) for row in Experiment.objects.all()}
said |= {"audit_after": audited(), "missing": list(missing())}
print(json.dumps(said))
"""


@pytest.fixture(scope="module", params=SITES, ids=lambda site: site.name)
def found(request, tmp_path_factory):
    """What the earlier version said, and what this one says."""
    folder = tmp_path_factory.mktemp("site")
    with tarfile.open(request.param) as packed:
        packed.extractall(folder, filter="data")
    env = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "lineage_site.settings",
        "VAR_DIR": str(folder),
        "NUMBA_CACHE_DIR": os.environ["NUMBA_CACHE_DIR"],
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", LOOK], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads((folder / "expected.json").read_text()), json.loads(
        done.stdout.splitlines()[-1]
    )


def test_there_is_a_site_of_an_earlier_version():
    assert SITES


def test_every_digest_and_count_is_as_it_was(found):
    expected, said = found

    assert said["first"] == expected


def test_what_is_stored_is_sound_by_the_rules_of_its_time(found):
    _, said = found

    assert said["audit"] == {"ended": [], "paused": []}
    assert said["missing"] == []


def test_its_owner_opens_every_page_of_it(found):
    _, said = found

    assert set(said["pages"]) == {200}


def test_what_was_paused_and_what_was_not_begun_are_played_to_a_sound_end(found):
    _, said = found

    assert {name: row["state"] for name, row in said["last"].items()} == dict.fromkeys(
        ("ended", "paused", "draft"), "finished"
    )
    assert said["last"]["ended"] == said["first"]["ended"]
    assert said["last"]["paused"]["rounds"][:2] == said["first"]["paused"]["rounds"][:2]
    assert set(map(tuple, said["audit_after"].values())) == {()}
