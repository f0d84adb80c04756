"""A block belongs to one worker at a time, is committed once or not at all, and nothing lost stays
lost.
"""

import random
import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone

from agents.models import Agent, Scar, Trade
from arena.models import BlockRun, ExperimentState, Round
from arena.services.blocks import loading
from arena.services.experiments import lifecycle
from arena.services.rounds import closing, conclusion, playing
from arena.services.running.turns import turn_take, turns_lost
from arena.store import files
from arena.work import identity, leases, queue
from arena.work.claims import MOST_ATTEMPTS, StaleFence, claim_beat
from arena.work.kinds import BLOCK
from arena.work.models import Job
from tests.arena.runs import draft, finished, started, tiny
from tests.arena.turns import claim_block, claim_close, lose_lease, waiting, work_off

pytestmark = pytest.mark.django_db(transaction=True)


def commit_blocks(opened):
    """Play every block of a round without closing it."""
    for run in opened.blocks.all():
        claim = claim_block(opened, run.block)
        last = playing.block_commit(claim=claim, played=playing.block_play(claim=claim))
    return last


def test_a_block_is_claimed_once():
    _, opened = started()

    first, second = (claim_block(opened) for _ in range(2))

    assert (first.job.fence, second) == (1, None)
    job = Job.objects.get()
    assert (job.state, job.attempts, job.fence) == ("claimed", 1, 1)
    assert timedelta(seconds=15) < job.lease_until - timezone.now() <= leases.LEASE


def test_a_block_whose_holder_is_silent_is_claimed_again_under_a_higher_fence():
    _, opened = started()
    claim_block(opened)
    lose_lease()
    turns_lost()

    assert claim_block(opened).job.fence == 2


def test_a_heartbeat_prolongs_the_lease_and_fails_for_who_lost_it():
    _, opened = started()
    old = claim_block(opened)
    lose_lease()

    claim_beat(old.job)

    turns_lost()
    assert claim_block(opened) is None
    lose_lease()
    turns_lost()
    claim_block(opened)
    with pytest.raises(StaleFence):
        claim_beat(old.job)


def test_a_late_commit_under_an_old_fence_writes_nothing():
    _, opened = started()
    old = claim_block(opened)
    played = playing.block_play(claim=old)
    lose_lease()
    turns_lost()
    new = claim_block(opened)
    playing.block_commit(claim=new, played=playing.block_play(claim=new))
    before = Trade.objects.count(), Scar.objects.count(), BlockRun.objects.values().get()

    with pytest.raises(StaleFence):
        playing.block_commit(claim=old, played=played)

    assert (Trade.objects.count(), Scar.objects.count(), BlockRun.objects.values().get()) == before


def test_files_of_the_one_who_came_too_late_are_removed(settings, monkeypatch):
    _, opened = started()
    lost = []

    def commit_too_late(*, claim, played):
        lost.append(claim.stem)
        raise StaleFence("another was faster")

    monkeypatch.setattr(playing, "block_commit", commit_too_late)
    turn_take()

    with pytest.raises(Exception, match="missing from the storage"):
        files.read(lost[0] + files.WEIGHTS)


def test_the_last_commit_of_a_round_says_so_and_the_others_do_not(settings):
    settings.BLOCK_SIZE = 8
    _, opened = started()
    claims = [claim_block(opened, block) for block in range(3)]

    lasts = [
        playing.block_commit(claim=claim, played=playing.block_play(claim=claim))
        for claim in claims
    ]

    assert lasts == [False, False, True]


def test_a_round_is_closed_by_one_claim_alone():
    experiment, opened = started()
    assert claim_close(opened) is None
    commit_blocks(opened)

    claim = claim_close(opened)

    assert claim_close(opened) is None
    closed = closing.round_compute(claim=claim)
    closing.round_commit(claim=claim, closed=closed)
    assert waiting() == [BLOCK]
    with pytest.raises(StaleFence):
        closing.round_commit(claim=claim, closed=closed)
    experiment.refresh_from_db()
    assert (experiment.rounds_done, experiment.rounds.count()) == (1, 2)


def test_a_close_after_a_stop_is_refused():
    experiment, opened = started()
    commit_blocks(opened)
    claim = claim_close(opened)
    closed = closing.round_compute(claim=claim)
    lifecycle.experiment_stop(experiment_uuid=experiment.uuid)

    with pytest.raises(StaleFence):
        closing.round_commit(claim=claim, closed=closed)

    assert Round.objects.get().state == "open"


