"""Judgements that were made or waited for are carried over, gaps are counted anew."""

import pytest

from arena.prices.market.bars import DAY_MS
from arena.prices.services.markets import market_store
from tests.arena import world
from tests.arena.prices.market.test_calendar import forex, series
from tests.arena.schema import migrated, newest

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, AFTER = [("arena", "0011_economy")], [("arena", "0014_gaps_counted_in_open_hours")]


@pytest.fixture
def old():
    """Models as they were; migrated forward again by the test, or at its end."""
    yield migrated(BEFORE)
    newest()


def experiment(apps, market, state, rounds, **fields):
    row = {
        "market": market,
        "settings": {},
        "seed": 1,
        "population": 2,
        "rounds_planned": 9,
        "created_at": world.NOON,
    }
    made = apps.get_model("arena", "Experiment").objects.create(
        name=state, state=state, rounds_done=rounds, finished_at=world.NOON, **row
    )
    columns = {"experiment": made, "index": rounds, "plan": {}, "opened_at": world.NOON}
    apps.get_model("arena", "Round").objects.create(**columns, **fields)
    return made


def test_what_was_judged_stays_judged_and_what_waits_goes_on_waiting(old):
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
    judged = experiment(old, market, "finished", 3)
    old.get_model("arena", "Evaluation").objects.create(
        experiment=judged, subject="cash", stretch="lived", figures={}, after_round=2, at=world.NOON
    )
    waits = experiment(old, market, "stopped", 2)
    failed = experiment(old, market, "stopped", 4, attempts=3, reason="ValueError: shapes")
    for state, rounds in (("stopped", 0), ("running", 5)):
        experiment(old, market, state, rounds)

    rows = {
        row.experiment_id: row
        for row in migrated(AFTER).get_model("arena", "Judgement").objects.all()
    }

    assert set(rows) == {judged.pk, waits.pk, failed.pk}
    assert (rows[judged.pk].state, rows[judged.pk].after_round, rows[judged.pk].rules_version) == (
        "done",
        2,
        1,
    )
    assert (rows[waits.pk].state, rows[waits.pk].after_round, rows[waits.pk].attempts) == (
        "waiting",
        1,
        0,
    )
    assert (rows[failed.pk].state, rows[failed.pk].reason) == (
        "failed",
        "it was tried 3 times, last with ValueError: shapes",
    )


def test_nights_and_weekends_that_were_counted_are_gaps_no_more():
    bars = series(forex())
    row = market_store(bars=[bars], name="fx", data_kind="historical", source="test")
    notes = [
        "Bars of 1 hour.",
        "59 gaps, 2,832 bars missing, the longest 48 between one and another; not filled.",
        "Caution: odd.",
    ]
    type(row).objects.filter(pk=row.pk).update(gap_count=59, missing_bars=2832, notes=notes)
    migrated([("arena", "0013_judgements_carried_over")])

    newest()

    row.refresh_from_db()
    assert (row.gap_count, row.missing_bars) == (0, 0)
    hours = (
        "The market is open 120 of 168 hours a week: hours at which it is closed are not counted as"
        " gaps, holidays are."
    )
    assert row.notes == ["Bars of 1 hour.", "Caution: odd.", hours]
