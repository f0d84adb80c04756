"""Founders are born by workers, in short steps; what comes out is what came out when all were born
at once.
"""

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Agent
from arena.engine.generations.founders import founders
from arena.engine.results import AGENT, Purse
from arena.models import Experiment, ExperimentState, Round
from arena.services.audit.run import experiment_audit
from arena.services.experiments import lifecycle
from arena.services.rounds import founding
from arena.services.running.turns import turn_take
from arena.settings_schema import parse
from arena.store import files
from arena.store.population import (
    births_of,
    founders_write,
    population_kept,
    population_of,
    population_pack,
    population_read,
)
from arena.work.claims import StaleFence, claim_next
from arena.work.kinds import BLOCK, FOUNDING
from arena.work.models import Job, JobState
from arena.work.queue import locally
from ml import checkpoint
from ml.sums import total

pytestmark = pytest.mark.django_db
SMALL = {
    "population": 130,
    "rounds": 1,
    "round_bars": 32,
    "network": {"hidden": [4]},
    "learning": {"replay": 64, "episodes": 1},
}


@pytest.fixture
def slowly(monkeypatch):
    """No population is small enough to be born at once, and a step is a few."""
    monkeypatch.setattr(founding, "AT_ONCE", 0)
    monkeypatch.setattr(founding, "STEP", 50)


def started(**changes):
    draft = lifecycle.experiment_create(owner=None, name="x", settings=parse({**SMALL, **changes}))
    with locally():
        return lifecycle.experiment_start(experiment_uuid=draft.uuid)


def turn():
    """Whose ever it is, whether it rests or not."""
    Job.objects.update(not_before=None)
    with locally():
        return turn_take()


def breaks(*_):
    raise OSError("no room")


def all_at_once(settings):
    """The file of the founders as one array of each kind."""
    born = founders(settings)
    purse = Purse(0.0, total(float(birth.agent["endowment"]) for birth in born))
    return population_pack(
        population_of(np.zeros(len(born), AGENT), born, len(born[0].weights), purse)
    )


@pytest.mark.parametrize("kind", ["q_net", "dueling", "policy", "attention", "lstm"])
def test_a_file_written_in_pieces_is_the_file_written_whole(kind):
    settings = parse({**SMALL, "network": {"kind": kind, "hidden": [4, 8]}})

    stored = founders_write("pieces", settings, lambda more: None)

    assert files.read("pieces") == all_at_once(settings)
    assert stored.sha256 == checkpoint.sha256(all_at_once(settings))


def test_a_worker_reads_of_the_file_what_its_block_needs():
    settings = parse(SMALL)
    stored = founders_write("pieces", settings, lambda more: None)

    kept, whole = population_kept(stored), population_read(stored)

    for ours, theirs in zip(births_of(kept, 64, 128), births_of(whole, 64, 128), strict=True):
        assert (ours.slot, ours.number, ours.parents) == (
            theirs.slot,
            theirs.number,
            theirs.parents,
        )
        assert ours.agent.tobytes() == theirs.agent.tobytes()
        assert np.array_equal(ours.weights, theirs.weights)


def test_a_file_with_a_changed_byte_is_refused_by_whoever_takes_a_piece():
    stored = founders_write("pieces", parse({**SMALL, "seed": 5}), lambda more: None)
    data = bytearray(files.read("pieces"))
    data[-1] ^= 1
    files.write("pieces", bytes(data))

    with pytest.raises(checkpoint.CheckpointError, match="pieces has changed"):
        population_kept(stored)