def test_a_failing_block_is_tried_three_times_and_then_ends_its_experiment_alone(monkeypatch):
    poisoned, opened = started()
    healthy, _ = started()

    def fail(*args):
        raise ArithmeticError("poison")

    monkeypatch.setattr(playing.engine, "play", fail)
    tries = work_off(experiment=poisoned.pk)

    poisoned.refresh_from_db()
    healthy.refresh_from_db()
    assert (poisoned.state, healthy.state) == (ExperimentState.FAILED, ExperimentState.RUNNING)
    assert (
        poisoned.state_reason
        == "block 0 of round 0 failed 3 times, last with ArithmeticError: poison"
    )
    job = Job.objects.get(kind=BLOCK, subject=opened.blocks.get().pk)
    assert (tries, job.attempts, job.state) == (3, 3, "held")


def test_a_block_that_kills_its_workers_ends_its_experiment():
    experiment, opened = started()
    for _ in range(MOST_ATTEMPTS):
        assert claim_block(opened)
        lose_lease()
        turns_lost()

    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.FAILED
    assert experiment.state_reason == "block 0 of round 0 failed 3 times, each time its worker died"


def test_a_failing_close_is_tried_three_times(monkeypatch):
    experiment, opened = started()
    commit_blocks(opened)

    def fail(**kwargs):
        raise ArithmeticError("books do not balance")

    monkeypatch.setattr(conclusion.engine, "close", fail)
    assert work_off() == 3

    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.FAILED
    assert (
        "close of round 0 failed 3 times, last with ArithmeticError: books do not balance"
        in experiment.state_reason
    )


def test_the_reaper_does_not_wait_for_the_leases_of_processes_of_this_machine_that_are_dead():
    experiment, opened = started()
    gone = subprocess.Popen(["true"])
    gone.wait()
    claim_block(opened)
    alive, dead = Job.objects.get().worker, identity.named(gone.pid, "gone")
    # of another container of this host, where another process has, or had, that number
    there = dead.replace(identity.numbering(), "0f1e2d3c")
    for worker, freed in ((alive, []), (there, []), (dead, [BLOCK])):
        Job.objects.update(worker=worker)
        turns_lost(experiment=experiment.pk)
        assert waiting() == freed, worker
    turn_take()

    assert BlockRun.objects.filter(round=opened).get().fence == 2


def test_a_dead_broker_stops_no_work(settings, caplog, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError("no broker")

    monkeypatch.setattr(queue.current_app, "connection_or_acquire", refuse)
    experiment = lifecycle.experiment_start(experiment_uuid=draft().uuid)

    assert experiment.state == ExperimentState.RUNNING
    assert "the reaper will" in caplog.text


def test_turns_more_than_there_is_work_for_and_jobs_in_any_order_change_nothing(settings):
    settings.BLOCK_SIZE = 8
    untouched = finished()
    experiment, shuffle = draft(), random.Random(5)

    lifecycle.experiment_start(experiment_uuid=experiment.uuid)
    while experiment.state != ExperimentState.FINISHED:
        jobs = list(Job.objects.values_list("kind", "subject")) * 2
        shuffle.shuffle(jobs)
        for kind, subject in jobs:
            turn_take(kind=kind, subject=subject)
        experiment.refresh_from_db()

    assert experiment.state_sha256 == untouched.state_sha256
    assert (
        Trade.objects.filter(agent__experiment=experiment).count()
        == Trade.objects.filter(agent__experiment=untouched).count()
    )


def test_an_edit_is_felt_from_its_round_on_and_survives_the_round_that_was_running():
    experiment, opened = started()
    agent = Agent.objects.get(number=3)
    claim = claim_block(opened)
    played = playing.block_play(claim=claim)
    for field, value in (("learning_rate", 0.05), ("epsilon", 0.77)):
        experiment.interventions.create(
            agent=agent,
            who=None,
            at=timezone.now(),
            field=field,
            before="0",
            after=repr(value),
            effective_round=1,
        )
        Agent.objects.filter(pk=agent.pk).update(**{field: value})
    playing.block_commit(claim=claim, played=played)
    turn_take()

    loaded = loading.block_load(row=experiment.rounds.get(index=1), block=0, settings=tiny())

    assert played.block.agents["learning_rate"][2] == 0.001
    assert (
        loaded.agents["learning_rate"][2],
        loaded.agents["epsilon_start"][2],
        loaded.agents["practice_bars"][2],
    ) == (0.05, 0.77, 0)
    agent.refresh_from_db()
    assert (agent.learning_rate, agent.epsilon) == (0.05, 0.77)


def test_memories_are_kept_for_the_last_two_rounds_and_for_forks_and_weights_for_all():
    experiment = finished()

    kept = []
    for run in BlockRun.objects.filter(round__experiment=experiment).order_by("round__index"):
        files.read(run.checkpoint + files.WEIGHTS, run.checkpoint_sha256)
        try:
            files.read(run.checkpoint + files.MEMORY)
            kept.append(run.round.index)
        except ValueError:
            pass

    assert kept == [0, 3, 4]
