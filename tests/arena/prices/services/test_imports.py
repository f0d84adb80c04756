"""Imports against providers on loopback: whole or not at all, with every fault survived, failed
over, or said in a line.
"""

import numpy as np
import pytest
from django.db import connection

from arena.errors import WrongState
from arena.prices.market.calendar import gaps
from arena.prices.models import CandlePage, ImportState, MarketData, MarketImport, ProviderState
from arena.prices.services import importing, imports, pages
from arena.prices.services.imports import ImportRefused
from arena.prices.store import bars_read
from arena.services.running.turns import turns_lost
from arena.work.claims import StaleFence
from arena.work.kinds import IMPORT
from arena.work.models import Job
from arena.work.queue import locally
from tests.arena import world
from tests.arena.prices.providers.loopback import cut_off, data, hang_up, loopback, redirect, text
from tests.arena.prices.services.outside import (
    DAY,
    HOUR,
    NOW,
    PRICES,
    START,
    FakeClock,
    begin,
    calls,
    claimed,
    cmc_history,
    gecko_history,
    providers,
    work,
)
from tests.arena.turns import die, lose_lease, waiting

pytestmark = pytest.mark.django_db
BOTH = (("coinmarketcap", "1"), ("coingecko", "bitcoin"))
LATER = START + 180 * DAY


@pytest.fixture
def servers(settings):
    with loopback() as gecko, loopback() as cmc:
        settings.PROVIDERS = providers(gecko.url, cmc.url)
        cmc.say(cmc_history())
        gecko.say(gecko_history())
        yield gecko, cmc


@pytest.fixture
def cmc(servers):
    return servers[1]


@pytest.fixture
def gecko(servers):
    return servers[0]


@pytest.fixture
def clock():
    return FakeClock(LATER)


@pytest.fixture(autouse=True)
def without_broker():
    with locally():
        yield


def test_an_import_ends_in_a_market_with_its_source_and_the_date_of_its_retrieval(cmc, clock):
    row = work(begin(world.user()), clock)

    assert row.state == ImportState.DONE, row.reason
    market = row.market
    [bars] = bars_read(market)
    assert (len(bars), bars.timeframe_ms, int(bars.time[0])) == (60 * 24, HOUR, START)
    assert np.array_equal(bars.close, PRICES[: 60 * 24])
    assert market.data_kind == "historical"
    assert market.source == "CoinMarketCap 1, 1h"
    assert market.notes[0] == "Retrieved from CoinMarketCap 1, 2026-06-30 00:00 UTC."
    assert "Retrieved 2026-06-30 00:00 UTC." in market.provenance
    assert row.share == 1.0


def test_a_second_import_of_the_range_asks_nobody(cmc, clock):
    first = work(begin(world.user()), clock)
    asked = calls(cmc)

    second = work(begin(world.user("bob")), clock)

    assert calls(cmc) == asked > 1
    assert second.market.sha256 == first.market.sha256
    assert second.market.owner != first.market.owner


def test_each_page_is_committed_and_a_cancelled_import_goes_on_where_it_was(cmc, clock):
    row = begin(world.user())
    claim = claimed(row)
    importing.import_step(claim=claim, outside=clock.outside())
    row.refresh_from_db()
    assert 0 < row.share < 1
    assert CandlePage.objects.count() == 1

    imports.import_cancel(import_uuid=row.uuid)
    with pytest.raises(StaleFence):
        importing.import_step(claim=claim, outside=clock.outside())
    assert claimed(row) is None
    assert calls(cmc) == 1

    imports.import_resume(import_uuid=row.uuid)
    row = work(row, clock)
    assert row.state == ImportState.DONE
    assert len({query["time_start"][0] for _, query, _ in cmc.asked}) == calls(cmc)


def test_what_cannot_be_cancelled_or_resumed_says_why(cmc, clock):
    row = work(begin(world.user()), clock)

    with pytest.raises(WrongState, match="is imported and cannot be cancelled"):
        imports.import_cancel(import_uuid=row.uuid)
    with pytest.raises(WrongState, match="is imported and cannot be resumed"):
        imports.import_resume(import_uuid=row.uuid)


