"""An agent's page tells its whole life; its network and market are those of the round asked for."""

import numpy as np
import orjson
import pytest
from django.urls import reverse

from agents.models import Agent
from arena.prices.store import bars_read
from ml.networks.registry import NETWORKS
from tests.arena import world
from tests.arena.runs import finished, finished_once, tiny

pytestmark = pytest.mark.django_db(transaction=True)
BARS = 48


@pytest.fixture
def run():
    return world.experiment(world.user())


@pytest.fixture
def browser(client, run):
    client.force_login(run.owner)
    return client


@pytest.fixture
def played(client):
    run = finished_once(tiny(population=6, rounds=3, round_bars=BARS))
    run.owner = world.user("eve")
    run.save()
    client.force_login(run.owner)
    return run


def page(browser, run, number, **query):
    return browser.get(reverse("agent_page", args=[run.uuid, number]), query)


def read(browser, name, run, number, **query):
    response = browser.get(reverse(name, args=[run.uuid, number]), query)
    return response.status_code, orjson.loads(response.content)


def test_the_page_tells_birth_kin_scars_and_trades(browser, run):
    context = page(browser, run, 2).context

    assert [relative["agent"].number for relative in context["children"]] == [5, 6, 7]
    assert context["parents"] == []
    assert context["death"] is None
    assert [scar["row"].round for scar in context["scars"]] == [2, 1, 0]
    assert context["scars"][0]["action"] == "BUY"
    assert [(trade["row"].round, trade["side"], trade["costs"]) for trade in context["trades"]] == [
        (2, "long", 2.0),
        (1, "long", 2.0),
        (0, "long", 2.0),
    ]
    assert [step["amount"] for step in context["waterfall"]["steps"]] == [
        36.0,
        -3.0,
        -1.5,
        -1.5,
        0.0,
        0.0,
    ]
    assert (context["waterfall"]["net"], context["waterfall"]["trades"]) == (30.0, 3)
    assert [trait["name"] for trait in context["traits"]][:2] == ["learning_rate", "gamma"]


def test_money_on_the_page_of_an_agent_can_be_read(browser, run):
    Agent.objects.filter(experiment=run, number=2).update(equity=2.31e-10, endowment=1_234_567.0)
    world.trade(run.agents.get(number=2), 0, 1, gross_profit=3e-9, net_profit=-1_500_000.0)

    shown = page(browser, run, 2).content.decode()

    for text in ("&lt; 0.000001", "1.235\u00a0million", "\u22121.5\u00a0million"):
        assert text in shown
    assert "e-" not in "".join(shown.partition('<dl class="facts">')[2].partition("</dl>")[0])


def test_the_page_of_a_dead_agent_tells_how_it_died(browser, run):
    context = page(browser, run, 1).context

    assert (context["death"]["round"], context["death"]["cause"]) == (0, "outcompeted")
    assert page(browser, run, 5).context["parents"][0]["url"] == reverse(
        "agent_page", args=[run.uuid, 2]
    )


def test_the_life_line_has_one_value_a_round_lived_and_none_that_is_not_finite(browser, run):
    life = orjson.loads(page(browser, run, 1).context["life_json"])

    assert life["rounds"] == [0]
    assert life["fitness"] == [None]
    rules = [values for by_name in life.pop("baselines").values() for values in by_name.values()]
    assert life.pop("endowment") == 10_000.0
    assert {len(values) for values in (*life.values(), *rules)} == {1}


def test_trades_come_in_pages(browser, run):
    agent = Agent.objects.get(experiment=run, number=3)
    for sequence in range(60):
        world.trade(agent, 0, sequence)

    second = page(browser, run, 3, page="2").context["trades"]

    assert (second.number, len(second.object_list)) == (2, 10)
    assert page(browser, run, 3, page="nonsense").status_code == 200


def test_an_intervention_is_on_the_page(browser, run):
    agent = Agent.objects.get(experiment=run, number=3)
    world.intervention(run, run.owner, agent)

    [intervention] = page(browser, run, 3).context["interventions"]

    assert (intervention["who"], intervention["field"], intervention["after"]) == (
        "ada",
        "learning_rate",
        "0.01",
    )


def test_the_network_shown_is_the_network_that_decided(client, played):
    status, network = read(client, "agent_network", played, 1, round=0)

    assert status == 200
    weights = [
        np.array(flat).reshape(i, o)
        for flat, i, o in zip(
            network["weights"], network["layers"], network["layers"][1:], strict=False
        )
    ]
    hidden = np.maximum(np.array(network["inputs"]) @ weights[0] + network["biases"][0], 0)
    assert network["layers"] == [24, 8, 3]
    assert len(network["input_names"]) == len(network["inputs"]) == 24
    assert np.allclose(hidden, network["activations"][1], atol=1e-4)
    assert np.allclose(hidden @ weights[1] + network["biases"][1], network["q"], atol=1e-4)
    assert network["action"] == int(np.argmax(network["q"]))
    assert network["private_inputs"] == "at rest"
    assert network["inputs"][20:23] == [0, 0, 0]


def test_the_bar_of_the_network_can_be_chosen_within_the_round(client, played):
    start, stop = read(client, "agent_network", played, 1, round=0)[1]["bar_range"]

    shown = [
        read(client, "agent_network", played, 1, round=0, bar=bar)[1]["bar"]
        for bar in (start + 3, 0, 10**9)
    ]

    assert shown == [start + 3, start, stop - 1]


