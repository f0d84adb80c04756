"""A full disk, a database or memory that is short: work waits, says why, and goes on by itself to
the bit; nothing is lost.
"""

import errno

import pytest
from django.db import OperationalError
from django.urls import reverse

from arena.errors import WrongState
from arena.models import Experiment, ExperimentState, Seal
from arena.selectors.machine.room import RESERVE
from arena.selectors.waiting import work_waits
from arena.selectors.words import size_words
from arena.services.audit.run import experiment_audit
from arena.services.evidence import nulls
from arena.services.experiments import lifecycle
from arena.services.rounds import playing
from arena.services.running.turns import turn_take
from arena.settings_schema import SettingsError
from arena.store import blocks, files
from arena.work import claims
from arena.work.models import Job
from arena.work.queue import locally
from tests.arena.runs import draft, finished, untouched
from tests.arena.turns import play_rounds, work_off
from tests.arena.world import user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_listener():
    with locally():
        yield


def begun(after=1, **options):
    experiment = draft(**options)
    lifecycle.experiment_start(experiment_uuid=experiment.uuid)
    play_rounds(experiment, after)
    return experiment


def go_on(experiment):
    work_off(experiment=experiment.pk)
    experiment.refresh_from_db()
    return experiment


def test_before_a_round_begins_its_room_is_asked_for_and_the_wait_is_shown(monkeypatch, client):
    ada = user()
    experiment = begun(owner=ada)
    with monkeypatch.context() as full:
        full.setattr(files, "free", lambda: RESERVE - 1)
        full.setattr(claims, "FIRST_PAUSE", 1.0)
        assert turn_take() and not turn_take()

    job = Job.objects.get()
    assert (job.attempts, job.pauses) == (0, 1)
    words = work_waits(experiment=experiment.pk)
    assert words.startswith("Waits: no space: 0 needed, 0 free.") and "goes on by itself" in words
    client.force_login(ada)
    assert words in client.get(reverse("experiment_list")).content.decode()
    assert words in client.get(reverse("experiment_live", args=[experiment.uuid])).content.decode()
    answer = client.get(f"/api/v1/experiments/{experiment.uuid}").json()
    assert (answer["state"], answer["waits"]) == ("running", words)

    Job.objects.update(not_before=None)
    assert go_on(experiment).state_sha256 == untouched()
    assert list(experiment_audit(experiment=experiment)) == []


def test_what_the_next_round_will_need_is_known_before_it_is_played(monkeypatch):
    experiment = begun()
    left = experiment.rounds.get(index=0).blocks.get().checkpoint
    size = files.size(left + files.WEIGHTS) + files.size(left + files.MEMORY)
    monkeypatch.setattr(files, "free", lambda: RESERVE + size)

    turn_take()

    assert (
        Job.objects.get().reason
        == f"no space: {size_words(size + 1024 * 1024)} needed, {size_words(size)} free"
    )


def fails(error):
    def fail(*args, **kwargs):
        raise error

    return fail


@pytest.mark.parametrize(
    ("place", "error"),
    [
        ((blocks, "block_write"), OSError(errno.ENOSPC, "No space left on device")),
        ((playing, "_write_rows"), OperationalError("database is locked")),
        ((playing.engine, "play"), MemoryError("Unable to allocate 156 GiB")),
        ((files, "read"), ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")),
    ],
    ids=["disk", "database", "memory", "storage"],
)
def test_however_long_the_machine_fails_nothing_is_counted_lost_or_otherwise_afterwards(
    monkeypatch, place, error
):
    experiment = begun()
    with monkeypatch.context() as bad:
        bad.setattr(*place, fails(error))
        for _ in range(5):
            assert turn_take()

    job = Job.objects.get()
    assert (job.attempts, job.pauses, job.state) == (0, 5, "waiting")
    assert go_on(experiment).state_sha256 == untouched()
    assert list(experiment_audit(experiment=experiment)) == []


def test_a_block_that_failed_half_written_leaves_no_files(monkeypatch):
    begun()
    write, names = files.write, []

    def full_after_one(name, data):
        if names:
            raise OSError(errno.ENOSPC, "No space left on device")
        names.append(name)
        write(name, data)

    monkeypatch.setattr(files, "write", full_after_one)
    turn_take()

    assert len(names) == 1 and not files.exists(names[0])


def test_on_a_full_disk_nothing_new_is_made_or_started_and_the_reason_is_shown(monkeypatch, client):
    experiment, ada = draft(), user()
    monkeypatch.setattr(files, "free", lambda: 0)

    with pytest.raises(SettingsError, match="no space: .* needed, 0 free on the server"):
        draft()
    with pytest.raises(WrongState, match="cannot be started: no space: .* needed, 0 free"):
        lifecycle.experiment_start(experiment_uuid=experiment.uuid)

    client.force_login(ada)
    answer = client.post(
        "/api/v1/experiments", {"name": "new", "settings": {}}, content_type="application/json"
    )
    assert answer.status_code == 422 and "no space" in answer.json()["detail"]
    assert Experiment.objects.count() == 1


def test_what_failed_for_a_reason_that_has_gone_is_taken_up_again_to_the_bit(monkeypatch, client):
    ada = user()
    experiment = begun(after=2, owner=ada)
    with monkeypatch.context() as bad:
        bad.setattr(playing.engine, "play", fails(ArithmeticError("a driver was missing")))
        work_off()
    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.FAILED and not turn_take()
    assert list(experiment_audit(experiment=experiment)) == []
    client.force_login(ada)
    page = reverse("experiment_again", args=[experiment.uuid])
    assert (
        f'action="{page}" data-control="again" >'
        in client.get(reverse("experiment_live", args=[experiment.uuid])).content.decode()
    )

    client.post(page)

    experiment.refresh_from_db()
    assert (experiment.state, experiment.state_reason, experiment.finished_at) == (
        ExperimentState.RUNNING,
        "",
        None,
    )
    assert list(experiment_audit(experiment=experiment)) == []
    assert go_on(experiment).state_sha256 == untouched()
    assert list(experiment_audit(experiment=experiment)) == []
    assert list(Seal.objects.filter(experiment=experiment).values_list("kind", flat=True)) == [
        "start",
        "end",
        "again",
        "end",
        "judgement",
    ]


def test_only_what_failed_is_taken_up_again(client):
    experiment = begun(owner=user())
    client.force_login(experiment.owner)

    answer = client.post(f"/api/v1/experiments/{experiment.uuid}/again")

    assert answer.status_code == 409 and "it would have to be failed" in answer.json()["detail"]


def test_an_end_that_nobody_took_back_is_noticed(monkeypatch):
    experiment = begun()
    with monkeypatch.context() as bad:
        bad.setattr(playing.engine, "play", fails(ArithmeticError("poison")))
        work_off()
    Experiment.objects.update(state="stopped")

    experiment.refresh_from_db()
    assert "seals" in {check for check, _ in experiment_audit(experiment=experiment)}


def test_null_worlds_that_failed_are_tried_again(monkeypatch):
    experiment = finished()
    nulls.nulls_ask(experiment=experiment, count=1)
    with monkeypatch.context() as bad:
        bad.setattr(nulls.whole, "advance", fails(ArithmeticError("poison")))
        work_off()
    assert experiment.null_worlds.get().outcome == {}

    assert nulls.nulls_again(experiment=experiment) == 1
    work_off()

    assert experiment.null_worlds.get().outcome
    with pytest.raises(WrongState, match="has failed"):
        nulls.nulls_again(experiment=experiment)
