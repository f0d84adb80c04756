"""What a worker's processes held is free as soon as the worker has ended."""

import pytest

from arena.work.kinds import BLOCK
from arena.work.queue import Wanted, jobs_ask, locally
from lineage_site.queue import worker
from tests.arena.turns import claim, die, waiting


@pytest.mark.django_db
def test_a_worker_hands_back_what_its_processes_held():
    with locally():
        jobs_ask(wanted=[Wanted(BLOCK, 7, 0)], user=1, experiment=1)
    claim(BLOCK, 7)
    worker._hand_back()
    assert waiting() == []

    die()
    worker._hand_back()

    assert waiting() == [BLOCK]
