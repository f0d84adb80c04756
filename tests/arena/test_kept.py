"""A run that is put back is the run that was played."""

import shutil
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from arena.models import Experiment
from arena.services.audit.run import experiment_audit
from tests.arena import world
from tests.arena.runs import finished_once, tiny
from tests.empty_database import rows_of

pytestmark = pytest.mark.django_db(transaction=True)
SETTINGS = tiny(population=4, rounds=2, round_bars=32)


def files():
    place = Path(default_storage.path(""))
    return {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}


def test_its_rows_and_files_are_the_same_and_sound(django_db_setup):
    played = finished_once(SETTINGS)
    rows, written = rows_of(connection), files()
    django_db_setup()
    shutil.rmtree(default_storage.path(""))
    assert not Experiment.objects.exists()

    again = finished_once(SETTINGS)

    assert again.pk == played.pk
    assert rows_of(connection) == rows
    assert files() == written != {}
    assert list(experiment_audit(experiment=again)) == []


def test_what_was_there_before_it_is_no_part_of_it(django_db_setup):
    world.user()
    finished_once(tiny(population=4, rounds=1, round_bars=32))
    django_db_setup()

    world.user("eve")
    again = finished_once(tiny(population=4, rounds=1, round_bars=32))

    assert again.owner is None
    assert [user.username for user in world.User.objects.all()] == ["eve"]


def test_it_is_asked_for_before_anything_else_is_made():
    finished_once(SETTINGS)

    with pytest.raises(AssertionError, match="before anything else"):
        finished_once(SETTINGS)