def test_a_worker_that_lost_its_claim_writes_nothing(cmc, clock):
    row = begin(world.user())
    old = claimed(row)
    assert claimed(row) is None
    lose_lease()
    turns_lost()
    new = claimed(row)

    with pytest.raises(StaleFence):
        importing.import_step(claim=old, outside=clock.outside())

    assert new.fence == old.fence + 1
    assert CandlePage.objects.count() == 0


def test_a_slice_is_handed_back_and_has_its_next_turn(cmc, clock):
    row = begin(world.user())

    importing.import_run(claimed(row), outside=clock.outside(), slice_seconds=-1)

    assert waiting() == [IMPORT]
    assert claimed(row) is not None


WAITS = [
    (data({}, status=429, Retry_After="2"), [2.0]),
    (data({"status": {"error_code": 1008, "error_message": "slow"}}, Retry_After="3"), [3.0]),
]


@pytest.mark.parametrize(("said", "naps"), WAITS)
def test_no_request_is_made_before_a_wait_that_was_asked_for_is_over(cmc, clock, said, naps):
    cmc.say(said, cmc_history())

    row = work(begin(world.user()), clock)

    assert row.state == ImportState.DONE
    assert [nap for nap in clock.naps if nap][: len(naps)] == pytest.approx(naps)


def test_while_one_import_has_to_wait_no_other_asks_either(cmc, clock):
    cmc.say(data({}, status=429, Retry_After="90"), cmc_history())
    first, second = begin(world.user()), begin(world.user("bob"), days=90)

    for row in (first, second):
        importing.import_run(claimed(row), outside=clock.outside())

    assert calls(cmc) == 1
    second.refresh_from_db()
    assert Job.objects.get(subject=second.pk).not_before is not None and claimed(second) is None
    assert second.reason == "CoinMarketCap 1: it told us to wait"
    assert work(second, clock).state == ImportState.DONE


@pytest.mark.parametrize(
    "said",
    [
        text("oops", status=500),
        text("<html>", kind="text/html"),
        cut_off("{"),
        hang_up(),
        text("{}", kind=""),
        data({}, status=503),
    ],
)
def test_a_fault_that_passes_is_asked_again_with_growing_pauses(cmc, clock, said):
    cmc.say(said, said, said, cmc_history())

    row = work(begin(world.user()), clock)

    assert row.state == ImportState.DONE
    pauses = [nap for nap in clock.naps if nap]
    assert len(pauses) == 3
    assert all(0.1 * 2**k <= nap <= 2**k for k, nap in enumerate(pauses))
    assert ProviderState.objects.get(name="coinmarketcap").failures == 0


BAD = {
    "string": {"close": "100"},
    "nan": {"close": float("nan")},
    "missing": {"close": None},
    "impossible": {"high": 1.0},
    "negative": {"volume": -1.0},
}


def spoiled(change):
    def spoil(answer):
        answer["data"]["quotes"][7]["quote"]["USD"] |= change
        return answer

    return cmc_history(spoil)


@pytest.mark.parametrize("kind", sorted(BAD))
def test_bad_candles_are_stored_nowhere_and_the_next_source_is_taken(servers, clock, kind):
    gecko, cmc = servers
    cmc.say(spoiled(BAD[kind]))

    row = work(begin(world.user(), sources=BOTH), clock)

    assert row.state == ImportState.DONE, row.reason
    assert row.market.source == "CoinGecko bitcoin, 1h"
    assert not CandlePage.objects.filter(provider="coinmarketcap").exists()
    assert len(row.tried) == 1
    assert row.tried[0].startswith("CoinMarketCap 1: ")
    assert any(note.startswith("Tried before: CoinMarketCap 1") for note in row.market.notes)
    assert np.array_equal(bars_read(row.market)[0].close, PRICES[: 60 * 24])


