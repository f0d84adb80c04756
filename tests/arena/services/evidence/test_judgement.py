"""A run is judged after it has ended, by itself or by a person, once, even where a judge dies on
the way; what was played stays as it was.
"""

import json
from contextlib import suppress
from functools import cache

import pytest

from agents.models import Agent
from arena.errors import WrongState
from arena.models import Evaluation, Experiment, Judgement
from arena.selectors.card.whole import card
from arena.selectors.evidence.looks import vault_looks
from arena.services.audit.run import experiment_audit
from arena.services.evidence import judgement, judgements
from arena.services.evidence.judging import LIVED
from arena.services.experiments import forks, lifecycle
from arena.services.headless import runner
from arena.services.running.turns import turn_take, turns_lost
from arena.settings_schema import parse
from arena.work.claims import StaleFence, claim_next
from arena.work.kinds import JUDGEMENT
from arena.work.models import Job
from arena.work.queue import locally
from tests.arena.runs import draft, finished, once, tiny
from tests.arena.turns import die, play_rounds, waiting, work_off
from tests.arena.world import user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_listener():
    with locally():
        yield


def stopped(after=2, more=0, experiment=None):
    """Stopped with `after` rounds closed and `more` blocks of the next one done; its judgement
    asked for, nothing else.
    """
    if experiment is None:
        return once(("stopped", after, more), lambda: stopped(after, more, draft()))
    lifecycle.experiment_start(experiment_uuid=experiment.uuid)
    play_rounds(experiment, after)
    for _ in range(more):
        turn_take(experiment=experiment.pk)
    lifecycle.experiment_stop(experiment_uuid=experiment.uuid)
    experiment.refresh_from_db()
    return experiment


def ended():
    """Played to its end; its judgement asked for, nothing else."""
    return once("ended", lambda: to_its_end(draft()))


def to_its_end(experiment):
    lifecycle.experiment_start(experiment_uuid=experiment.uuid)
    play_rounds(experiment, experiment.rounds_planned)
    return experiment


def played(experiment):
    """All that was played, as its rows tell it."""
    row = (
        Experiment.objects.filter(pk=experiment.pk)
        .values("state", "state_reason", "state_sha256", "rounds_done", "finished_at")
        .get()
    )
    return row, list(experiment.rounds.values()), list(experiment.agents.values())


def figures(experiment):
    rows = Evaluation.objects.filter(experiment=experiment).select_related("agent")
    return {
        (row.subject, row.stretch): ((row.agent and row.agent.number), row.figures) for row in rows
    }


def test_it_is_judged_like_one_that_ends_there_by_itself(settings):
    settings.BLOCK_SIZE = 8
    early = stopped(more=2)
    work_off()
    # what the same person tried before counts against a champion
    ended = lifecycle.experiment_create(
        owner=user(), name="ends there", settings=tiny(rounds=2), market=early.market
    )
    runner.experiment_run(experiment_uuid=ended.uuid, tell=lambda text: None)

    mine, theirs = figures(early), figures(ended)

    assert mine.keys() == theirs.keys()
    assert mine["champion", LIVED] == theirs["champion", LIVED]
    # who was outcompeted in the last close is not among the living
    ranked = {
        (subject, stretch)
        for subject in ("champion", "committee", "median_agent")
        for stretch in ("out_of_sample", "competition")
    }
    for subject, stretch in mine.keys() - ranked:
        assert mine[subject, stretch] == theirs[subject, stretch], (subject, stretch)
    same = {"return", "sharpe", "trades", "return_low", "return_high", "against_hold_low"}
    [found, expected] = [each["champion", "out_of_sample"][1] for each in (mine, theirs)]
    assert {name: found[name] for name in same} == {name: expected[name] for name in same}
    assert found["candidates"] == 16 and expected["candidates"] == 20


def test_the_newborn_of_the_last_close_are_neither_judged_nor_counted():
    experiment = stopped()
    newborn = Agent.objects.filter(experiment=experiment, birth_round=2)
    assert newborn.exists()

    work_off()

    number, lived = figures(experiment)["champion", LIVED]
    assert number not in newborn.values_list("number", flat=True)
    assert lived["agents"] == Agent.objects.filter(experiment=experiment, birth_round__lt=2).count()
    assert lived["trials"] == lived["agents"] + lived["committees"] == lived["agents"] + 1


