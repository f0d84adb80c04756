"""The comparison of a fork with its original: 0 where nothing was changed, an interval where
something was, and who did what since.
"""

import math

import pytest
from django.utils import timezone

from agents.models import Agent
from arena.selectors.pages.whatif import comparison, summary
from arena.services.experiments import forks, interventions
from arena.services.headless import runner
from tests.arena.runs import finished_once

pytestmark = pytest.mark.django_db(transaction=True)


def forked(original, after, **changes):
    return forks.experiment_fork(
        experiment=original, after_round=after, name="", changes=changes, owner=None
    )


def run(experiment):
    runner.experiment_run(experiment_uuid=experiment.uuid, tell=lambda text: None)
    experiment.refresh_from_db()
    return experiment


def test_a_fork_without_a_change_differs_by_exactly_nothing():
    compared = comparison(fork=run(forked(finished_once(), 0)))

    assert (compared["same"], compared["parted"], compared["changes"]) == ([True] * 5, None, [])
    for measure in compared["measures"].values():
        assert measure["original"] == measure["fork"]
        assert set(measure["difference"]) <= {0, None}
    assert compared["measures"]["return"]["summary"] == {
        "rounds": 4,
        "mean": 0.0,
        "low": 0.0,
        "high": 0.0,
    }


def test_a_changed_fork_parts_and_the_difference_has_an_interval():
    compared = comparison(fork=run(forked(finished_once(), 0, **{"costs.fee": 0.02, "rounds": 7})))

    returns = compared["measures"]["return"]
    assert compared["rounds"] == list(range(7))
    assert compared["same"] == [True, False, False, False, False, None, None]
    assert compared["parted"] == 1
    assert compared["changes"] == [
        {"key": "rounds", "before": 5, "after": 7},
        {"key": "costs.fee", "before": 0.001, "after": 0.02},
    ]
    assert returns["difference"][0] == 0 and returns["difference"][5:] == [None, None]
    assert returns["summary"]["rounds"] == 4
    assert returns["summary"]["low"] < returns["summary"]["mean"] < 0


def test_before_the_fork_has_played_there_is_nothing_to_compare():
    compared = comparison(fork=forked(finished_once(), 0))

    assert (compared["same"], compared["parted"]) == ([True, None, None, None, None], None)
    assert compared["measures"]["return"]["summary"] is None


def test_what_people_did_to_only_one_of_the_two_is_listed():
    fork = forked(finished_once(), 0)
    agent = Agent.objects.filter(experiment=fork, state="active").first()
    changes = {"learning_rate": 0.09}
    interventions.intervention_record(
        agent=agent, who=None, changes=changes, version=agent.version, now=timezone.now()
    )

    found = comparison(fork=fork)["interventions"]

    assert found["original"] == []
    assert found["fork"] == [
        f"somebody changed learning_rate of agent {agent.number} from 0.001 to 0.09, from round"
        " 1 on"
    ]


@pytest.mark.parametrize(("rounds", "point"), [(3, 4.302652729749464), (40, 2.022690920036762)])
def test_the_interval_is_students_however_many_rounds_there_are(rounds, point):
    differences = [0.1 * place for place in range(rounds)]

    found = summary(differences)

    middle = 0.05 * (rounds - 1)
    # of equally spaced values, as of any: the root of the mean square about the mean
    spread = 0.1 * math.sqrt(rounds * (rounds + 1) / 12)
    half = point * spread / math.sqrt(rounds)
    assert found["mean"] == pytest.approx(middle)
    assert (found["low"], found["high"]) == pytest.approx((middle - half, middle + half))


def test_one_round_has_no_interval_and_none_no_summary():
    assert summary([0.5]) == {"rounds": 1, "mean": 0.5, "low": None, "high": None}
    assert summary([]) is None