REFUSALS = {
    "redirect": redirect("https://example.com/"),
    "private redirect": redirect("http://169.254.169.254/latest/"),
    "error inside 200": data(
        {"status": {"error_code": 1010, "error_message": "month spent"}, "data": {"quotes": []}}
    ),
    "no key": data({"status": {"error_code": 1001, "error_message": "bad key"}}, status=401),
    "other schema": data({"status": {"error_code": 0}, "data": []}),
    "two candles of one time": cmc_history(
        lambda answer: answer | {"data": {"quotes": [answer["data"]["quotes"][0], *twice(answer)]}}
    ),
    "long wait": data({"status": {"error_code": 1009, "error_message": "day spent"}}, status=429),
}


def twice(answer):
    first = answer["data"]["quotes"][0]
    return [first | {"quote": {"USD": first["quote"]["USD"] | {"volume": 99.0}}}]


@pytest.mark.parametrize("kind", sorted(REFUSALS))
def test_what_waiting_would_not_mend_leads_to_the_next_source_at_once(servers, clock, kind):
    gecko, cmc = servers
    cmc.say(REFUSALS[kind])

    row = work(begin(world.user(), sources=BOTH), clock)

    assert row.state == ImportState.DONE, row.reason
    assert calls(cmc) == 1
    assert row.market.source.startswith("CoinGecko")


def test_without_another_source_the_import_fails_with_the_reason_and_stores_no_market(cmc, clock):
    cmc.say(spoiled(BAD["nan"]))

    row = work(begin(world.user()), clock)

    assert row.state == ImportState.FAILED
    # Python writes NaN where JSON has none
    assert row.reason.startswith(
        "CoinMarketCap 1: 127.0.0.1 answered with JSON that cannot be read"
    )
    assert MarketData.objects.count() == 0


def test_after_a_failure_a_resumed_import_starts_with_its_first_source(servers, clock):
    gecko, cmc = servers
    for server in servers:
        server.say(data({}, status=403))
    row = work(begin(world.user(), sources=BOTH), clock)
    assert row.state == ImportState.FAILED
    assert len(row.tried) == 2
    cmc.say(cmc_history())

    imports.import_resume(import_uuid=row.uuid)
    row = work(row, clock)

    assert row.market.source.startswith("CoinMarketCap")
    assert row.tried == []


def test_the_breaker_opens_sends_others_elsewhere_lets_one_try_and_closes(servers, clock):
    gecko, cmc = servers
    cmc.say(text("oops", status=500))
    first = work(begin(world.user(), sources=BOTH), clock)
    assert first.market.source.startswith("CoinGecko")
    assert calls(cmc) == 5
    state = ProviderState.objects.get(name="coinmarketcap")
    assert state.opened_at is not None
    assert "HTTP 500" in state.fault

    second = work(begin(world.user("bob"), sources=BOTH, days=70), clock)
    assert calls(cmc) == 5
    assert "left alone" in second.tried[0]

    cmc.say(cmc_history())
    clock.now += 61
    third = work(begin(world.user("eve"), sources=BOTH, days=80), clock)
    assert third.market.source.startswith("CoinMarketCap")
    assert ProviderState.objects.get(name="coinmarketcap").opened_at is None


def test_calls_keep_to_half_the_plan(servers, clock, settings):
    gecko, cmc = servers
    settings.PROVIDERS = providers(gecko.url, cmc.url, calls=60.0)
    began = clock.now

    row = work(begin(world.user(), days=170), clock)

    assert row.state == ImportState.DONE
    assert calls(cmc) >= 8
    assert calls(cmc) <= 1 + 60 * 0.5 / 60 * (clock.now - began) + 5


def test_missing_candles_are_listed_and_the_unfinished_one_is_left_out(cmc):
    def thinned(answer):
        # another hour every day: one that is never there is an hour at which the market is closed
        answer["data"]["quotes"] = [
            each
            for each in answer["data"]["quotes"]
            if not lost(np.datetime64(each["time_open"][:-1]))
        ]
        return answer

    def lost(opens):
        day = opens.astype("datetime64[D]")
        return (opens - day) // np.timedelta64(1, "h") == day.astype(int) % 23

    cmc.say(cmc_history(thinned))
    clock = FakeClock(NOW + 30 * 60_000)

    row = work(begin(world.user(), stop_ms=NOW + 30 * 60_000, now_ms=NOW + 30 * 60_000), clock)

    [bars] = bars_read(row.market)
    assert len(gaps(bars)) == 30
    assert int(bars.time[-1]) == NOW - HOUR
    assert any("30 gaps, 30 bars missing" in note for note in row.market.notes)