def test_the_card_tells_what_happened():
    experiment = stopped()
    assert card(experiment=experiment)["verdict"] == "The run was stopped, and is being judged now."

    work_off()

    shown = card(experiment=experiment)
    assert shown["agent"] is not None and shown["table"]
    assert shown["notes"][0] == "Stopped after 2 of 5 rounds, and judged as of then."
    assert vault_looks(experiment=experiment) == {"own": 1, "others": 0}
    assert list(experiment_audit(experiment=experiment)) == []


def test_without_a_closed_round_there_is_nobody_to_judge():
    for experiment in (stopped(after=0), draft()):
        Experiment.objects.filter(pk=experiment.pk).update(state="stopped")
        experiment.refresh_from_db()

        assert waiting(experiment=experiment.pk) == []
        assert (
            card(experiment=experiment)["verdict"]
            == "The run was stopped before a round was closed: there is nobody to judge."
        )


def test_of_a_fork_only_its_own_rounds_count():
    original = stopped()
    work_off()
    asked = {"experiment": original, "after_round": 1, "name": "", "changes": {}, "owner": None}

    stopped(experiment=forks.experiment_fork(**asked))
    assert waiting() == []
    fork = stopped(after=3, experiment=forks.experiment_fork(**asked))
    work_off()

    assert {row.after_round for row in Evaluation.objects.filter(experiment=fork)} == {2}


def test_a_judgement_is_published():
    experiment = stopped()
    work_off()

    assert Experiment.objects.get(pk=experiment.pk).seq == experiment.seq + 1


@pytest.mark.parametrize("end", [stopped, ended])
def test_the_end_of_a_run_is_committed_before_anybody_judges(end):
    experiment = end()

    assert experiment.state == ("stopped" if end is stopped else "finished")
    assert Judgement.objects.get().state == "waiting" and not Evaluation.objects.exists()
    assert card(experiment=experiment)["judgement"]["state"] == "waiting"


def test_of_two_workers_one_judges():
    stopped()

    first, second = (claim_next(kind=JUDGEMENT) for _ in range(2))

    assert first is not None and second is None


def test_who_was_overtaken_writes_nothing():
    experiment = stopped()
    claim = claim_next(kind=JUDGEMENT)
    case = judgement.case_at_end(experiment=experiment, beat=lambda: None)
    Job.objects.update(fence=claim.fence + 1)

    with pytest.raises(StaleFence):
        judgement.judgement_commit(
            claim=claim, case=case, found=judgement.judging.verdicts(case=case)
        )
    assert not Evaluation.objects.exists()


# every step of a judgement, in order: where it may fail or be killed
STEPS = [
    "case_of",
    "agents_at_end",
    "Played",
    "judging.verdicts",
    "_write",
    "notifications.state_notify",
]


class Killed(BaseException):
    """As a worker dies: nothing of ours catches it."""


def break_at(monkeypatch, step, error):
    """The next call of `step` raises; later ones do what they did."""
    *place, name = step.split(".")
    owner = getattr(judgement, place[0]) if place else judgement
    real = getattr(owner, name)

    def once(*args, **kwargs):
        monkeypatch.setattr(owner, name, real)
        raise error

    monkeypatch.setattr(owner, name, once)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("error", [ArithmeticError("poison"), Killed()], ids=["fails", "dies"])
def test_a_judge_that_fails_or_dies_at_any_step_leaves_the_run_as_it_was_and_another_finds_the_same(
    monkeypatch, step, error
):
    experiment = ended()
    before = played(experiment)
    expected = verdicts_of(experiment.pk)
    break_at(monkeypatch, step, error)

    with suppress(Killed):
        turn_take()
    assert played(experiment) == before and not Evaluation.objects.exists()
    die()
    turns_lost()
    assert work_off() == 1

    assert played(experiment) == before
    assert [
        (row.subject, row.stretch, row.figures) for row in Evaluation.objects.order_by("pk")
    ] == expected
    assert Judgement.objects.get().state == "done"


