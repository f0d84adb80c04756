"""The hall of fame: the fittest ever, dead or alive, who lived long enough for their fitness to
mean something.
"""

import pytest

from agents.models import Agent
from arena.models import BlockRun, Experiment, Round
from arena.selectors.agents import hall
from arena.selectors.agents.hall import hall_after, hall_of_fame
from arena.selectors.agents.population import rows_of
from arena.selectors.pages.snapshot import round_delta, snapshot
from arena.services.rounds.summing import summaries_make
from tests.arena import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    """Four founders and six closed rounds: slot 0 changes hands after each; agent k has fitness k /
    10, agent 1 none.
    """
    experiment = world.experiment(world.user(), rounds=6, environment={"block_size": world.BLOCK})
    for agent in Agent.objects.filter(experiment=experiment).exclude(number=1):
        Agent.objects.filter(pk=agent.pk).update(fitness=agent.number / 10)
    return Experiment.objects.get(pk=experiment.pk)


def fame(experiment, **choice):
    rounds = list(Round.objects.filter(experiment=experiment).order_by("index"))
    return hall_of_fame(
        experiment=experiment,
        rows=rows_of(agents=Agent.objects.filter(experiment=experiment, **choice)),
        rounds=rounds,
    )


def test_who_lived_through_too_few_rounds_is_not_in_however_fit(run):
    assert [(row["number"], row["rounds"]) for row in fame(run)] == [(4, 6), (3, 6), (2, 6)]


def test_the_dead_are_in(run):
    Agent.objects.filter(experiment=run, number=3).update(state="bankrupt", death_round=4)

    assert [(row["number"], row["rounds"], row["state"]) for row in fame(run)] == [
        (4, 6, "active"),
        (3, 5, "bankrupt"),
        (2, 6, "active"),
    ]


def test_of_equals_the_older_comes_first_and_the_list_is_short(run, monkeypatch):
    Agent.objects.filter(experiment=run, number__in=(2, 3, 4)).update(fitness=0.5)
    monkeypatch.setattr(hall, "LENGTH", 2)

    assert [row["number"] for row in fame(run)] == [2, 3]


def test_the_living_and_the_fittest_dead_of_a_summary_make_the_same_hall(run):
    Agent.objects.filter(experiment=run, number=3).update(state="bankrupt", death_round=4)
    summaries_make(experiment_id=run.pk)
    living = rows_of(agents=Agent.objects.filter(experiment=run, state="active"))

    assert hall_after(experiment=run, last=5, living=living) == fame(run)
    assert hall_after(experiment=run, last=-1, living=living) == []


def test_each_has_the_file_of_the_weights_it_last_played_with(run):
    Agent.objects.filter(experiment=run, number=3).update(state="bankrupt", death_round=4)
    for block in BlockRun.objects.filter(round__experiment=run):
        BlockRun.objects.filter(pk=block.pk).update(
            checkpoint=f"stem-{block.round.index}-{block.block}"
        )

    found = {row["number"]: row["checkpoint"] for row in fame(run)}

    assert found[3] == {"round": 4, "stem": "stem-4-0", "row": 2}
    assert found[4] == {"round": 5, "stem": "stem-5-0", "row": 3}


def test_snapshot_and_delta_of_the_last_round_show_the_same_hall(run):
    summaries_make(experiment_id=run.pk)

    assert (
        snapshot(experiment=run)["hall"]
        == round_delta(experiment=run, index=5)["hall"]
        == fame(run)
    )


def test_an_earlier_snapshot_shows_the_hall_as_it_was(run):
    summaries_make(experiment_id=run.pk)

    then = snapshot(experiment=run, as_of_round=0)["hall"]

    assert [(row["number"], row["fitness"], row["rounds"]) for row in then] == [
        (4, 0.04, 1),
        (3, 0.03, 1),
        (2, 0.02, 1),
    ]
