"""Null worlds: asked for, worked off in steps under a fence, resumed where a worker died, and
compared with the real champion.
"""

from functools import partial

import pytest

from arena.engine import whole
from arena.errors import WrongState
from arena.models import BlockState, ExperimentState, NullWorld
from arena.selectors.evidence.nulls import null_worlds
from arena.services.evidence import nulls
from arena.services.running.kinds import HANDLERS
from arena.services.running.turns import turn_take, turns_lost
from arena.store import files
from arena.work.claims import MOST_ATTEMPTS, claim_next
from arena.work.kinds import NULL_WORLD
from arena.work.models import Job, JobState
from tests.arena.runs import draft, finished_once
from tests.arena.turns import die, work_off

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def experiment():
    return finished_once()


# a step is a round
STEP = HANDLERS[NULL_WORLD]._replace(run=partial(nulls.null_run, seconds=0.0))


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setitem(HANDLERS, NULL_WORLD, STEP)


def test_they_are_worked_off_a_step_at_a_time_and_leave_an_outcome_and_no_file(experiment, short):
    nulls.nulls_ask(experiment=experiment, count=2)

    steps = work_off()

    assert steps == 2 * experiment.rounds_planned
    rows = list(NullWorld.objects.all())
    assert [(row.state, row.rounds_done, row.kept) for row in rows] == [
        (BlockState.DONE, 5, {})
    ] * 2
    assert all(
        set(row.outcome)
        == {"agent", "competition", "competition_hold", "vault", "vault_hold", "committee"}
        for row in rows
    )
    assert rows[0].outcome != rows[1].outcome
    stem = f"{files.experiment_folder(experiment.uuid)}null-0000"
    assert files.default_storage.listdir(stem)[1] == []


def test_steps_and_files_between_them_change_nothing(experiment, monkeypatch):
    nulls.nulls_ask(experiment=experiment, count=1)
    with monkeypatch.context() as then:
        then.setitem(HANDLERS, NULL_WORLD, STEP)
        assert work_off() == 5
    nulls.nulls_ask(experiment=experiment, count=1)
    NullWorld.objects.filter(index=1).update(index=9)
    NullWorld.objects.filter(index=0).update(index=7)
    NullWorld.objects.filter(index=9).update(index=0)

    work_off()

    first, second = NullWorld.objects.order_by("-index")
    assert first.outcome == second.outcome


def test_after_a_dead_worker_another_goes_on_from_the_last_step(experiment, short):
    nulls.nulls_ask(experiment=experiment, count=1)
    turn_take()
    assert claim_next() is not None and claim_next() is None
    die()

    turns_lost()
    assert work_off() == 4

    assert NullWorld.objects.get().outcome


def test_what_a_lost_claim_computed_is_not_written(experiment, short, monkeypatch):
    nulls.nulls_ask(experiment=experiment, count=1)
    advance = whole.advance

    def overtaken(*arguments):
        advance(*arguments)
        Job.objects.update(fence=99)

    monkeypatch.setattr(whole, "advance", overtaken)
    turn_take()

    row = NullWorld.objects.get()
    assert (row.rounds_done, row.kept) == (0, {})


def test_a_world_that_fails_three_times_is_left_out_and_the_next_goes_on(experiment, monkeypatch):
    nulls.nulls_ask(experiment=experiment, count=2)
    advance = whole.advance

    def broken(world, *arguments):
        if Job.objects.filter(place=0, state=JobState.CLAIMED).exists():
            raise ArithmeticError("the books do not balance")
        advance(world, *arguments)

    monkeypatch.setattr(whole, "advance", broken)
    work_off()

    found = null_worlds(experiment=experiment)
    assert (found["asked"], found["done"], found["failed"]) == (2, 1, 1)
    row = NullWorld.objects.get(index=0)
    assert row.reason == "ArithmeticError: the books do not balance"
    assert Job.objects.get().attempts == MOST_ATTEMPTS


def test_those_not_done_can_be_cancelled(experiment, monkeypatch):
    nulls.nulls_ask(experiment=experiment, count=3)
    turn_take()
    monkeypatch.setitem(HANDLERS, NULL_WORLD, STEP)
    turn_take()

    assert nulls.nulls_cancel(experiment=experiment) == 2

    assert [row.state for row in NullWorld.objects.all()] == [BlockState.DONE]
    assert (
        files.default_storage.listdir(f"{files.experiment_folder(experiment.uuid)}null-0001")[1]
        == []
    )
    assert work_off() == 0


def test_the_champion_is_ranked_among_those_of_the_null_worlds(experiment):
    nulls.nulls_ask(experiment=experiment, count=3)
    work_off()

    found = null_worlds(experiment=experiment)

    for name in ("competition", "vault"):
        placed = found[name]
        assert placed["null"] == sorted(placed["null"])
        better = sum(value >= placed["real"] for value in placed["null"])
        assert (placed["rank"], placed["p"]) == (1 + better, (1 + better) / 4)
    assert (found["asked"], found["done"], found["share"], found["block_bars"]) == (3, 3, 1.0, 1)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"count": 0}, "ask for 1 to 200 more"),
        ({"count": 201}, "ask for 1 to 200 more"),
        ({"count": 1, "block_bars": 0}, "blocks hold 1 to"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_range(experiment, asked, text):
    with pytest.raises(WrongState, match=text):
        nulls.nulls_ask(experiment=experiment, **asked)


def test_there_must_be_a_champion_to_compare_with():
    with pytest.raises(WrongState, match="finished experiment"):
        nulls.nulls_ask(experiment=draft(), count=1)


def test_worlds_of_different_blocks_are_not_mixed(experiment):
    nulls.nulls_ask(experiment=experiment, count=1, block_bars=4)

    with pytest.raises(WrongState, match="keep 4 bars together"):
        nulls.nulls_ask(experiment=experiment, count=1, block_bars=1)


def test_a_population_too_large_for_memory_is_refused(experiment):
    experiment.population, experiment.state = 5000, ExperimentState.FINISHED

    with pytest.raises(WrongState, match="at most 1,024 agents"):
        nulls.nulls_ask(experiment=experiment, count=1)
