"""From a provider to a decision: the bars that closed since are fetched, checked and joined, and
the agent decides as in a block.
"""

import numpy as np
import pytest
from django.urls import reverse

from agents.models import Agent
from arena.engine.decide import StaleMarket
from arena.engine.play import Desk, memory_of, records
from arena.engine.results import ACTIONS, AGENT
from arena.engine.trading.windows import NONE
from arena.prices.market.bars import COLUMNS, Bars
from arena.prices.market.snapshot import FRESH, STALE
from arena.prices.market.view import MarketView
from arena.prices.providers.faults import Refused
from arena.prices.selectors.markets import feeds_of
from arena.prices.services.baskets import basket_look, basket_store
from arena.selectors.agents import inspect
from arena.services.desk import live
from arena.services.experiments import lifecycle
from arena.services.headless import runner
from arena.settings_schema import parse
from arena.work.queue import locally
from tests.arena import world
from tests.arena.prices.providers.loopback import text
from tests.arena.prices.services.outside import (
    DAY,
    HOUR,
    PRICES,
    START,
    FakeClock,
    begin,
    cmc_history,
    work,
)
from tests.arena.runs import TINY

pytestmark = pytest.mark.django_db(transaction=True)
STORED = START + 60 * DAY
NOW = START + 62 * DAY + HOUR // 2


@pytest.fixture
def row(cmc):
    with locally():
        return work(begin(world.user()), FakeClock(STORED))


@pytest.fixture
def agent(row):
    return youngest(row.market, row.owner)


def youngest(market, owner):
    """The youngest living agent of an experiment that was played on a market."""
    settings = parse(
        TINY
        | {
            "population": 4,
            "rounds": 2,
            "market": {"kind": "file", "path": "bitcoin"},
            "network": {"kind": "lstm", "hidden": [8]},
        }
    )
    experiment = lifecycle.experiment_create(
        owner=owner, name="on bitcoin", settings=settings, market=market
    )
    runner.experiment_run(experiment_uuid=experiment.uuid, tell=lambda text: None)
    for found in (
        Agent.objects.filter(experiment=experiment, state="active")
        .select_related("experiment__market")
        .order_by("-number")
    ):
        try:
            inspect.rounds_lived(agent=found)
        except inspect.NotKept:
            continue
        return found
    raise AssertionError("nobody lives")


def test_a_snapshot_is_the_stored_bars_and_those_closed_since(row):
    snapshot = live.snapshot_take(row=row, now=NOW / 1000)

    assert np.array_equal(snapshot.bars.close, PRICES[: 62 * 24])
    assert snapshot.source == "CoinMarketCap 1"
    assert snapshot.freshness(NOW) == FRESH


def test_what_is_too_far_behind_is_said(row):
    with pytest.raises(
        Refused, match="too far behind to catch up in passing; bring it up to date first"
    ):
        live.snapshot_take(row=row, now=(STORED + 150 * DAY) / 1000)


def test_where_the_source_is_silent_a_snapshot_ends_with_what_is_known(row, cmc):
    cmc.say(text("oops", status=500))

    snapshot = live.snapshot_take(row=row, now=(STORED + HOUR) / 1000)

    assert np.array_equal(snapshot.bars.close, PRICES[: 60 * 24])
    assert "HTTP 500" in snapshot.trouble


def test_a_feed_that_stops_is_first_old_then_paused_and_goes_on_by_itself(agent, row, cmc):
    def now(ms):
        return live.agent_now(agent=agent, feeds=[row], now=ms / 1000)

    assert now(STORED + 2 * HOUR)["freshness"] == "fresh"
    cmc.say(text("oops", status=500))

    old = now(STORED + 4 * HOUR)
    assert (old["freshness"], old["bar_time"]) == ("aging", STORED - HOUR)
    assert "HTTP 500" in old["trouble"]
    with pytest.raises(StaleMarket, match=r"has no bar since .* UTC, 6 bars ago \(.*HTTP 500"):
        now(STORED + 6 * HOUR)

    cmc.say(cmc_history())
    again = now(STORED + 7 * HOUR)
    assert (again["freshness"], again["bar_time"], again["trouble"]) == (
        "fresh",
        STORED + 6 * HOUR,
        "",
    )


