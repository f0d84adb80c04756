"""From a provider to a decision: the bars that closed since are fetched, checked and joined, and the agent decides as in a block."""

import numpy as np
import pytest
from django.urls import reverse

from agents.models import Agent
from arena import enqueue
from arena.engine.play import Desk, MarketView, records
from arena.engine.results import ACTIONS, AGENT
from arena.engine.windows import NONE
from arena.feeds.faults import Refused, TryAgain
from arena.market.snapshot import FRESH
from arena.services import alone, experiments, inspect, live
from arena.settings_schema import parse
from ml.networks.base import PRIVATE
from tests.arena import world
from tests.arena.feeds.loopback import text
from tests.arena.runs import TINY
from tests.arena.services.outside import DAY, HOUR, PRICES, START, FakeClock, begin, work

pytestmark = pytest.mark.django_db(transaction=True)
STORED = START + 60 * DAY
NOW = START + 62 * DAY + HOUR // 2


@pytest.fixture
def row(cmc):
    with enqueue.locally():
        return work(begin(world.user()), FakeClock(STORED))


@pytest.fixture
def agent(row):
    """The youngest living agent of an experiment that was played on the imported series."""
    settings = parse(
        TINY | {"population": 4, "rounds": 2, "market": {"kind": "file", "path": "bitcoin"}, "network": {"kind": "lstm", "hidden": [8]}}
    )
    experiment = experiments.experiment_create(owner=row.owner, name="on bitcoin", settings=settings, market=row.market)
    alone.experiment_run(experiment_uuid=experiment.uuid, tell=lambda text: None)
    for found in Agent.objects.filter(experiment=experiment, state="active").select_related("experiment__market").order_by("-number"):
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


def test_what_is_too_far_behind_or_cannot_be_had_is_said(row, cmc):
    with pytest.raises(Refused, match="too far behind to catch up in passing; bring it up to date first"):
        live.snapshot_take(row=row, now=(STORED + 150 * DAY) / 1000)
    cmc.say(text("oops", status=500))
    with pytest.raises(TryAgain):
        live.snapshot_take(row=row, now=NOW / 1000)


def test_an_agent_decides_now_as_in_a_block_over_the_same_bars(agent, row):
    told = live.agent_now(agent=agent, row=row, now=NOW / 1000)

    settings = parse(agent.experiment.settings)
    bars = live.snapshot_take(row=row, now=NOW / 1000).bars
    record, weights = inspect.agent_record(agent=agent)
    stop = len(bars)
    # one bar more than there is, or a block would not decide on the last one
    prices = MarketView.of(bars)
    longer = [np.append(each, each[-1]) for each in prices.bars]
    longer = MarketView(tuple(longer[:4]), longer[4], np.vstack([prices.features, prices.features[-1:]]))
    window = (stop - settings.round_bars, stop + 1)
    path = np.full(window[1] - window[0], NONE, np.uint8)
    memory = (np.zeros((300, PRIVATE), np.float32), np.zeros(300, np.int8), np.zeros(300, np.float32), np.zeros(300, np.int32))
    desk = Desk(settings, longer)
    desk.brain[0][:] = weights
    desk.compete(records(np.array([record], AGENT)), 0, window, memory, 0, desk.brain, path)
    assert told["action"] == ACTIONS[path[stop - 1 - window[0]]]
    assert told["bar_time"] == START + (62 * 24 - 1) * HOUR
    assert told["window"] == settings.round_bars - 1
    assert np.array_equal(np.array(told["q"], np.float32), desk.scratch[1])


def test_the_page_of_an_agent_asks_and_is_told(client, agent, row, cmc, monkeypatch):
    monkeypatch.setattr("arena.views.agents.time.time", lambda: NOW / 1000)
    client.force_login(row.owner)
    address = reverse("agent_now", args=[agent.experiment.uuid, agent.number])

    assert address in client.get(reverse("agent_page", args=[agent.experiment.uuid, agent.number])).content.decode()
    assert client.post(address).json()["action"] in ACTIONS
    cmc.say(text("oops", status=500))
    refused = client.post(address)

    assert refused.status_code == 409
    assert "HTTP 500" in refused.json()["error"]
