"""Lines of descent through the rounds: how many agents of each played them."""

import numpy as np
import pytest

from agents.models import Agent
from arena.selectors.rounds import bands
from tests.arena import world
from tests.arena.runs import finished, once, tiny

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run():
    return once("bands", lambda: finished(tiny(rounds=6)))


def test_a_line_has_as_many_agents_in_a_round_as_its_members_played_it(run):
    found = bands.bands(experiment=run)

    assert found["rounds"].tolist() == list(range(6))
    for place, founder in enumerate(found["founders"]):
        for index in range(6):
            members = Agent.objects.filter(
                experiment=run, founder=founder, birth_round__lte=index
            ).exclude(death_round__lt=index)
            assert found["agents"][place, index] == members.count()
    assert (found["agents"].sum(axis=0) == run.population).all()


def test_lines_that_were_never_large_are_one(run, monkeypatch):
    every = bands.bands(experiment=run)
    monkeypatch.setattr(bands, "MOST", 2)

    few = bands.bands(experiment=run)

    assert few["agents"].shape == (3, 6)
    kept = [every["founders"].index(founder) for founder in few["founders"]]
    peaks = every["agents"][:-1].max(axis=1)
    assert sorted(peaks[kept]) == sorted(np.sort(peaks)[-2:])
    assert (few["agents"].sum(axis=0) == every["agents"].sum(axis=0)).all()


def test_a_draft_has_none():
    draft = world.experiment(world.user(), rounds=0, state="draft")

    found = bands.bands(experiment=draft)

    assert (found["founders"], found["agents"].shape) == ([], (1, 0))
