"""A block belongs to one worker at a time, is committed once or not at all, and nothing lost stays lost."""

import random
import socket
import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone

from agents.models import Agent, Scar, Trade
from arena import enqueue
from arena.models import BlockRun, ExperimentState, Round
from arena.services import alone, closing, conclusion, experiments, leases, loading, reaper, rounds
from arena.services.errors import StaleFence
from arena.store import files
from tests.arena.runs import draft, finished, started, tiny

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timedelta(hours=1)


def lose_lease(model=BlockRun):
    """The holder has not been heard of for an hour."""
    model.objects.update(lease_until=timezone.now() - LONG_AGO, announced_at=timezone.now() - LONG_AGO)


def commit_blocks(opened):
    """Play every block of a round without closing it."""
    for run in opened.blocks.all():
        claim = rounds.block_claim(round_id=opened.pk, block=run.block)
        last = rounds.block_commit(claim=claim, played=rounds.block_play(claim=claim))
    return last


def test_a_block_is_claimed_once():
    _, opened = started()

    first, second = (rounds.block_claim(round_id=opened.pk, block=0) for _ in range(2))

    assert (first.fence, second) == (1, None)
    row = BlockRun.objects.get()
    assert (row.state, row.attempts, row.fence) == ("claimed", 1, 1)
    assert timedelta(seconds=15) < row.lease_until - timezone.now() <= leases.LEASE


def test_a_block_whose_holder_is_silent_is_claimed_again_under_a_higher_fence():
    _, opened = started()
    rounds.block_claim(round_id=opened.pk, block=0)
    lose_lease()

    assert rounds.block_claim(round_id=opened.pk, block=0).fence == 2


def test_a_heartbeat_prolongs_the_lease_and_fails_for_who_lost_it():
    _, opened = started()
    old = rounds.block_claim(round_id=opened.pk, block=0)
    lose_lease()

    rounds.block_beat(claim=old)

    assert rounds.block_claim(round_id=opened.pk, block=0) is None
    lose_lease()
    rounds.block_claim(round_id=opened.pk, block=0)
    with pytest.raises(StaleFence):
        rounds.block_beat(claim=old)


def test_a_late_commit_under_an_old_fence_writes_nothing():
    _, opened = started()
    old = rounds.block_claim(round_id=opened.pk, block=0)
    played = rounds.block_play(claim=old)
    lose_lease()
    new = rounds.block_claim(round_id=opened.pk, block=0)
    rounds.block_commit(claim=new, played=rounds.block_play(claim=new))
    before = Trade.objects.count(), Scar.objects.count(), BlockRun.objects.values().get()

    with pytest.raises(StaleFence):
        rounds.block_commit(claim=old, played=played)

    assert (Trade.objects.count(), Scar.objects.count(), BlockRun.objects.values().get()) == before


def test_files_of_the_one_who_came_too_late_are_removed(settings, monkeypatch):
    _, opened = started()
    lost = []

    def commit_too_late(*, claim, played):
        lost.append(claim.stem)
        raise StaleFence("somebody was faster")

    monkeypatch.setattr(rounds, "block_commit", commit_too_late)
    rounds.block_run(round_id=opened.pk, block=0)

    with pytest.raises(Exception, match="missing from the storage"):
        files.read(lost[0] + files.WEIGHTS)


def test_the_last_commit_of_a_round_says_so_and_the_others_do_not(settings):
    settings.BLOCK_SIZE = 8
    _, opened = started()
    claims = [rounds.block_claim(round_id=opened.pk, block=block) for block in range(3)]

    lasts = [rounds.block_commit(claim=claim, played=rounds.block_play(claim=claim)) for claim in claims]

    assert lasts == [False, False, True]


def test_a_round_is_closed_by_one_claim_alone():
    experiment, opened = started()
    assert closing.close_claim(round_id=opened.pk) is None
    commit_blocks(opened)

    claim = closing.close_claim(round_id=opened.pk)

    assert closing.close_claim(round_id=opened.pk) is None
    closed = closing.round_compute(claim=claim)
    with enqueue.locally() as queue:
        closing.round_commit(claim=claim, closed=closed)
        assert [task for task, _ in queue] == [enqueue.PLAY_BLOCK]
    with pytest.raises(StaleFence):
        closing.round_commit(claim=claim, closed=closed)
    experiment.refresh_from_db()
    assert (experiment.rounds_done, experiment.rounds.count()) == (1, 2)


def test_a_close_after_a_stop_is_refused():
    experiment, opened = started()
    commit_blocks(opened)
    claim = closing.close_claim(round_id=opened.pk)
    closed = closing.round_compute(claim=claim)
    experiments.experiment_stop(experiment_uuid=experiment.uuid)

    with pytest.raises(StaleFence):
        closing.round_commit(claim=claim, closed=closed)

    assert Round.objects.get().state == "open"


def test_a_failing_block_is_tried_three_times_and_then_ends_its_experiment_alone(monkeypatch):
    poisoned, opened = started()
    healthy, _ = started()

    def fail(*args):
        raise ArithmeticError("poison")

    monkeypatch.setattr(rounds.engine, "play", fail)
    with enqueue.locally() as queue:
        rounds.block_run(round_id=opened.pk, block=0)
        assert len(queue) == 1
        while queue:
            rounds.block_run(round_id=queue.popleft()[1][0], block=0)

    poisoned.refresh_from_db()
    healthy.refresh_from_db()
    assert (poisoned.state, healthy.state) == (ExperimentState.FAILED, ExperimentState.RUNNING)
    assert poisoned.state_reason == "block 0 of round 0 failed 3 times, last with ArithmeticError: poison"
    assert opened.blocks.get().attempts == 3


