"""Between the rounds that are kept whole, an agent is played again: to the bit what it was,
whatever closes and people did to it.
"""

import numpy as np
import pytest
from django.utils import timezone

from agents.models import Agent
from arena.models import BlockRun, Experiment
from arena.selectors.agents import again
from arena.selectors.agents.inspect import agent_network
from arena.selectors.machine.keeping import is_whole, keep_every, to_forget
from arena.services.audit.replay import replay
from arena.services.audit.run import experiment_audit
from arena.services.audit.subject import Subject
from arena.services.experiments.forks import ForkError, experiment_fork, fork_rounds
from arena.services.experiments.interventions import intervention_record
from arena.services.headless import runner
from arena.store import files
from ml.checkpoint import CheckpointError
from tests.arena.runs import draft, tiny

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


@pytest.fixture(autouse=True)
def nothing_remembered():
    again._lately.clear()


def played(settings, every, **changes):
    """A run of which every so many rounds are kept whole, in whose second round somebody changes an
    agent.
    """
    settings.KEEP_EVERY = every
    experiment = draft(settings=tiny(rounds=ROUNDS, population=12, **changes))

    def tell(text):
        experiment.refresh_from_db()
        if experiment.rounds_done == 2 and not experiment.interventions.exists():
            agent = (
                Agent.objects.filter(experiment=experiment, state="active", birth_round__lte=1)
                .order_by("number")
                .first()
            )
            intervention_record(
                agent=agent,
                who=None,
                changes={"epsilon": 0.7, "gamma": 0.5},
                version=0,
                now=timezone.now(),
            )

    runner.experiment_run(experiment_uuid=experiment.uuid, tell=tell)
    experiment.refresh_from_db()
    assert experiment.interventions.exists()
    return experiment


def kept(experiment):
    """Rounds whose weights are there."""
    runs = BlockRun.objects.filter(round__experiment=experiment).values_list(
        "round__index", "checkpoint"
    )
    return {index for index, stem in runs if files.exists(stem + files.WEIGHTS)}


def test_every_network_of_every_round_is_shown_as_if_all_were_kept(settings):
    whole, thin = played(settings, 1), played(settings, 3)

    assert thin.state_sha256 == whole.state_sha256
    assert (kept(whole), kept(thin)) == (set(range(ROUNDS)), {2, 5, 6, 7})
    lives = Agent.objects.filter(experiment=thin, birth_round__lt=ROUNDS).order_by("number")
    assert any(agent.birth_round in (1, 4) for agent in lives)
    for agent in lives:
        twin = Agent.objects.get(experiment=whole, number=agent.number)
        last = ROUNDS - 1 if agent.death_round is None else agent.death_round
        for index in range(agent.birth_round, last + 1):
            left, right = (agent_network(agent=each, index=index) for each in (agent, twin))
            assert all(
                np.array_equal(a, b) for a, b in zip(left["weights"], right["weights"], strict=True)
            ), (agent.number, index)
            assert np.array_equal(left["q"], right["q"])


def test_the_audit_follows_the_chain_and_says_what_only_a_replay_can_tell(settings):
    thin = played(settings, 3)
    subject = Subject(thin)

    assert list(experiment_audit(experiment=thin, subject=subject)) == []
    assert [rounds for what, rounds in subject.left_out.items() if "--replay" in what] == [
        [0, 1, 3, 4]
    ]
    assert list(replay(Subject(thin), lambda text: None)) == []
    BlockRun.objects.filter(round__experiment=thin, round__index=3).update(digests=bytes(32 * 12))
    assert "its rows give" in str(
        list(experiment_audit(experiment=Experiment.objects.get(pk=thin.pk)))
    )


def test_a_fork_begins_after_a_whole_round_and_shows_the_rounds_before_it(settings):
    thin = played(settings, 3)
    assert fork_rounds(experiment=thin) == [2, 5, 6]
    with pytest.raises(ForkError, match="fork after round 2 or 5"):
        experiment_fork(experiment=thin, after_round=3, name="", changes={}, owner=None)

    fork = experiment_fork(experiment=thin, after_round=6, name="", changes={}, owner=None)
    runner.experiment_run(experiment_uuid=fork.uuid, tell=lambda text: None)

    fork.refresh_from_db()
    assert fork.state_sha256 == thin.state_sha256
    agent = Agent.objects.filter(experiment=fork, birth_round=0, death_round=None).first()
    original = Agent.objects.get(experiment=thin, number=agent.number)
    for index in (0, 4, 6):
        left, right = (agent_network(agent=each, index=index) for each in (agent, original))
        assert all(
            np.array_equal(a, b) for a, b in zip(left["weights"], right["weights"], strict=True)
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"learning": {"replay": 256, "batch": 16, "starts": 1, "priority": True}},
        {"network": {"kind": "lstm", "hidden": [8]}},
    ],
)
def test_so_it_is_with_priorities_and_with_networks_that_remember(settings, changes):
    thin = played(settings, 5, **changes)

    for agent in Agent.objects.filter(experiment=thin, birth_round__lte=3)[:6]:
        agent_network(
            agent=agent, index=min(3, 3 if agent.death_round is None else agent.death_round)
        )


def test_what_comes_out_otherwise_is_not_shown(settings):
    thin = played(settings, 5)
    agent = Agent.objects.filter(experiment=thin, birth_round=0, death_round=None).first()
    BlockRun.objects.filter(round__experiment=thin, round__index=2).update(shown=bytes(32 * 12))

    with pytest.raises(CheckpointError, match="is not what it was then"):
        agent_network(agent=agent, index=2)


def test_small_runs_keep_all_and_large_ones_few(settings):
    assert keep_every(population=64, rounds=50) == 1
    assert keep_every(population=1000, rounds=1000) == 110
    assert [index for index in range(400) if is_whole(index, 400, 100)] == [99, 199, 299, 398, 399]
    gone = {index for rounds in range(1, 401) for index in to_forget(rounds, 1000, 100)}
    assert gone == {index for index in range(400) if not is_whole(index, 400, 100)}
    settings.KEEP_EVERY = 7
    assert keep_every(population=2, rounds=2) == 7
