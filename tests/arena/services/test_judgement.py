"""An experiment that a person stopped is judged as of its last closed round, once, whoever dies on the way."""

import pytest

from agents.models import Agent
from arena import enqueue
from arena.models import Evaluation, Experiment, Round
from arena.selectors.card.whole import card
from arena.selectors.looks import vault_looks
from arena.services import alone, experiments, forks, judgement, leases, reaper
from arena.services.audit.run import experiment_audit
from arena.services.judging import LIVED
from tests.arena.runs import draft, tiny
from tests.arena.services.test_audit_of_lives import play_rounds

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def queue():
    with enqueue.locally() as queue:
        yield queue


def stopped(queue, after=2, more=0, experiment=None):
    """Stopped with `after` rounds closed and `more` blocks of the next one done; its judgement announced, nothing else."""
    experiment = experiment or draft()
    experiments.experiment_start(experiment_uuid=experiment.uuid)
    play_rounds(experiment, queue, after)
    for _ in range(more):
        alone.WORK[queue[0][0]](*queue.popleft()[1])
    queue.clear()
    experiments.experiment_stop(experiment_uuid=experiment.uuid)
    experiment.refresh_from_db()
    return experiment


def work(queue):
    while queue:
        task, arguments = queue.popleft()
        alone.WORK[task](*arguments)


def figures(experiment):
    rows = Evaluation.objects.filter(experiment=experiment).select_related("agent")
    return {(row.subject, row.stretch): ((row.agent and row.agent.number), row.figures) for row in rows}


def test_it_is_judged_like_one_that_ends_there_by_itself(settings, queue):
    settings.BLOCK_SIZE = 8
    early = stopped(queue, more=2)
    work(queue)
    ended = experiments.experiment_create(owner=None, name="ends there", settings=tiny(rounds=2), market=early.market)
    alone.experiment_run(experiment_uuid=ended.uuid, tell=lambda text: None)

    mine, theirs = figures(early), figures(ended)

    assert mine.keys() == theirs.keys()
    assert mine["champion", LIVED] == theirs["champion", LIVED]
    # who was outcompeted in the last close is not among the living
    ranked = {("champion", "out_of_sample"), ("median_agent", "out_of_sample"), ("median_agent", "competition")}
    for subject, stretch in mine.keys() - ranked:
        assert mine[subject, stretch] == theirs[subject, stretch], (subject, stretch)
    same = {"return", "sharpe", "trades", "return_low", "return_high", "against_hold_low"}
    [found, expected] = [each["champion", "out_of_sample"][1] for each in (mine, theirs)]
    assert {name: found[name] for name in same} == {name: expected[name] for name in same}
    assert found["candidates"] == 16 and expected["candidates"] == 20


def test_the_newborn_of_the_last_close_are_neither_judged_nor_counted(queue):
    experiment = stopped(queue)
    newborn = Agent.objects.filter(experiment=experiment, birth_round=2)
    assert newborn.exists()

    work(queue)

    number, lived = figures(experiment)["champion", LIVED]
    assert number not in newborn.values_list("number", flat=True)
    assert lived["trials"] == Agent.objects.filter(experiment=experiment, birth_round__lt=2).count()


def test_the_card_tells_what_happened(queue):
    experiment = stopped(queue)
    assert card(experiment=experiment)["verdict"] == "The run was stopped, and is being judged now."

    work(queue)

    told = card(experiment=experiment)
    assert told["agent"] is not None and told["table"]
    assert told["notes"][0] == "Stopped after 2 of 5 rounds, and judged as of then."
    assert vault_looks(experiment=experiment) == {"own": 1, "others": 0}
    assert list(experiment_audit(experiment=experiment)) == []


def test_without_a_closed_round_there_is_nobody_to_judge(queue):
    for experiment in (stopped(queue, after=0), draft()):
        Experiment.objects.filter(pk=experiment.pk).update(state="stopped")
        experiment.refresh_from_db()

        assert not queue and judgement.judgements_reap() == 0
        assert card(experiment=experiment)["verdict"] == "The run was stopped before a round was closed: there is nobody to judge."


def test_of_a_fork_only_its_own_rounds_count(queue):
    original = stopped(queue)
    queue.clear()
    told = {"experiment": original, "after_round": 1, "name": "", "changes": {}, "owner": None}

    stopped(queue, experiment=forks.experiment_fork(**told))
    assert not queue
    fork = stopped(queue, after=3, experiment=forks.experiment_fork(**told))
    work(queue)

    assert {row.after_round for row in Evaluation.objects.filter(experiment=fork)} == {2}


def test_whoever_watches_is_told(queue):
    experiment = stopped(queue)
    work(queue)

    assert Experiment.objects.get(pk=experiment.pk).seq == experiment.seq + 1


def test_a_lost_message_is_said_again_by_the_reaper_until_it_is_done(queue, monkeypatch):
    experiment = stopped(queue)
    queue.clear()
    assert reaper.reap() == 0
    Round.objects.filter(experiment=experiment).update(announced_at=None)

    assert (reaper.reap(), reaper.reap()) == (1, 0)
    work(queue)

    Round.objects.filter(experiment=experiment).update(announced_at=None)
    assert reaper.reap() == 0
    assert Evaluation.objects.filter(experiment=experiment, subject="champion", stretch=LIVED).count() == 1


def test_of_two_workers_one_judges(queue):
    [(_, (round_id,))] = [stopped(queue) and queue[0]]

    first, second = (judgement.judgement_claim(round_id=round_id) for _ in range(2))

    assert first is not None and second is None


def test_who_was_overtaken_writes_nothing(queue):
    experiment = stopped(queue)
    claim = judgement.judgement_claim(round_id=queue[0][1][0])
    case = judgement.case_at_end(experiment=experiment, beat=lambda: None)
    Round.objects.filter(pk=claim.round_id).update(fence=claim.fence + 1)

    with pytest.raises(judgement.StaleFence):
        judgement.judgement_commit(claim=claim, case=case, found=judgement.judging.verdicts(case=case))
    assert not Evaluation.objects.exists()


def test_a_judge_that_died_is_followed_by_another(queue):
    experiment = stopped(queue)
    claim = judgement.judgement_claim(round_id=queue[0][1][0])
    queue.clear()
    Round.objects.filter(pk=claim.round_id).update(worker=f"{leases._worker(2**22 + 1)}")

    assert reaper.reap() == 1
    work(queue)

    assert figures(experiment)


def test_what_cannot_be_judged_is_tried_three_times(queue, monkeypatch):
    experiment = stopped(queue)

    def fail(**_):
        raise ArithmeticError("poison")

    monkeypatch.setattr(judgement.judging, "verdicts", fail)
    for _ in range(5):
        work(queue)
        reaper.reap()

    row = Round.objects.get(experiment=experiment, state="open")
    assert (row.attempts, row.reason) == (3, "ArithmeticError: poison")
