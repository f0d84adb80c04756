"""A snapshot is the experiment as of a round, and a round's delta leads from one snapshot to the
next.
"""

import orjson
import pytest

from agents.models import Agent
from arena.models import Experiment, Round
from arena.selectors.pages.snapshot import (
    intervention_delta,
    round_delta,
    snapshot,
    snapshot_message,
)
from arena.services.rounds.summing import summaries_make
from arena.wire import messages
from tests.arena import world
from tests.effort import calls

pytestmark = pytest.mark.django_db
QUERIES = 11


def plain(data):
    return orjson.loads(orjson.dumps(data, option=orjson.OPT_SERIALIZE_NUMPY))


@pytest.fixture
def run():
    return world.experiment(world.user())


@pytest.fixture
def summed(run):
    summaries_make(experiment_id=run.pk)
    return run


def delta(run, index=2):
    """Of a round that is summed up."""
    summaries_make(experiment_id=run.pk)
    return round_delta(experiment=run, index=index)


def test_every_list_of_the_curves_has_one_entry_a_closed_round(run):
    curves = plain(snapshot(experiment=run))["curves"]

    assert curves["rounds"] == [0, 1, 2]
    lists = [
        curves["reused"],
        curves["alive"],
        *(row for rows in curves["baselines"].values() for row in rows.values()),
        *curves["events"].values(),
    ]
    lists += [values for measure in curves["measures"].values() for values in measure.values()]
    assert {len(values) for values in lists} == {3}
    assert curves["measures"]["return"]["mean"] == [0.0, 0.01, 0.02]
    assert curves["measures"]["loss"]["mean"] == [None, None, None]
    assert curves["events"]["deaths"] == [1, 1, 1]
    assert curves["alive"] == [4, 4, 4]


def test_the_money_of_the_house_stands_with_every_round(run):
    money = plain(snapshot(experiment=run))["curves"]["money"]

    # 40,000 live on, beside a treasury that grows by 100 a round while 500 are put in
    assert money["profit"] == [0.0, -400.0, -800.0]
    assert money["money_put_in"] == [40_000.0, 40_500.0, 41_000.0]
    assert money["put_in"] == [0.0, 500.0, 500.0]
    assert plain(delta(run))["curves"]["money"]["profit"] == [-800.0]


def test_books_of_older_rules_say_nothing_of_what_newcomers_got(run):
    books = {"total_equity": 1.0, "treasury": 2.0, "money_put_in": 4.0}
    Round.objects.filter(experiment=run, index=1).update(ledger=books)

    money = plain(snapshot(experiment=run))["curves"]["money"]

    assert (money["put_in"], money["profit"]) == ([0.0, None, 500.0], [0.0, -1.0, -800.0])


def test_the_header_says_from_which_round_on_bars_are_used_again(run):
    assert snapshot(experiment=run)["experiment"]["reuse"] == ""

    Experiment.objects.filter(pk=run.pk).update(rounds_planned=100)
    again = Experiment.objects.select_related("market").get(pk=run.pk)

    for data in (snapshot(experiment=again), delta(again)):
        assert data["experiment"]["reuse"].startswith(
            "1,000 bars hold 14 fresh rounds of 32: rounds 14 to 99 run on bars used before"
        )


def test_the_heatmap_shows_who_held_each_place_and_nothing_where_there_is_no_number(run):
    heatmap = plain(snapshot(experiment=run))["heatmap"]

    assert heatmap["rounds"] == [0, 1, 2]
    assert heatmap["agent"] == [[1, 2, 3, 4], [5, 2, 3, 4], [6, 2, 3, 4]]
    assert heatmap["fitness"][0][0] is None
    assert heatmap["fitness"][2][1] == pytest.approx(2.02)
    assert heatmap["scars"][1] == [0, 2, 0, 0]


