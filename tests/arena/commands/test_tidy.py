"""Files without rows are found, and removed when that is asked for and they are old enough; rows
without files are named.
"""

import os
import time
from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command

from arena.models import Experiment, MarketData
from arena.services.removal.tidying import files_wanted
from arena.store import files
from tests.arena.runs import finished, tiny

pytestmark = pytest.mark.django_db(transaction=True)


def tidy(*options):
    out = StringIO()
    call_command("tidy", *options, stdout=out)
    return out.getvalue()


def stray(name, hours):
    files.write(name, b"x" * 10)
    then = time.time() - 3600 * hours
    os.utime(default_storage.path(name), (then, then))
    return name


def test_only_old_files_that_no_row_points_to_go_and_only_when_asked(settings):
    settings.KEEP_EVERY = 3
    run = finished(tiny(seed=5))
    everything = set(files.within(""))
    assert "0 files without rows" in tidy()
    assert "0 rows without files" in tidy()
    assert "0 counts" in tidy(), tidy()
    folder = files.experiment_folder(run.uuid)
    old = {
        stray(f"{folder}round-00001/block-000.f9.weights.safetensors", 2),
        stray(f"markets/{'a' * 64}.safetensors", 2),
    }
    old.add(
        stray(
            "experiments/6f1b1c3e-2b52-4c2e-9e3c-0b9a1f0e8d11/round-00000/births.f0.safetensors", 2
        )
    )
    young = stray(f"{folder}round-00004/block-000.f8.weights.safetensors", 0.1)

    printed = tidy()

    assert "3 files without rows, 30 bytes" in printed
    assert "Nothing was changed" in printed
    assert old <= set(files.within(""))
    assert "Removed 30 bytes" in tidy("--apply")
    assert set(files.within("")) == everything | {young}


def test_what_rows_miss_is_named_and_a_wrong_count_is_corrected():
    run = finished(tiny(seed=6))
    files.remove(run.market.file)
    gone = sorted(files_wanted(experiment=run))[0]
    files.remove(gone)
    Experiment.objects.filter(pk=run.pk).update(stored_bytes=5)

    printed = tidy("--apply")

    assert "2 rows without files" in printed
    assert gone in printed
    assert "bring its file again" in printed
    assert Experiment.objects.get(pk=run.pk).stored_bytes > 1000
    assert MarketData.objects.get(pk=run.market_id).stored_bytes == 0