def test_the_market_shows_the_window_with_what_the_agent_did_there(client, played):
    status, market = read(client, "agent_market", played, 2, round=1)

    agent = Agent.objects.get(experiment=played, number=2)
    assert status == 200
    lengths = {len(market[name]) for name in ("time", "open", "high", "low", "close", "actions")}
    assert lengths == {BARS}
    assert all(
        low <= close <= high
        for low, close, high in zip(market["low"], market["close"], market["high"], strict=True)
    )
    assert set(market["actions"]) <= {0, 1, 2, 3}
    assert len(market["trades"]) == agent.trades.filter(round=1).count()
    assert all(
        market["window"][0] <= trade["entry_bar"] < market["window"][1]
        for trade in market["trades"]
    )


@pytest.mark.parametrize("name", ["agent_network", "agent_market"])
def test_a_round_the_agent_did_not_play_is_refused_in_words(client, played, name):
    status, answer = read(client, name, played, 1, round=99)

    assert status == 409
    assert "99" in answer["error"]


@pytest.mark.parametrize("query", [{"round": "-1"}, {"round": "x"}, {"round": "1e3"}])
def test_a_round_that_is_no_number_is_refused(client, played, query):
    assert read(client, "agent_network", played, 1, **query)[0] == 400


def test_a_newborn_has_nothing_to_show_yet(browser, run):
    status, answer = read(browser, "agent_network", run, 7)

    assert status == 409
    assert "not finished a round" in answer["error"]


def test_the_made_up_network_kind_is_one_of_the_registry(client, played):
    assert read(client, "agent_network", played, 1)[1]["kind"] in NETWORKS


def test_the_canary_of_the_page_answers_in_words(client, played):
    page_url = page(client, played, 1).context["canary_url"]

    answer = client.get(page_url)

    assert answer.status_code == 200
    assert orjson.loads(answer.content)["text"].startswith(
        "Nobody looks ahead. Agent 1 played round "
    )


def test_the_canary_of_a_newborn_is_refused_in_words(browser, run):
    status, answer = read(browser, "agent_canary", run, 7)

    assert status == 409
    assert "not finished a round" in answer["error"]


def test_the_canary_of_an_experiment_is_on_its_page(client, played):
    context = client.get(reverse("experiment_live", args=[played.uuid])).context

    verdict = orjson.loads(client.get(context["canary_url"]).content)

    assert verdict["sound"]
    assert "All 6 agents" in verdict["text"]


@pytest.fixture
def side_by_side(client):
    """A run on three symbols, eve's."""
    run = finished(
        tiny(
            population=6,
            rounds=2,
            round_bars=BARS,
            market={"kind": "file", "paths": ["ibm_daily", "aapl_daily", "msft_daily"]},
        )
    )
    run.owner = world.user("eve")
    run.save()
    client.force_login(run.owner)
    return run


def test_what_an_agent_did_is_shown_by_symbol(client, side_by_side):
    number = (
        Agent.objects.filter(experiment=side_by_side, birth_round=0)
        .values_list("number", flat=True)
        .first()
    )
    bars = bars_read(side_by_side.market)

    for symbol, own in enumerate(bars):
        status, market = read(client, "agent_market", side_by_side, number, round=0, symbol=symbol)
        start, stop = market["window"]
        assert (status, market["symbol"]) == (200, symbol)
        assert market["close"] == own.close[start:stop].tolist()
        assert all(market["open"][trade["entry_bar"] - start] > 0 for trade in market["trades"])
        _, network = read(
            client, "agent_network", side_by_side, number, round=0, symbol=symbol, bar=start
        )
        assert (network["symbol"], network["bar"]) == (symbol, start)
    inputs = [
        read(client, "agent_network", side_by_side, number, round=0, symbol=symbol)[1]["inputs"]
        for symbol in range(3)
    ]
    assert inputs[0] != inputs[1] != inputs[2]
    assert read(client, "agent_market", side_by_side, number, symbol=3)[0] == 409
    assert read(client, "agent_market", side_by_side, number, symbol="x")[0] == 400


def test_trades_and_scars_name_their_symbol_where_there_are_several(browser, run):
    run.market.symbols = ["BTC", "ETH"]
    run.market.save()
    parent = Agent.objects.get(experiment=run, number=2)
    world.trade(parent, 2, sequence=1, symbol=1)

    answer = page(browser, run, 2)

    assert [trade["symbol"] for trade in answer.context["trades"]] == ["ETH", "BTC", "BTC", "BTC"]
    assert [scar["symbol"] for scar in answer.context["scars"]] == ["BTC"] * 3
    assert answer.content.decode().count("<td>BTC</td>") == 6
    assert "data-symbols" in answer.content.decode()


def test_a_market_of_one_symbol_has_no_switch_and_no_column_for_it(browser, run):
    text = page(browser, run, 2).content.decode()

    assert "data-symbols" not in text
    assert "Symbol</th>" not in text


def test_what_struck_one_symbol_is_not_shown_on_another(client, side_by_side):
    number = (
        Agent.objects.filter(experiment=side_by_side, birth_round=0)
        .values_list("number", flat=True)
        .first()
    )
    start = read(client, "agent_market", side_by_side, number, round=0)[1]["window"][0]
    side_by_side.market.events = [
        {"bar": start, "time": 0, "symbol": 1, "kind": "swan", "change": -0.2}
    ]
    side_by_side.market.save()

    struck = [
        read(client, "agent_market", side_by_side, number, round=0, symbol=symbol)[1]["events"]
        for symbol in range(3)
    ]

    assert [len(events) for events in struck] == [0, 1, 0]