def test_agents_are_columns_of_equal_length_with_their_parents(run):
    agents = plain(snapshot(experiment=run))["agents"]

    assert agents["number"] == [1, 2, 3, 4, 5, 6, 7]
    assert {len(column) for column in agents.values()} == {7}
    assert agents["parents"] == [[], [], [], [], [2], [2], [2]]
    assert agents["death_round"] == [0, None, None, None, 1, 2, None]


def test_the_feed_is_newest_first_and_tells_births_deaths_and_scars(run):
    feed = snapshot(experiment=run)["feed"]

    assert [event["round"] for event in feed] == [2, 2, 2, 1, 1, 1, 0, 0, 0]
    assert [event["kind"] for event in feed[:3]] == ["birth", "death", "scar"]
    assert feed[0]["text"] == "agent 7 was born to 2, generation 1"
    assert feed[1]["text"] == "agent 6 died: outcompeted"


def test_the_snapshot_of_the_last_round_is_the_snapshot(summed):
    now = plain(snapshot(experiment=summed))

    then = plain(snapshot(experiment=summed, as_of_round=2))

    assert then == now


def test_an_earlier_snapshot_knows_nothing_of_what_came_later(summed):
    agent = Agent.objects.get(experiment=summed, number=2)
    world.intervention(summed, summed.owner, agent, effective_round=3)

    then = plain(snapshot(experiment=summed, as_of_round=0))

    assert then["curves"]["rounds"] == then["heatmap"]["rounds"] == [0]
    assert then["agents"]["number"] == [1, 2, 3, 4, 5]
    assert then["agents"]["death_round"] == [0, None, None, None, None]
    assert then["agents"]["trade_count"][1] == 1
    assert then["agents"]["scar_count"][1] == 1
    assert then["agents"]["return_since_birth"][1] == pytest.approx(0.001)
    assert plain(snapshot(experiment=summed))["agents"]["return_since_birth"][1] == pytest.approx(
        0.003
    )
    assert then["agents"]["fitness"][4] is None
    assert {event["round"] for event in then["feed"]} == {0}
    assert then["interventions"] == []
    assert then["experiment"]["rounds_done"] == 1
    assert then["experiment"]["treasury"] == 0.0


def test_a_learning_rate_is_shown_as_it_was_before_its_edit(summed):
    agent = Agent.objects.get(experiment=summed, number=2)
    world.intervention(summed, summed.owner, agent, effective_round=2)
    Agent.objects.filter(pk=agent.pk).update(learning_rate=0.01)

    before, after = (
        snapshot(experiment=summed, as_of_round=index)["agents"]["learning_rate"][1]
        for index in (0, 1)
    )

    assert (before, after) == (0.001, 0.01)


def test_a_round_delta_appended_to_the_earlier_curves_gives_the_later_ones(summed):
    whole, earlier = (
        plain(snapshot(experiment=summed)),
        plain(snapshot(experiment=summed, as_of_round=1)),
    )

    later = plain(delta(summed))

    assert earlier["curves"]["measures"]["return"]["mean"] + later["curves"]["measures"]["return"][
        "mean"
    ] == [0.0, 0.01, 0.02]
    assert earlier["curves"]["alive"] + later["curves"]["alive"] == whole["curves"]["alive"]
    assert earlier["heatmap"]["agent"] + later["heatmap"]["agent"] == whole["heatmap"]["agent"]
    assert later["agents"]["number"] == [2, 3, 4, 6, 7]
    assert later["feed"] + earlier["feed"] == whole["feed"]


def test_every_delta_is_a_valid_message(run):
    agent = Agent.objects.get(experiment=run, number=2)
    edit = world.intervention(run, run.owner, agent)

    message = messages.message("intervention", run, 2, intervention_delta(intervention=edit))
    messages.message("round", run, 2, delta(run))

    assert messages.decode(message.encode())[0].data["interventions"][0]["who"] == "ada"
    assert (
        message.data["feed"][0]["text"]
        == "ada changed learning_rate of agent 2 from 0.001 to 0.01, from round 4 on"
    )