@cache
def verdicts_of(pk):
    """Of the run that ended, which is the same in every test."""
    case = judgement.case_at_end(experiment=Experiment.objects.get(pk=pk), beat=lambda: None)
    found = judgement.judging.verdicts(case=case)
    return [(each["subject"], each["stretch"], each["figures"]) for each in found]


def poison(monkeypatch):
    def fail(**_):
        raise ArithmeticError("poison")

    monkeypatch.setattr(judgement.judging, "verdicts", fail)


@pytest.mark.parametrize("end", [stopped, ended])
def test_what_cannot_be_judged_says_why_and_is_judged_when_somebody_asks_again(monkeypatch, end):
    experiment = end()
    before, real = played(experiment), judgement.judging.verdicts
    poison(monkeypatch)
    assert work_off() == 3

    row = Judgement.objects.get()
    assert row.state == "failed"
    assert row.reason == "it was tried 3 times, last with ArithmeticError: poison"
    shown = card(experiment=experiment)
    assert (
        shown["verdict"]
        == "The run could not be judged: it was tried 3 times, last with ArithmeticError: poison."
    )
    assert played(experiment) == before
    assert list(experiment_audit(experiment=experiment)) == []

    monkeypatch.setattr(judgement.judging, "verdicts", real)
    judgements.judgement_again(experiment_uuid=experiment.uuid)
    assert card(experiment=experiment)["judgement"]["state"] == "waiting"
    work_off()

    assert card(experiment=experiment)["agent"] is not None
    assert played(experiment) == before
    assert list(experiment_audit(experiment=experiment)) == []


def test_a_judgement_whose_worker_dies_three_times_says_so():
    experiment = ended()
    for _ in range(3):
        assert claim_next() is not None
        die()
        turns_lost()

    assert (
        card(experiment=experiment)["verdict"]
        == "The run could not be judged: it was tried 3 times, each time its worker died."
    )
    assert Experiment.objects.get().state == "finished"


def test_only_what_could_not_be_judged_can_be_tried_again():
    waiting, going = ended(), draft()

    with pytest.raises(WrongState, match="it is judged when it has ended"):
        judgements.judgement_again(experiment_uuid=going.uuid)
    with pytest.raises(WrongState, match="is being judged"):
        judgements.judgement_again(experiment_uuid=waiting.uuid)
    work_off()
    with pytest.raises(WrongState, match="was judged"):
        judgements.judgement_again(experiment_uuid=waiting.uuid)


def test_a_run_alone_tells_its_result_also_where_it_could_not_be_judged(monkeypatch):
    experiment = draft()
    poison(monkeypatch)

    runner.experiment_run(experiment_uuid=experiment.uuid, tell=lambda text: None)

    result = runner.experiment_result(experiment_uuid=experiment.uuid, seconds=1.0)
    assert (result["state"], result["rounds"], result["champion"]) == ("finished", 5, None)
    assert (
        result["failure"]
        == "it was played, but could not be judged: it was tried 3 times, last with"
        " ArithmeticError: poison"
    )


def test_a_run_whose_champion_outgrows_all_money_is_finished_and_judged_to_the_last_bar():
    wave = {"kind": "sine", "amplitude": 0.3, "period": 16}
    settings = parse({"population": 16, "rounds": 30, "round_bars": 64, "seed": 1, "market": wave})

    experiment = finished(settings)

    judged = figures(experiment)
    assert Judgement.objects.get(experiment=experiment).state == "done"
    for stretch in ("competition", "out_of_sample"):
        rows = {
            subject: each
            for (subject, where), (_, each) in judged.items()
            if where == stretch and "bars" in each
        }
        assert len({each["bars"] for each in rows.values()}) == 1
    # beyond a hundred thousand million times the money, where books end
    assert (
        judged["champion", "competition"][1]["log_growth"] > 26
        and judged["champion", "competition"][1]["ended_because"] is None
    )
    json.dumps([each for _, each in judged.values()], allow_nan=False)