def test_a_block_that_kills_its_workers_ends_its_experiment():
    experiment, opened = started()
    for _ in range(leases.MOST_ATTEMPTS):
        assert rounds.block_claim(round_id=opened.pk, block=0)
        lose_lease()

    with enqueue.locally():
        assert reaper.reap() == 0

    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.FAILED
    assert experiment.state_reason == "block 0 of round 0 failed 3 times, each time its worker died"


def test_a_failing_close_is_tried_three_times(monkeypatch):
    experiment, opened = started()
    commit_blocks(opened)

    def fail(**kwargs):
        raise ArithmeticError("books do not balance")

    monkeypatch.setattr(conclusion.engine, "close", fail)
    with enqueue.locally():
        for _ in range(4):
            closing.round_run_close(round_id=opened.pk)

    experiment.refresh_from_db()
    assert experiment.state == ExperimentState.FAILED
    assert "close of round 0 failed 3 times, last with ArithmeticError: books do not balance" in experiment.state_reason


def test_the_reaper_announces_what_a_lost_message_or_worker_left_but_not_what_is_under_way():
    _, opened = started()
    with enqueue.locally() as queue:
        assert reaper.reap() == 0
        BlockRun.objects.update(announced_at=timezone.now() - LONG_AGO)
        assert reaper.reap() == 1
        assert reaper.reap() == 0
        rounds.block_claim(round_id=opened.pk, block=0)
        BlockRun.objects.update(announced_at=timezone.now() - LONG_AGO)
        assert reaper.reap() == 0
        lose_lease()
        assert reaper.reap() == 1

        assert list(queue) == [(enqueue.PLAY_BLOCK, (opened.pk, 0))] * 2


def test_the_reaper_does_not_wait_for_the_leases_of_processes_of_this_machine_that_are_dead():
    experiment, opened = started()
    gone = subprocess.Popen(["true"])
    gone.wait()
    rounds.block_claim(round_id=opened.pk, block=0)
    alive, dead = BlockRun.objects.get().worker, f"{socket.gethostname()[:60]}:{gone.pid}"
    with enqueue.locally() as queue:
        for worker, announced in ((alive, 0), (f"elsewhere:{gone.pid}", 0), (dead, 1)):
            BlockRun.objects.update(worker=worker)
            assert reaper.reap(experiment_id=experiment.pk) == announced, worker
        alone.WORK[queue[0][0]](*queue.popleft()[1])

    assert BlockRun.objects.filter(round=opened).get().fence == 2


def test_the_reaper_announces_a_close_that_nobody_made():
    _, opened = started()
    commit_blocks(opened)

    with enqueue.locally() as queue:
        reaper.reap()

        assert list(queue) == [(enqueue.CLOSE_ROUND, (opened.pk,))]


def test_a_dead_broker_stops_nobody(settings, caplog, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError("no broker")

    monkeypatch.setattr(enqueue.current_app, "send_task", refuse)
    experiment = experiments.experiment_start(experiment_uuid=draft().uuid)

    assert experiment.state == ExperimentState.RUNNING
    assert "the reaper will" in caplog.text


def test_messages_repeated_and_out_of_order_change_nothing(settings):
    settings.BLOCK_SIZE = 8
    untouched = finished()
    experiment, shuffle = draft(), random.Random(5)

    with enqueue.locally() as queue:
        experiments.experiment_start(experiment_uuid=experiment.uuid)
        while experiment.state == ExperimentState.DRAFT or queue:
            work = [item for item in queue for _ in range(shuffle.randint(1, 3))]
            queue.clear()
            shuffle.shuffle(work)
            for task, arguments in work:
                alone.WORK[task](*arguments)
            experiment.refresh_from_db()

    assert experiment.state == ExperimentState.FINISHED
    assert experiment.state_sha256 == untouched.state_sha256
    assert Trade.objects.filter(agent__experiment=experiment).count() == Trade.objects.filter(agent__experiment=untouched).count()


def test_an_edit_is_felt_from_its_round_on_and_survives_the_round_that_was_running():
    experiment, opened = started()
    agent = Agent.objects.get(number=3)
    claim = rounds.block_claim(round_id=opened.pk, block=0)
    played = rounds.block_play(claim=claim)
    for field, value in (("learning_rate", 0.05), ("epsilon", 0.77)):
        experiment.interventions.create(
            agent=agent, who=None, at=timezone.now(), field=field, before="0", after=repr(value), effective_round=1
        )
        Agent.objects.filter(pk=agent.pk).update(**{field: value})
    rounds.block_commit(claim=claim, played=played)
    with enqueue.locally():
        closing.round_run_close(round_id=opened.pk)

    loaded = loading.block_load(row=experiment.rounds.get(index=1), block=0, settings=tiny())

    assert played.block.agents["learning_rate"][2] == 0.001
    assert (loaded.agents["learning_rate"][2], loaded.agents["epsilon_start"][2], loaded.agents["practice_bars"][2]) == (0.05, 0.77, 0)
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