def test_an_experiment_not_yet_started_has_an_empty_snapshot():
    draft = world.experiment(world.user(), rounds=0, state="draft")

    message = snapshot_message(experiment_uuid=draft.uuid)

    assert message.round == -1
    assert messages.decode(message.encode())[0].data["curves"]["rounds"] == []


def test_an_open_round_is_not_shown(run):
    Round.objects.filter(experiment=run, index=2).update(state="open")

    assert snapshot(experiment=run)["curves"]["rounds"] == [0, 1]


def test_the_number_of_queries_does_not_grow_with_the_experiment(run, django_assert_num_queries):
    longer = world.experiment(world.user("eve"), rounds=12)

    for experiment in (run, longer):
        with django_assert_num_queries(QUERIES + 1):  # figures are read once
            snapshot(experiment=Experiment.objects.select_related("market").get(pk=experiment.pk))
        with django_assert_num_queries(QUERIES):
            snapshot(experiment=Experiment.objects.select_related("market").get(pk=experiment.pk))


def test_two_hundred_rounds_of_sixty_four_agents_take_few_calls_and_bytes():
    long = world.experiment(world.user(), population=64, rounds=200, planned=200)
    frames = []

    spent = calls(lambda: frames.append(snapshot_message(experiment_uuid=long.uuid).encode()))

    [frame] = frames
    assert spent < 25 * 200 * 64
    assert len(frame) < 1_000_000


def test_diversity_stands_with_the_curves_and_its_alarm_in_the_feed(run):
    found = {
        "weights": 0.4,
        "behaviour": 0.02,
        "lineages": 1.5,
        "clades": 2,
        "alarms": ["lineages", "behaviour"],
    }
    Round.objects.filter(experiment=run, index=1).update(diversity=found)

    whole, later = plain(snapshot(experiment=run)), plain(delta(run, 1))

    assert whole["curves"]["diversity"]["lineages"] == [None, 1.5, None]
    assert later["curves"]["diversity"]["clades"] == [2]
    alarms = [event for event in whole["feed"] if event["kind"] == "alarm"]
    assert [(event["round"], event["agent"], event["text"]) for event in alarms] == [
        (
            1,
            None,
            (
                "diversity collapsed: the living are as good as 1.50 equally large lineages, fewer"
                " than 2"
            ),
        ),
        (
            1,
            None,
            "diversity collapsed: two agents act differently on 2.0% of the bars, less than 5.0%",
        ),
    ]
    assert [event for event in later["feed"] if event["kind"] == "alarm"] == alarms
    assert [
        event
        for event in snapshot(experiment=run, as_of_round=0)["feed"]
        if event["kind"] == "alarm"
    ] == []


def test_a_black_swan_is_listed_in_the_round_it_struck_before_the_scars_it_cut(run):
    start, stop = run.rounds.get(index=1).plan["competition"]
    for bar in (start - 1, start, stop - 1, stop):
        run.market.events.append(
            {"bar": bar, "time": bar * world.HOUR, "symbol": 1, "kind": "swan", "change": -0.183}
        )
    run.market.save()

    swans = [event for event in snapshot(experiment=run)["feed"] if event["kind"] == "swan"]
    later = delta(run, 1)["feed"]

    assert [event["round"] for event in swans] == [2, 1, 1, 0]
    assert (
        swans[1]["text"]
        == "a black swan struck at 1970-01-09 15:00 UTC: the price fell by 18.3% within one bar"
    )
    assert [event["kind"] for event in later] == ["birth", "death", "scar", "swan", "swan"]


def test_a_black_swan_among_several_symbols_names_the_one_it_struck(run):
    start, _ = run.rounds.get(index=1).plan["competition"]
    run.market.symbols = ["BTC", "ETH"]
    run.market.events = [
        {"bar": start, "time": start * world.HOUR, "symbol": 1, "kind": "swan", "change": -0.183}
    ]
    run.market.save()

    [swan] = [event for event in snapshot(experiment=run)["feed"] if event["kind"] == "swan"]

    assert swan["text"].endswith("the price of ETH fell by 18.3% within one bar")
