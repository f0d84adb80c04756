"""A copy that is made while rounds are played is a site of its own, in which everything goes on to
the bit.
"""

import json
import os
import sqlite3
import stat
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as site
from django.core.management import CommandError, call_command
from django.db import connection

from arena.services.experiments import lifecycle
from arena.services.removal import backup
from arena.work.queue import locally
from tests.arena.runs import draft, finished, tiny
from tests.arena.turns import play_rounds, work_off

pytestmark = pytest.mark.django_db(transaction=True)
# what the copy has, after its own migrations and with what runs there played to its end
LOOK = """
import django, json
django.setup()
from django.core.management import call_command
from arena.models import Experiment
from arena.services.audit.run import experiment_audit
from arena.services.removal.tidying import missing
from tests.arena.turns import work_off
call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
lost, begun = list(missing()), dict(Experiment.objects.values_list("name", "rounds_done"))
work_off()
rows = {row.name: [row.state, row.state_sha256] for row in Experiment.objects.all()}
for row in Experiment.objects.all():
    rows[row.name].append([list(problem) for problem in experiment_audit(experiment=row)])
print(json.dumps([lost, begun, rows]))
"""


def looked_at(folder):
    env = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "lineage_site.settings",
        "VAR_DIR": str(folder),
        "NUMBA_CACHE_DIR": os.environ["NUMBA_CACHE_DIR"],
        "PYTHONPATH": str(site.BASE_DIR),
    }
    done = subprocess.run(
        [sys.executable, "-c", LOOK], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def running():
    """After its first round."""
    experiment = draft(name="runs")
    with locally():
        lifecycle.experiment_start(experiment_uuid=experiment.uuid)
    play_rounds(experiment, 1)
    return experiment


def test_a_copy_made_while_rounds_are_played_goes_on_to_the_bit(monkeypatch, tmp_path):
    ended, experiment = finished(tiny(seed=8)), running()
    made = backup._database

    def between_rounds(place):
        play_rounds(experiment, 2)
        made(place)
        play_rounds(experiment, 3)

    monkeypatch.setattr(backup, "_database", between_rounds)
    out, folder = StringIO(), tmp_path / "copy"

    call_command("backup", str(folder), stdout=out)

    assert "0 rows without files" in out.getvalue() and "To bring it back" in out.getvalue()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / "secret_key").read_bytes() == (site.VAR_DIR / "secret_key").read_bytes()
    work_off()
    experiment.refresh_from_db()
    lost, begun, rows = looked_at(folder)
    assert (lost, begun["runs"]) == ([], 2)
    assert rows == {
        "tiny": ["finished", ended.state_sha256, []],
        "runs": ["finished", experiment.state_sha256, []],
    }


def test_what_is_only_in_the_journal_is_copied_too(tmp_path):
    draft()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)

    backup.backup_make(folder=tmp_path / "copy")

    with sqlite3.connect(tmp_path / "copy" / backup.DATABASE) as copy:
        assert copy.execute("SELECT name FROM arena_experiment").fetchall() == [("tiny",)]


def test_nothing_is_written_into_a_folder_that_is_in_use(tmp_path):
    (tmp_path / "mine").write_text("letters")

    with pytest.raises(CommandError, match="is not empty"):
        call_command("backup", str(tmp_path))

    assert [path.name for path in Path(tmp_path).iterdir() if path.is_file()] == ["mine"]


def test_on_postgresql_the_tool_to_use_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(connection, "vendor", "postgresql")

    with pytest.raises(CommandError, match="pg_dump"):
        call_command("backup", str(tmp_path / "copy"))
