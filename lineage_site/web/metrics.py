"""What a Prometheus server reads: requests that this process answered, and the work of the whole
site as database and Redis tell it.

What begins with `lineage_site_` is of the whole site, the same whichever web process is asked: take
the maximum of it over all, never the sum. All else is of the process that answers. No label names
an experiment, an agent or a user, so the number of series stays what it is.
"""

import hmac
import time
from collections.abc import Callable, Iterator

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from arena.live.consumers import ExperimentConsumer
from arena.selectors.machine.room import room_free
from arena.selectors.machine.work import work_now
from arena.work.counted import COUNTED
from arena.work.kinds import KINDS
from lineage_site.environment import names
from lineage_site.queue.heartbeat import SECONDS, client, is_heard
from lineage_site.queue.tally import sums
from lineage_site.web.health import is_operator

REGISTRY = CollectorRegistry()
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
PATH, NO_ROUTE = "/metrics", "none"
requests = Counter(
    "lineage_http_requests",
    "Requests answered, by name of the route, method and status.",
    ("route", "method", "status"),
    registry=REGISTRY,
)
seconds = Histogram(
    "lineage_http_request_seconds",
    "How long they took, by name of the route.",
    ("route",),
    buckets=BUCKETS,
    registry=REGISTRY,
)
sockets = Gauge("lineage_sockets", "Live connections that stand.", registry=REGISTRY)
sockets.set_function(lambda: ExperimentConsumer.open_here)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def counted(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Counts every request by the name of its route, which no visitor chooses. Who has the token is
    answered here: Prometheus asks each container by its address, which is no name of the site.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path == PATH and _has_token(request):
            return _page()
        began = time.perf_counter()
        response = get_response(request)
        match = getattr(request, "resolver_match", None)
        route = (match.view_name or match.route or NO_ROUTE) if match else NO_ROUTE
        method = request.method if request.method in METHODS else "other"
        requests.labels(route, method, response.status_code).inc()
        seconds.labels(route).observe(time.perf_counter() - began)
        return response

    return middleware


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """In Prometheus's text format, for who looks after the site."""
    if not is_operator(request):
        return HttpResponseForbidden("not for you\n", content_type="text/plain")
    return _page()


def _page() -> HttpResponse:
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(
        given, settings.METRICS_TOKEN.encode()
    )


class Site(Collector):
    """The work of the whole site, asked for as it is read; a source that is away is left out."""

    def collect(self) -> Iterator[Metric]:
        yield from _of_database()
        yield from _of_redis()
        if (room := room_free()) is not None:
            yield GaugeMetricFamily(
                "lineage_disk_free_bytes", "Room on this machine's disk.", value=room
            )

    def describe(self) -> list[Metric]:
        """Nothing is asked for before it is read."""
        return []


def _of_database() -> Iterator[Metric]:
    up = GaugeMetricFamily("lineage_database_up", "Whether the database answers.", value=1)
    try:
        work = work_now()
    except DatabaseError:
        connection.close()
        yield GaugeMetricFamily(up.name, up.documentation, value=0)
        return
    yield up
    jobs = GaugeMetricFamily("lineage_site_jobs", "Jobs there are.", labels=("kind", "state"))
    for labels, count in work.jobs.items():
        jobs.add_metric(labels, count)
    states = GaugeMetricFamily("lineage_site_experiments", "Experiments.", labels=("state",))
    for state, count in work.experiments.items():
        states.add_metric((state,), count)
    yield from (jobs, states)
    yield GaugeMetricFamily(
        "lineage_site_jobs_ready", "Jobs that could be done now.", value=work.ready
    )
    yield GaugeMetricFamily(
        "lineage_site_job_oldest_seconds",
        "How long the one of them has waited that waited longest.",
        value=work.oldest_seconds,
    )


def _of_redis() -> Iterator[Metric]:
    up = GaugeMetricFamily("lineage_redis_up", "Whether Redis answers.", value=1)
    heard = GaugeMetricFamily(
        "lineage_site_heard", "Whether a part was heard of lately.", labels=("part",)
    )
    waits = GaugeMetricFamily(
        "lineage_site_messages", "Messages that no worker has taken yet.", labels=("queue",)
    )
    try:
        with client() as server:
            for key in SECONDS:
                heard.add_metric((key.rpartition(":")[2],), is_heard(server, key))
            for queue in names.QUEUES:
                waits.add_metric((queue,), server.llen(names.key(settings.SITE, queue)))
    except redis.RedisError:
        yield GaugeMetricFamily(up.name, up.documentation, value=0)
        return
    yield from (up, heard, waits)
    yield from _done()


def _done() -> Iterator[Metric]:
    """From zero on: a count that began with its first event would show no growth by it."""
    found = sums()
    for name, words in COUNTED.items():
        family = CounterMetricFamily(f"lineage_site_{name}", words, labels=("kind",))
        for kind in KINDS if name.startswith("jobs") else ("",):
            family.add_metric((kind,), found.get((name, kind), 0))
        yield family


REGISTRY.register(Site())
