"""From gross to net: every row and column sums exactly to what stands at its end, and the ends are
what the trades say.
"""

from decimal import Decimal
from math import fsum

import pytest
from django.db.models import Sum

from agents.models import Agent, Trade
from arena.selectors.agents import waterfall
from arena.selectors.agents.waterfall import agent_waterfall, experiment_waterfalls
from arena.services.rounds.summing import summaries_make
from tests.arena import world
from tests.arena.runs import basket, finished, once, tiny

pytestmark = pytest.mark.django_db(transaction=True)
HIGH = {"impact": 0.02, "funding": 0.0001, "borrow": 0.0001}


@pytest.fixture(params=[1, 3], ids=["one symbol", "three symbols"])
def run(request):
    settings = tiny(costs=HIGH, life={"direction": "long_short", "max_leverage": 3.0}, rounds=3)
    name = "waterfall", request.param
    return once(name, lambda: finished(settings, basket(request.param)))


def waterfalls(run):
    """Of a run whose rounds no close has summed up."""
    summaries_make(experiment_id=run.pk)
    return experiment_waterfalls(experiment=run)


def exact(amount):
    """The decimal number that is shown."""
    return Decimal(str(amount))


def sums(sheet):
    return sum(exact(step["amount"]) for step in sheet["steps"])


def test_the_steps_of_every_agent_sum_exactly_to_its_net_profit(run):
    traded = 0
    for agent in Agent.objects.filter(experiment=run):
        sheet = agent_waterfall(agent=agent)

        assert sums(sheet) == exact(sheet["net"])
        assert sheet["trades"] == agent.trade_count
        assert sheet["net"] == pytest.approx(
            fsum(agent.trades.values_list("net_profit", flat=True)), abs=0.04
        )
        traded += bool(sheet["trades"])
    assert traded > 10


def test_lines_sum_to_the_whole_step_by_step_and_the_whole_to_the_trades(run, monkeypatch):
    monkeypatch.setattr(waterfall, "MOST_LINES", 3)

    found = experiment_waterfalls(experiment=run)

    rows = [*found["lines"], found["others"]]
    assert len(found["lines"]) == 3 and found["others"]["lines"] > 3
    for k, step in enumerate(found["total"]["steps"]):
        assert sum(exact(row["steps"][k]["amount"]) for row in rows) == exact(step["amount"])
    for sheet in (found["total"], *rows):
        assert sums(sheet) == exact(sheet["net"])
    assert sum(row["trades"] for row in rows) == found["total"]["trades"] == Trade.objects.count()
    assert found["total"]["net"] == pytest.approx(
        Trade.objects.aggregate(n=Sum("net_profit"))["n"], abs=1
    )
    assert {
        step["name"]: step["amount"] < 0 for step in found["total"]["steps"][1:]
    } == dict.fromkeys(found["steps"][1:], True)


def test_a_line_is_a_founder_with_all_its_descendants(run):
    found = experiment_waterfalls(experiment=run)

    for line in found["lines"]:
        trades = Trade.objects.filter(agent__experiment=run, agent__founder=line["founder"])
        assert (line["trades"], line["agents"]) == (
            trades.count(),
            trades.values("agent").distinct().count(),
        )
        assert line["net"] == pytest.approx(trades.aggregate(n=Sum("net_profit"))["n"], abs=0.04)
    gross = [abs(line["steps"][0]["amount"]) for line in found["lines"]]
    assert gross == sorted(gross, reverse=True)


def test_an_earlier_round_knows_nothing_of_later_trades(run):
    found = experiment_waterfalls(experiment=run, as_of_round=0)

    assert found["total"]["trades"] == Trade.objects.filter(round=0).count() < Trade.objects.count()


def test_trades_of_a_round_that_is_not_closed_do_not_count_yet():
    made = world.experiment(world.user(), rounds=3)
    world.trade(Agent.objects.get(number=2), 3)

    assert waterfalls(made)["total"]["trades"] == 3


def test_agents_that_have_not_traded_have_earned_and_paid_nothing():
    made = world.experiment(world.user(), rounds=0)

    assert agent_waterfall(agent=Agent.objects.first())["net"] == 0
    found = waterfalls(made)
    assert (found["total"]["trades"], found["lines"], found["others"]) == (0, [], None)


def test_a_small_endowment_is_shown_more_finely():
    made = world.experiment(world.user(), rounds=1)
    made.settings["life"]["endowment"] = 1.0
    agent = Agent.objects.get(number=2)
    agent.experiment = made
    world.trade(agent, 0, 1, fee=0.12344)

    assert agent_waterfall(agent=agent)["steps"][1]["amount"] == -1.1234


def test_what_rounds_to_nothing_and_is_not_is_shown_as_it_is():
    made = world.experiment(world.user(), rounds=1)
    for agent in made.agents.filter(number__in=(1, 3)):
        world.trade(agent, 0, gross_profit=2.31e-10, fee=1e-12, spread_cost=0.0, slippage_cost=0.0)

    found = waterfalls(made)

    poor = next(line for line in found["lines"] if line["founder"] == 3)
    assert [step["amount"] for step in poor["steps"]] == pytest.approx(
        [2.31e-10, -1e-12, 0, 0, 0, 0], abs=1e-20
    )
    assert poor["net"] == pytest.approx(2.3e-10)
    assert found["total"]["net"] == 10.0