@pytest.mark.django_db(transaction=True)
def test_the_page_that_starts_a_large_population_founds_no_agent(slowly):
    run = started()

    assert (run.state, run.state_reason) == (
        ExperimentState.RUNNING,
        "being founded: 0 of 3 blocks",
    )
    assert [job.kind for job in Job.objects.all()] == [FOUNDING]
    assert not Agent.objects.exists() and not Round.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_born_in_steps_or_at_once_they_are_the_same_to_the_bit(monkeypatch):
    quick = started()
    Job.objects.all().delete()
    monkeypatch.setattr(founding, "AT_ONCE", 0)
    monkeypatch.setattr(founding, "STEP", 50)
    slow = started()
    turn()
    slow.refresh_from_db()

    assert slow.state_sha256 == quick.state_sha256 != ""
    assert (slow.next_number, slow.money_put_in, slow.state_reason) == (131, quick.money_put_in, "")
    columns = [
        field.name
        for field in Agent._meta.fields
        if field.name not in ("id", "experiment", "born_at", "birth_file")
    ]
    rows = [
        list(Agent.objects.filter(experiment=each).order_by("number").values_list(*columns))
        for each in (quick, slow)
    ]
    assert rows[0] == rows[1]
    assert {job.kind for job in Job.objects.all()} == {BLOCK}


@pytest.mark.django_db(transaction=True)
def test_a_founding_that_broke_off_goes_on_where_it_stopped(slowly, monkeypatch):
    run = started()
    with monkeypatch.context() as patch:
        patch.setattr(founding, "founders_write", breaks)
        turn()
    assert Agent.objects.count() == 130
    assert "no room" in Job.objects.get().reason

    turn()

    assert Agent.objects.count() == 130
    assert Round.objects.get(experiment=run).blocks.count() == 3


@pytest.mark.django_db(transaction=True)
def test_others_have_their_turn_between_its_steps(slowly, monkeypatch):
    monkeypatch.setattr(founding, "TURN_SECONDS", 0.0)
    run = started()

    reasons = []
    while Job.objects.filter(kind=FOUNDING).exists():
        turn()
        run.refresh_from_db()
        reasons.append(run.state_reason)

    assert reasons == [f"being founded: {done} of 3 blocks" for done in (0, 1, 3)] + [""]


@pytest.mark.django_db(transaction=True)
def test_after_three_failed_attempts_it_is_given_up_with_the_reason(slowly, monkeypatch):
    monkeypatch.setattr(founding, "founders_write", breaks)
    run = started()
    # the first has written rows, from which on attempts are counted
    for _ in range(4):
        turn()

    run.refresh_from_db()
    assert run.state == ExperimentState.FAILED
    assert "founders could not be born" in run.state_reason and "no room" in run.state_reason
    assert Job.objects.get().state == JobState.HELD


@pytest.mark.django_db(transaction=True)
def test_it_can_be_stopped_meanwhile(slowly, monkeypatch):
    steps = founding._rows

    def stopped_after(claim, experiment, settings, slots):
        steps(claim, experiment, settings, slots)
        lifecycle.experiment_stop(experiment_uuid=experiment.uuid)

    monkeypatch.setattr(founding, "_rows", stopped_after)
    run = started()
    turn()

    run.refresh_from_db()
    assert run.state == ExperimentState.STOPPED
    assert Agent.objects.count() == 50
    assert not Round.objects.exists() and not Job.objects.exists()
    assert list(experiment_audit(experiment=run)) == []


@pytest.mark.django_db(transaction=True)
def test_who_pauses_it_meanwhile_finds_it_resting_before_its_first_round(slowly):
    run = started()
    lifecycle.experiment_pause(experiment_uuid=run.uuid)
    turn()
    run.refresh_from_db()
    assert (run.state, run.state_reason) == (ExperimentState.PAUSED, "paused before round 0")
    assert not Job.objects.exists()

    with locally():
        lifecycle.experiment_resume(experiment_uuid=run.uuid)

    assert [job.kind for job in Job.objects.all()] == [BLOCK] * 3


@pytest.mark.django_db(transaction=True)
def test_who_was_overtaken_writes_nothing(slowly):
    started()
    with locally():
        old = claim_next()
        Job.objects.update(fence=old.fence + 1)

        with pytest.raises(StaleFence):
            founding.founding_run(old)

    assert not Agent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_step_is_a_few_statements(slowly):
    run = started()
    claim, experiment = claim_next(), Experiment.objects.get(pk=run.pk)

    with CaptureQueriesContext(connection) as asked:
        founding._rows(claim, experiment, parse(experiment.settings), range(50))

    assert len([each for each in asked if "INSERT" in each["sql"]]) <= 2
