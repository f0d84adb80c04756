"""`manage.py doctor` finds each thing that is wrong, and says what helps."""

import re

import pytest
from django.core.management import CommandError, call_command

from arena.management import checkup
from arena.models import Installation
from arena.store import files
from tests.arena.runs import started

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _server(valkey, settings):
    settings.REDIS_URL = valkey[0]


def found() -> dict[str, checkup.Finding]:
    return {each.name: each for each in checkup.findings()}


def test_a_machine_that_is_well_is_told_so(capsys):
    started()

    call_command("doctor")

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(checkup.CHECKS)
    assert all(line.startswith("well  ") for line in lines)


def test_what_is_wrong_ends_with_code_1_and_the_rest_is_still_looked_at(settings, capsys):
    settings.REDIS_URL = "unix:///nowhere/at/all?db=0"

    with pytest.raises(CommandError, match="2 of 6 checks failed") as caught:
        call_command("doctor")

    assert caught.value.returncode == 1
    out = capsys.readouterr().out
    assert "ILL   redis: " in out and "does REDIS_URL name a server that runs" in out
    assert "well  files: " in out


def test_other_files_are_found():
    assert found()["files"].well
    files.remove(f"{files.INSTALLATIONS}/{Installation.objects.get().uuid}")

    assert "Set FILES to the same folder or bucket" in found()["files"].words


def test_a_clock_that_is_off_is_found(monkeypatch):
    now = checkup.time.time()
    monkeypatch.setattr(checkup.time, "time", lambda: now + 6000)

    clocks = found()["clocks"]

    assert not clocks.well and re.search(r"600\d s off", clocks.words)


def test_a_redis_that_throws_messages_away_is_found(valkey):
    valkey[1].config_set("maxmemory-policy", "allkeys-lru")

    assert "set maxmemory-policy noeviction" in found()["redis"].words


def test_a_full_disk_is_found(monkeypatch):
    monkeypatch.setattr(checkup, "room_free", lambda: 1_000_000)

    assert "977 KiB are left" in found()["disk"].words


def test_a_run_of_another_version_is_found():
    experiment, _ = started()
    experiment.environment["numba"] = "0.1"
    experiment.save(update_fields=["environment"])

    versions = found()["versions"]

    assert not versions.well and experiment.name in versions.words
