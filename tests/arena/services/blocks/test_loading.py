"""A damaged file is noticed by its digest; what can be played again is, to the same bytes, and what
cannot is refused in words.
"""

import pytest

from arena.models import BlockRun, ExperimentState
from arena.services.audit.run import experiment_audit
from arena.services.experiments import forks, lifecycle
from arena.services.headless import runner
from arena.services.running.turns import turn_take
from arena.store import files
from arena.work.queue import locally
from tests.arena.runs import draft, finished_once, once, untouched
from tests.arena.turns import play_rounds

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def three_blocks(settings):
    settings.BLOCK_SIZE = 8


def begun(rounds, blocks=0):
    """An experiment with so many rounds closed, and so many blocks of the next one played."""

    def make():
        experiment = draft()
        lifecycle.experiment_start(experiment_uuid=experiment.uuid)
        play_rounds(experiment, rounds)
        for _ in range(blocks):
            turn_take()
        return experiment

    return once(("begun", rounds, blocks), make)


def go_on(experiment):
    """To its last round, or as far as it gets; how it is judged is no question here."""
    play_rounds(experiment, experiment.settings["rounds"])
    return experiment


def flip(name):
    """One bit in the middle of a stored file."""
    data = bytearray(files.read(name))
    data[len(data) // 2] ^= 1
    files.write(name, bytes(data))


def stem(experiment, index, block=1):
    return BlockRun.objects.get(
        round__experiment=experiment, round__index=index, block=block
    ).checkpoint


@pytest.mark.parametrize(("rounds", "damaged"), [(1, 0), (3, 2)])
@pytest.mark.parametrize("ending", [files.MEMORY, files.WEIGHTS])
def test_a_damaged_block_of_the_round_before_is_played_again_to_the_same_bytes(
    caplog, rounds, damaged, ending
):
    with locally():
        experiment = begun(rounds)
        name = stem(experiment, damaged) + ending
        whole = files.read(name)
        flip(name)

        turn_take(), turn_take()

        assert files.read(name) == whole
        assert go_on(experiment).state_sha256 == untouched()
    assert f"{name} has changed since it was written" in caplog.text
    assert f"playing block 1 of round {damaged} again" in caplog.text
    assert list(experiment_audit(experiment=experiment)) == []


def test_weights_that_are_lost_between_a_block_and_its_close_are_made_again():
    with locally():
        experiment = begun(2, blocks=2)
        files.remove(stem(experiment, 2) + files.WEIGHTS)

        assert go_on(experiment).state_sha256 == untouched()


def test_where_the_round_before_is_damaged_too_the_experiment_fails_with_both_files_and_a_remedy():
    with locally():
        experiment = begun(3)
        flip(stem(experiment, 2) + files.MEMORY)
        flip(stem(experiment, 1) + files.MEMORY)

        go_on(experiment)

    assert experiment.state == ExperimentState.FAILED
    for words in (
        "block 1 of round 3 failed 3 times",
        "round-00002/block-001",
        "cannot be made again",
        "round-00001/block-001",
    ):
        assert words in experiment.state_reason
    assert forks.fork_rounds(experiment=experiment) == [0, 1, 2]


@pytest.mark.parametrize("index", [0, 2])
def test_a_damaged_file_of_births_is_made_again_to_the_same_bytes(caplog, index):
    with locally():
        experiment = begun(index)
        name = experiment.rounds.get(index=index).births_file
        whole = files.read(name)
        flip(name)

        turn_take()

        assert files.read(name) == whole
        assert go_on(experiment).state_sha256 == untouched()
    assert f"making the population of round {index} again" in caplog.text
    assert list(experiment_audit(experiment=experiment)) == []


def test_births_that_are_lost_before_the_close_are_made_again():
    with locally():
        experiment = begun(2, blocks=3)
        files.remove(experiment.rounds.get(index=2).births_file)

        assert go_on(experiment).state_sha256 == untouched()


def test_births_that_cannot_be_made_again_are_refused_with_a_remedy():
    with locally():
        experiment = begun(2)
        for index in (1, 2):
            flip(experiment.rounds.get(index=index).births_file)

        go_on(experiment)

    assert experiment.state == ExperimentState.FAILED
    assert (
        "births" in experiment.state_reason and "it cannot be made again" in experiment.state_reason
    )
    assert "fork the experiment after an earlier round" in experiment.state_reason


def test_what_a_fork_shares_is_played_again_with_the_settings_it_was_played_with():
    changes = {"learning.learning_rate": 0.1, "costs.fee": 0.02}
    fork = forks.experiment_fork(
        experiment=finished_once(), after_round=0, name="", changes=changes, owner=None
    )
    name = stem(fork, 0) + files.WEIGHTS
    whole = files.read(name)
    flip(name)

    runner.experiment_run(experiment_uuid=fork.uuid, tell=lambda text: None)

    fork.refresh_from_db()
    assert fork.state == ExperimentState.FINISHED
    assert files.read(name) == whole
