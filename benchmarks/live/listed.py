"""`python -m benchmarks.live.listed`: experiments in the database of a site, and what the server
takes for their list.

A line of JSON, a number, on standard input makes the list that long; the answer is {queries,
seconds: of the processor, one a round, bytes}.
"""

import json
import sys
import time
from datetime import timedelta

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection, reset_queries  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from agents.strategies.rules import RULES  # noqa: E402
from arena.models import Evaluation, Experiment, MarketData, Round  # noqa: E402
from arena.settings_schema import Settings  # noqa: E402
from benchmarks.work import ROUNDS  # noqa: E402

# of so many experiments one runs; the others were judged, but for one that waits
CYCLE = 10
PLAYED = 20
# of so many of the newest the judgements are there: more than a page shows
JUDGED = 400
# as many figures as a judgement keeps of one
FIGURES = {f"figure_{index}": 0.12345678901234 for index in range(24)} | {
    "reused": 0,
    "above_luck": 0.9,
    "trials": 1149,
    "return_low": -0.1,
    "return_high": 0.3,
    "return_p": 0.2,
    "against_hold_low": -0.2,
    "against_hold_high": 0.1,
    "against_hold_p": 0.5,
    "annual_sharpe": 0.4,
    "max_drawdown": 0.1,
}


def fill(owner, count: int) -> None:
    """Makes the list `count` experiments long."""
    there = Experiment.objects.count()
    market = MarketData.objects.first() or _market()
    made = [_experiment(owner, market, index) for index in range(there, count)]
    Experiment.objects.bulk_create(made, batch_size=500)
    Evaluation.objects.bulk_create(
        [
            each
            for index, row in enumerate(made, there)
            if index % CYCLE > 1 and index < JUDGED
            for each in _judgement(row, index)
        ],
        batch_size=500,
    )
    Round.objects.bulk_create(
        [
            each
            for row in made
            if row.state == "running"
            for each in (_round(row, index) for index in range(PLAYED))
        ],
        batch_size=500,
    )


def _market() -> MarketData:
    return MarketData.objects.create(
        name="a wave",
        data_kind="simulated",
        symbols=["a wave"],
        source="sine",
        timeframe_ms=3_600_000,
        bars=1000,
        first_time=0,
        last_time=999 * 3_600_000,
        sha256="0" * 64,
        file="markets/none.safetensors",
        created_at=timezone.now(),
    )


def _experiment(owner, market: MarketData, index: int) -> Experiment:
    place = index % CYCLE
    state = {0: "running", 1: "draft"}.get(place, "finished")
    done = {"running": PLAYED, "draft": 0}.get(state, 40)
    return Experiment(
        name=f"Experiment {index}",
        owner=owner,
        market=market,
        settings=Settings().model_dump(mode="json"),
        seed=index,
        population=64,
        rounds_planned=40,
        rounds_done=done,
        state=state,
        tags=" ibm dueling " if index % 2 else "",
        stored_bytes=10**6 * index,
        created_at=timezone.now() - timedelta(minutes=index),
    )


def _judgement(row: Experiment, index: int):
    """As many rows as a judgement leaves."""
    earned = 0.01 * (index % 40) - 0.1
    shared = {"experiment": row, "after_round": 39, "at": row.created_at}
    for subject in ("champion", "median_agent", "committee", *RULES):
        for stretch in ("lived", "competition", "out_of_sample"):
            figures = FIGURES | {"return": earned if subject == "champion" else 0.05}
            yield Evaluation(subject=subject, stretch=stretch, figures=figures, **shared)


def _round(row: Experiment, index: int) -> Round:
    return Round(
        experiment=row,
        index=index,
        state="closed",
        plan={},
        opened_at=row.created_at,
        closed_at=row.created_at + timedelta(seconds=3),
    )


def measured(browser: Client) -> dict[str, object]:
    """What a page of the list takes; the first one loads the templates."""
    address = reverse("experiment_list")
    browser.get(address)
    connection.force_debug_cursor = True
    reset_queries()
    size = len(browser.get(address).content)
    queries = len(connection.queries)
    connection.force_debug_cursor = False
    return {
        "queries": queries,
        "seconds": [_seconds(browser) for _ in range(ROUNDS)],
        "bytes": size,
    }


def _seconds(browser: Client) -> float:
    began = time.process_time()
    browser.get(reverse("experiment_list"))
    return time.process_time() - began


def main() -> None:
    """Answer until the input ends."""
    owner = get_user_model().objects.get(username="admin")
    # the site answers to its own names alone
    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(owner)
    for line in sys.stdin:
        fill(owner, json.loads(line))
        print(json.dumps(measured(browser)), flush=True)


if __name__ == "__main__":
    main()
