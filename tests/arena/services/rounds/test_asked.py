"""What pages ask for beside the first paint is made once for all who look at the same rounds."""

from collections.abc import Callable

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from arena.models import Experiment
from arena.selectors.agents.waterfall import experiment_waterfalls
from arena.selectors.pages.first_paint import bands_message
from arena.services.rounds import asked
from tests.arena.runs import finished, once, tiny

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run() -> Experiment:
    return once("asked", lambda: finished(tiny(rounds=3)))


def questions(answer: Callable[[], bytes]) -> tuple[int, bytes]:
    """(questions to the database, the answer)."""
    with CaptureQueriesContext(connection) as seen:
        found = answer()
    return len(seen), found


def test_bands_are_read_once_for_all_who_look(run: Experiment):
    first = asked.bands_frame(experiment=run)

    assert questions(lambda: asked.bands_frame(experiment=run)) == (0, first)
    assert first == bands_message(experiment=run).encode()


def test_a_round_more_is_other_bands(run: Experiment):
    first = asked.bands_frame(experiment=run)
    run.rounds_done += 1

    assert questions(lambda: asked.bands_frame(experiment=run))[0] > 0
    run.rounds_done -= 1
    assert asked.bands_frame(experiment=run) == first


def test_what_a_closed_round_came_to_is_read_once(run: Experiment):
    for index in range(3):
        found = asked.waterfalls_json(experiment=run, as_of_round=index)

        again = questions(
            lambda index=index: asked.waterfalls_json(experiment=run, as_of_round=index)
        )
        assert again == (0, found)
        expected = experiment_waterfalls(experiment=run, as_of_round=index)
        assert orjson.loads(found) == expected


def test_a_round_that_is_still_to_come_is_the_last_one_closed_and_not_kept_as_itself(run):
    last = asked.waterfalls_json(experiment=run, as_of_round=None)

    assert questions(lambda: asked.waterfalls_json(experiment=run, as_of_round=9)) == (0, last)
