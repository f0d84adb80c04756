"""What a run stores is counted as it is stored, and who has filled their share pauses, losing
nothing.
"""

import pytest

from arena.errors import WrongState
from arena.models import Experiment
from arena.services.experiments.forks import experiment_fork
from arena.services.experiments.lifecycle import experiment_resume
from arena.services.headless import runner
from arena.services.records.storage import storage_measured
from arena.work.queue import locally
from tests.arena.runs import draft, tiny
from tests.arena.turns import work_off

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("every", [1, 3])
def test_the_count_is_what_lies_there(ada, settings, every):
    settings.KEEP_EVERY = every
    run = draft(owner=ada, settings=tiny())
    runner.experiment_run(experiment_uuid=run.uuid, tell=lambda text: None)
    run.refresh_from_db()
    fork = experiment_fork(experiment=run, after_round=3, name="", changes={}, owner=ada)

    for row in (run, fork):
        row.refresh_from_db()
        assert row.stored_bytes == storage_measured(experiment=row) > 0


def test_a_full_share_pauses_after_a_round_and_room_lets_it_go_on_to_the_same_end(ada, settings):
    twin = draft(owner=None, settings=tiny())
    runner.experiment_run(experiment_uuid=twin.uuid, tell=lambda text: None)
    run = draft(owner=ada, settings=tiny())
    limit = settings.DISK_PER_USER_MB

    def tell(text):
        if " rounds on " not in text:
            return
        settings.DISK_PER_USER_MB = 1
        Experiment.objects.filter(pk=other.pk).update(stored_bytes=2_000_000)

    other = draft(owner=ada, settings=tiny(seed=8))
    runner.experiment_run(experiment_uuid=run.uuid, tell=tell)

    run.refresh_from_db()
    assert (run.state, run.rounds_done) == ("paused", 1)
    assert "your share of the disk is full" in run.state_reason
    with pytest.raises(WrongState, match="it cannot go on: your share"):
        experiment_resume(experiment_uuid=run.uuid)
    settings.DISK_PER_USER_MB = limit
    with locally():
        experiment_resume(experiment_uuid=run.uuid)
        work_off(experiment=run.pk)
    run.refresh_from_db()
    twin.refresh_from_db()
    assert (run.state, run.state_sha256) == ("finished", twin.state_sha256)
