"""A database in which markets were shared by the hash of their bars: each goes to who brought it,
and what ran stays where it ran.
"""

import pytest

from arena.prices.market.bars import DAY_MS
from arena.prices.models import MarketData, StoredBars
from arena.services.audit.seals import _chain
from arena.services.records.seals import market_content
from arena.store.digests import content_sha256
from tests.arena import world
from tests.arena.schema import migrated, newest

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = [("arena", "0017_market_understood")]


@pytest.fixture
def old():
    """Models as they were; migrated forward again by the test, or at its end."""
    yield migrated(BEFORE)
    newest()


def test_each_has_a_market_of_their_own_and_what_ran_stays_on_the_old_one(old):
    ada, bob = (
        old.get_model("auth", "User").objects.create(username=name) for name in ("ada", "bob")
    )
    market = lambda place, source, **more: old.get_model("arena", "MarketData").objects.create(  # noqa: E731
        name=f"m{place}",
        source=source,
        sha256=f"{place:064x}",
        file="none",
        symbols=["x"],
        bars=9,
        **{
            "data_kind": "historical",
            "timeframe_ms": DAY_MS,
            "first_time": 0,
            "last_time": 9,
            "created_at": world.NOON,
        }
        | more,
    )
    hers, shared, poisoned = (
        market(1, "file a.csv"),
        market(2, "file secret.csv"),
        market(3, "file fake.csv"),
    )
    wave, series = (
        market(4, "simulator sine: seed 1", data_kind="simulated"),
        market(5, "built-in series ibm_daily"),
    )
    for row, owners in ((hers, [ada]), (shared, [ada, bob]), (poisoned, [bob]), (series, [bob])):
        for owner in owners:
            row.owners.add(owner)
    runs = {
        row.pk: run(old, owner, row, kind)
        for row, owner, kind in (
            (shared, bob, "file"),
            (poisoned, ada, "sine"),
            (wave, ada, "sine"),
        )
    }

    newest()

    rows = {
        (row.sha256[-1], row.owner and row.owner.username): row
        for row in MarketData.objects.select_related("owner")
    }
    assert set(rows) == {
        ("1", "ada"),
        ("2", None),
        ("2", "ada"),
        ("2", "bob"),
        ("3", None),
        ("3", "bob"),
        ("4", "ada"),
        ("5", None),
        ("5", "bob"),
    }
    assert (rows["2", "ada"].source, rows["2", "ada"].name) == ("file secret.csv", "m2")
    assert "secret" not in rows["2", "bob"].source + rows["2", "bob"].name + str(
        rows["2", "bob"].notes
    )
    for pk, experiment in runs.items():
        assert MarketData.objects.get(experiments=experiment.pk).pk == pk
    assert {row.sha256[-1] for row in StoredBars.objects.filter(simulated=True)} == {"3", "4"}
    assert {key for key, row in rows.items() if row.kind == "simulated"} == {
        ("3", None),
        ("3", "bob"),
        ("4", "ada"),
    }
    for row in rows.values():
        assert list(_chain(row)) == []
    assert rows["2", "bob"].seals.get().content_sha256 == content_sha256(
        market_content(market=rows["2", "bob"])
    )


def run(apps, owner, market, kind):
    fields = {
        "settings": {"market": {"kind": kind}},
        "seed": 1,
        "population": 2,
        "rounds_planned": 9,
        "created_at": world.NOON,
    }
    return apps.get_model("arena", "Experiment").objects.create(
        name="run", owner=owner, market=market, **fields
    )