def played_in_a_block(agent, series):
    """What a block over the same bars makes the agent do at the last one: (an action a symbol,
    their values float32 [S, 3]).
    """
    settings = parse(agent.experiment.settings)
    record, weights = inspect.agent_record(agent=agent)
    stop, symbols = len(series[0]), len(series)
    # one bar more than there is, or a block would not decide on the last one
    longer = MarketView.of([with_one_more(bars) for bars in series])
    window = (stop - settings.round_bars, stop + 1)
    path = np.full((symbols, window[1] - window[0]), NONE, np.uint8)
    desk = Desk(settings, longer)
    desk.compete(
        records(np.array([record], AGENT)), 0, window, memory_of(symbols, 300), 0, weights, path
    )
    return [ACTIONS[action] for action in path[:, stop - 1 - window[0]]], desk.mind.q


def with_one_more(bars):
    columns = {name: np.append(getattr(bars, name), getattr(bars, name)[-1:]) for name in COLUMNS}
    columns["time"][-1] += bars.timeframe_ms
    return Bars(**columns, timeframe_ms=bars.timeframe_ms)


def test_an_agent_decides_now_as_in_a_block_over_the_same_bars(agent, row):
    decided = live.agent_now(agent=agent, feeds=[row], now=NOW / 1000)

    actions, values = played_in_a_block(agent, [live.snapshot_take(row=row, now=NOW / 1000).bars])
    assert [(each["symbol"], each["action"]) for each in decided["decisions"]] == [
        (row.market.symbols[0], actions[0])
    ]
    assert np.array_equal(np.array(decided["decisions"][0]["q"], np.float32), values[0])
    assert decided["bar_time"] == START + (62 * 24 - 1) * HOUR
    assert decided["window"] == parse(agent.experiment.settings).round_bars - 1


@pytest.fixture
def pair(row):
    """Two imported series in the order that they were not stored in, and their basket."""
    with locally():
        other = work(
            begin(row.owner, sources=(("coinmarketcap", "2"),), name="ether"), FakeClock(STORED)
        )
    feeds = [other, row]
    return feeds, basket_store(
        basket=basket_look(parts=[feed.market for feed in feeds]), owner=row.owner
    )


def test_an_agent_of_a_basket_is_seated_on_all_of_its_series(pair, client):
    feeds, basket = pair
    agent = youngest(basket, feeds[0].owner)

    assert feeds_of(market=basket, user=basket.owner) == feeds
    decided = live.agent_now(agent=agent, feeds=feeds, now=NOW / 1000)

    actions, values = played_in_a_block(
        agent, [live.snapshot_take(row=feed, now=NOW / 1000).bars for feed in feeds]
    )
    assert [(each["symbol"], each["action"]) for each in decided["decisions"]] == list(
        zip(basket.symbols, actions, strict=True)
    )
    assert np.array_equal(
        np.array([each["q"] for each in decided["decisions"]], np.float32), values
    )
    assert decided["sources"] == ["CoinMarketCap 2", "CoinMarketCap 1"]
    client.force_login(feeds[0].owner)
    assert (
        "What would it do now?"
        in client.get(
            reverse("agent_page", args=[agent.experiment.uuid, agent.number])
        ).content.decode()
    )


def test_a_basket_stands_still_where_one_of_its_feeds_does_and_names_it(pair, cmc):
    feeds, basket = pair
    agent = youngest(basket, feeds[0].owner)

    def only_bitcoin(to):
        (text("oops", status=500) if "id=2" in to.path else cmc_history())(to)

    cmc.say(only_bitcoin)

    old = live.agent_now(agent=agent, feeds=feeds, now=(STORED + 3 * HOUR) / 1000)
    assert (old["bar_time"], old["freshness"]) == (STORED - HOUR, "aging")
    with pytest.raises(StaleMarket, match="CoinMarketCap 2 ether has no bar since"):
        live.agent_now(agent=agent, feeds=feeds, now=(STORED + 6 * HOUR) / 1000)


def test_the_page_of_an_agent_asks_and_is_answered(client, agent, row, cmc, monkeypatch):
    monkeypatch.setattr("arena.views.agents.time.time", lambda: NOW / 1000)
    client.force_login(row.owner)
    address = reverse("agent_now", args=[agent.experiment.uuid, agent.number])

    assert (
        address
        in client.get(
            reverse("agent_page", args=[agent.experiment.uuid, agent.number])
        ).content.decode()
    )
    champion = client.get(
        reverse("experiment_champion", args=[agent.experiment.uuid])
    ).content.decode()
    assert f'data-fresh="{STALE}"' in champion
    assert client.post(address).json()["decisions"][0]["action"] in ACTIONS
    cmc.say(text("oops", status=500))
    refused = client.post(address)

    assert refused.status_code == 409
    assert "HTTP 500" in refused.json()["error"]
    assert refused.json()["freshness"] == "stale"
