"""The page of jobs: what is true of the queue, of one's own work alone, with what can be done."""

from datetime import timedelta

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from arena.models import Judgement, NullWorld
from arena.prices.models import MarketImport
from arena.work.kinds import BLOCK, IMPORT
from arena.work.models import Job
from arena.work.queue import Wanted, jobs_ask, locally
from tests.arena import world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def queue():
    with locally():
        yield


def jobs(browser):
    return orjson.loads(browser.get(reverse("job_rows")).content)["jobs"]


def titles(job):
    return [deed["title"] for deed in job["deeds"]]


def test_rounds_that_are_played_say_how_far_they_are_and_can_be_ended(browser, ada):
    run = world.experiment(ada)
    jobs_ask(wanted=[Wanted(BLOCK, 1)], user=ada.pk, experiment=run.pk)
    [waiting] = jobs(browser)
    Job.objects.update(state="claimed")

    [going] = jobs(browser)

    assert (waiting["state"], going["state"]) == ("queued", "running")
    assert (going["progress"], going["percent"]) == ("3 of 10 rounds", 30)
    assert going["left"] == "about 10 min left"
    assert titles(going) == ["Pause", "Stop"]


def test_what_failed_says_why_and_can_be_tried_again(browser, ada):
    run = world.experiment(ada, state="failed", state_reason="the disk is full")
    ended = world.experiment(ada, state="finished")
    Judgement.objects.create(
        experiment=ended, after_round=2, asked_at=world.NOON, state="failed", reason="no memory"
    )

    found = {job["kind"]: job for job in jobs(browser)}

    assert (found["rounds"]["state"], found["rounds"]["reason"]) == ("failed", "the disk is full")
    assert found["rounds"]["deeds"][0]["url"] == reverse("experiment_again", args=[run.uuid])
    assert (found["judgement"]["reason"], titles(found["judgement"])) == ("no memory", ["Retry"])


def test_null_worlds_are_one_job_that_can_be_cancelled(browser, ada):
    run = world.experiment(ada, state="finished")
    for index in range(4):
        NullWorld.objects.create(
            experiment=run, index=index, asked_at=world.NOON, state="waiting" if index else "done"
        )

    [job] = jobs(browser)

    assert (job["kind"], job["progress"], job["percent"]) == ("null worlds", "1 of 4 worlds", 25)
    assert titles(job) == ["Cancel"]


def test_an_import_says_how_much_was_asked_for(browser, ada):
    row = world.outside(ada)
    MarketImport.objects.filter(pk=row.pk).update(next_ms=row.stop_ms // 2, bars=250)
    jobs_ask(wanted=[Wanted(IMPORT, row.pk)], user=ada.pk)

    [job] = jobs(browser)

    assert (job["state"], job["percent"], job["progress"]) == ("queued", 50, "250 bars")
    assert titles(job) == ["Cancel"]


def test_nobody_sees_the_work_of_others(client, ada):
    world.experiment(ada)
    world.outside(ada)
    client.force_login(world.user("eve"))

    assert jobs(client) == []
    assert b"Nothing is being done" in client.get(reverse("job_list")).content


def test_the_page_takes_as_many_queries_however_much_there_is(browser, ada):
    def counted():
        browser.get(reverse("terms"))
        with CaptureQueriesContext(connection) as found:
            browser.get(reverse("job_rows"))
        return len(found)

    def more():
        run = world.experiment(ada)
        ended = world.experiment(ada, state="finished")
        jobs_ask(wanted=[Wanted(BLOCK, run.pk)], user=ada.pk, experiment=run.pk)
        Judgement.objects.create(experiment=ended, after_round=2, asked_at=world.NOON)
        NullWorld.objects.create(experiment=ended, index=0, asked_at=world.NOON)

    more()
    few = counted()
    for _ in range(3):
        more()

    assert counted() == few


def test_an_estimate_of_what_is_left_is_none_before_a_round_has_closed(browser, ada):
    run = world.experiment(ada, rounds=0)
    run.rounds.all().update(closed_at=world.NOON + timedelta(minutes=1))

    assert [job["left"] for job in jobs(browser)] == [""]
