"""/metrics tells the work of the site to who may know it, and names nobody."""

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from prometheus_client.parser import text_string_to_metric_families

from arena.work.counted import COUNTED, count
from arena.work.kinds import BLOCK, KINDS
from arena.work.queue import Wanted, jobs_ask, locally
from lineage_site.queue import tally
from lineage_site.web import metrics
from tests.arena.runs import finished_once

pytestmark = pytest.mark.django_db
TOKEN = "a token for Prometheus alone"
# whose values come from a small table of ours, from routes or from the protocol
LABELS = {"kind", "state", "route", "method", "status", "part", "queue", "le"}


@pytest.fixture(autouse=True)
def _counts(monkeypatch, settings, valkey):
    url, _ = valkey
    settings.REDIS_URL, settings.METRICS_TOKEN = url, TOKEN
    tally._new.clear()
    tally.counted.connect(tally._count)
    yield
    tally.counted.disconnect(tally._count)


@pytest.fixture
def read(client):
    def read_now():
        answer = client.get(
            "/metrics", headers={"Authorization": f"Bearer {TOKEN}", "Host": "10.1.2.3:8000"}
        )
        assert answer.status_code == 200
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(answer.content.decode())
            for sample in family.samples
        }

    return read_now


def test_work_that_waits_and_work_that_was_done_are_told(read):
    with locally():
        jobs_ask(wanted=[Wanted(BLOCK, 7, 0)], user=1, experiment=1)
    count("jobs_done", BLOCK)
    count("jobs_done", BLOCK)
    count("agent_steps", by=1_000)
    tally.tell()
    count("jobs_done", BLOCK)
    tally.tell()

    found = read()

    assert found["lineage_site_jobs", (("kind", "block"), ("state", "waiting"))] == 1
    assert found["lineage_site_jobs_ready", ()] == 1
    assert found["lineage_site_job_oldest_seconds", ()] >= 0
    assert found["lineage_site_jobs_done_total", (("kind", "block"),)] == 3
    assert found["lineage_site_agent_steps_total", (("kind", ""),)] == 1_000
    assert found["lineage_redis_up", ()] == found["lineage_database_up", ()] == 1


def test_requests_are_counted_by_the_names_of_their_routes(read, client):
    before = read()
    client.get("/experiments/0f1e2d3c-0000-0000-0000-000000000000/")
    client.get("/nowhere-" + "x" * 50)

    after = read()

    def more(route, status):
        key = (("method", "GET"), ("route", route), ("status", status))
        name = "lineage_http_requests_total"
        return after.get((name, key), 0) - before.get((name, key), 0)

    assert more("experiment_live", "302") == 1
    assert more("none", "404") == 1


def test_no_label_has_a_value_that_grows_with_use(read, client):
    experiment = finished_once()
    client.get(f"/experiments/{experiment.uuid}/")

    found = read()

    assert {name for _, labels in found for name, _ in labels} <= LABELS
    assert not [key for key in found if str(experiment.uuid) in str(key)]


@pytest.mark.parametrize(
    "header", ["", "Bearer ", f"Bearer {TOKEN} ", "Bearer another", f"Basic {TOKEN}"]
)
def test_a_stranger_learns_nothing(client, header):
    answer = client.get("/metrics", headers={"Authorization": header} if header else {})

    assert (answer.status_code, answer.content) == (403, b"not for you\n")


def test_without_a_token_in_the_settings_no_token_opens(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403


def test_who_looks_after_the_site_reads_it_in_a_browser(client):
    user = get_user_model().objects.create_user("operator", is_staff=True)
    client.force_login(user)

    assert client.get("/metrics").status_code == 200


def test_a_database_or_a_redis_that_is_away_is_told_and_breaks_nothing(read, monkeypatch, settings):
    def refuse():
        raise OperationalError("away")

    monkeypatch.setattr(metrics, "work_now", refuse)
    monkeypatch.setattr(metrics.connection, "close", lambda: None)
    settings.REDIS_URL = "unix:///nowhere/at/all?db=0"

    found = read()

    assert found["lineage_redis_up", ()] == found["lineage_database_up", ()] == 0


def test_everything_that_is_counted_is_told_before_it_happens_for_the_first_time(read):
    found = read()

    for name in COUNTED:
        kinds = KINDS if name.startswith("jobs") else [""]
        series = {(f"lineage_site_{name}_total", (("kind", kind),)): 0 for kind in kinds}
        assert series.items() <= found.items()