@pytest.mark.parametrize("ahead_hours", [-3, 3])
def test_a_clock_that_goes_wrong_lets_no_unfinished_candle_through(cmc, ahead_hours):
    """Ours is off; the provider's Date header says what time it is."""
    server_now = NOW + 30 * 60_000
    stamp = (
        np.datetime64(server_now, "ms")
        .astype("datetime64[s]")
        .item()
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
    )

    def said(to):
        to.date_time_string = lambda *_: stamp
        cmc_history(
            lambda answer: (
                answer
                | {
                    "data": {
                        "quotes": [
                            q
                            for q in answer["data"]["quotes"]
                            if q["time_open"] <= f"{np.datetime64(server_now, 'ms')}Z"
                        ]
                    }
                }
            )
        )(to)

    cmc.say(said)
    ours = server_now + ahead_hours * HOUR

    row = work(begin(world.user(), stop_ms=ours, now_ms=ours), FakeClock(ours))

    assert row.state == ImportState.DONE, row.reason
    assert int(bars_read(row.market)[0].time[-1]) + HOUR <= min(ours, server_now)


def test_a_jump_of_more_than_tenfold_is_refused(cmc, clock):
    def jumping(answer):
        for each in answer["data"]["quotes"][100:]:
            each["quote"]["USD"] = {
                name: value * (1000 if name != "volume" else 1)
                for name, value in each["quote"]["USD"].items()
            }
        return answer

    cmc.say(cmc_history(jumping))

    row = work(begin(world.user(), days=20), clock)

    assert row.state == ImportState.FAILED
    assert "more than 10-fold within a bar" in row.reason


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"stop_ms": START + HOUR}, "no time for two bars"),
        ({"start_ms": LATER + DAY, "stop_ms": LATER + 9 * DAY}, "no time for two bars"),
        ({"timeframe_ms": 60_000, "start_ms": 0}, "more than 3,000,000"),
        ({"sources": ()}, "one to 3 sources"),
        ({"sources": (("quandl", "x"),)}, "no provider 'quandl'"),
        ({"sources": (("coinmarketcap", "BTC"),)}, "by number"),
        ({"sources": (("coinmarketcap", "1"),), "timeframe_ms": 60_000}, "no 1m candles"),
        ({"sources": (("coingecko", "x" * 90),)}, "correct the instrument|at most 80"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_stored_or_sent(servers, fields, words):
    with pytest.raises(ImportRefused, match=words):
        begin(world.user(), **fields)

    assert MarketImport.objects.count() == 0
    assert all(calls(server) == 0 for server in servers)


def test_the_reaper_gives_up_an_import_whose_workers_die(cmc, clock):
    row = begin(world.user())
    for _ in range(3):
        assert claimed(row)
        die()
        turns_lost()

    row.refresh_from_db()
    assert row.state == ImportState.FAILED
    assert row.reason == "gave up after 3 attempts: its worker died each time"


def test_old_pages_are_forgotten(cmc, clock):
    work(begin(world.user()), clock)

    assert pages.pages_forget(now_ms=LATER + 61 * DAY) > 0
    assert CandlePage.objects.count() == 0


def test_no_key_is_kept_in_any_row(servers, clock, settings):
    gecko, cmc = servers
    settings.PROVIDERS = {
        name: access | {"key": "canary-secret"} for name, access in settings.PROVIDERS.items()
    }
    cmc.say(data({"status": {"error_code": 1001, "error_message": "bad key"}}, status=401))
    work(begin(world.user(), sources=BOTH), clock)

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            assert "canary-secret" not in str(cursor.fetchall()), table
