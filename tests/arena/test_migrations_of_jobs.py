"""Work that waited or was claimed becomes jobs, with the fences it had."""

import pytest

from arena.prices.market.bars import DAY_MS
from tests.arena import world
from tests.arena.schema import migrated, newest

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = [("arena", "0017_market_understood")]


@pytest.fixture
def old():
    """Models as they were; migrated forward again by the test, or at its end."""
    yield migrated(BEFORE)
    newest()


def experiment(apps, market, state, owner=None):
    row = {
        "market": market,
        "settings": {},
        "seed": 1,
        "population": 2,
        "rounds_planned": 9,
        "created_at": world.NOON,
    }
    return apps.get_model("arena", "Experiment").objects.create(
        name=state, state=state, owner=owner, rounds_done=1, **row
    )


def opened(apps, run, blocks, **fields):
    """The open round of an experiment; blocks: (state, fence) of each."""
    row = apps.get_model("arena", "Round").objects.create(
        experiment=run, index=1, plan={}, opened_at=world.NOON, **fields
    )
    for number, (state, fence) in enumerate(blocks):
        fields_of_block = {
            "state": state,
            "fence": fence,
            "attempts": min(fence, 1),
            "reason": "OSError: odd" if fence else "",
        }
        apps.get_model("arena", "BlockRun").objects.create(
            round=row, block=number, worker="there:1", **fields_of_block
        )
    return row


def test_what_waited_or_was_claimed_becomes_jobs_and_what_is_done_or_rests_does_not(old):
    ada = old.get_model("auth", "User").objects.create(username="ada")
    fields = {
        "data_kind": "simulated",
        "timeframe_ms": DAY_MS,
        "bars": 9,
        "first_time": 0,
        "last_time": 9,
        "created_at": world.NOON,
    }
    market = old.get_model("arena", "MarketData").objects.create(
        name="m", source="s", sha256="0" * 64, file="none", **fields
    )
    runs = {
        state: experiment(old, market, state, owner=ada)
        for state in ("running", "pausing", "paused", "failed", "finished")
    }
    opened(old, runs["running"], [("done", 1), ("claimed", 2), ("waiting", 0)])
    closing = opened(old, runs["pausing"], [("done", 1)], fence=4, attempts=2)
    for state in ("paused", "failed"):
        opened(old, runs[state], [("claimed", 3)])
    worlds = old.get_model("arena", "NullWorld").objects
    for index, state in enumerate(("done", "claimed", "waiting")):
        worlds.create(
            experiment=runs["finished"], index=index, state=state, fence=index, asked_at=world.NOON
        )
    judgements = old.get_model("arena", "Judgement").objects
    judgements.create(
        experiment=runs["finished"],
        after_round=0,
        state="failed",
        reason="poison",
        asked_at=world.NOON,
    )
    judgements.create(
        experiment=runs["finished"], after_round=1, state="waiting", fence=1, asked_at=world.NOON
    )
    imports = {
        "sources": [],
        "timeframe_ms": DAY_MS,
        "start_ms": 0,
        "stop_ms": DAY_MS,
        "next_ms": 0,
        "created_at": world.NOON,
    }
    for state in ("running", "cancelled"):
        old.get_model("arena", "MarketImport").objects.create(
            owner=ada, name=state, state=state, fence=5, **imports
        )

    apps = newest()

    columns = ("kind", "experiment", "place", "state", "fence", "attempts", "reason")
    finished = runs["finished"].pk
    assert set(apps.get_model("arena", "Job").objects.values_list(*columns)) == {
        ("block", runs["running"].pk, 1, "waiting", 2, 1, "OSError: odd"),
        ("block", runs["running"].pk, 2, "waiting", 0, 0, ""),
        ("close", runs["pausing"].pk, 0, "waiting", 4, 2, ""),
        ("null", finished, 1, "waiting", 1, 0, ""),
        ("null", finished, 2, "waiting", 2, 0, ""),
        ("judgement", finished, 0, "waiting", 1, 0, ""),
        ("import", 0, 0, "waiting", 5, 0, ""),
    }
    assert set(apps.get_model("arena", "Job").objects.values_list("user", flat=True)) == {ada.pk}
    assert apps.get_model("arena", "Job").objects.get(kind="close").subject == closing.pk
    states = (
        apps.get_model("arena", "BlockRun").objects.order_by("pk").values_list("state", "fence")
    )
    assert list(states) == [
        ("done", 1),
        ("waiting", 2),
        ("waiting", 0),
        ("done", 1),
        ("waiting", 3),
        ("waiting", 3),
    ]
    assert set(apps.get_model("arena", "NullWorld").objects.values_list("state", flat=True)) == {
        "done",
        "waiting",
    }
    shares = apps.get_model("arena", "ExperimentShare").objects.values_list("user", "experiment")
    assert set(shares) == {
        (ada.pk, runs[state].pk) for state in ("running", "pausing", "finished")
    } | {(ada.pk, 0)}
