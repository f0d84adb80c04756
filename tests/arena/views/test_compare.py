"""Experiments side by side: what differs, what is known of each, and nothing where nothing is
known.
"""

import orjson
import pytest
from django.urls import reverse

from arena.models import Experiment, Round
from arena.selectors.pages import comparing
from tests.arena import world
from tests.arena.selectors.test_card import judge

pytestmark = pytest.mark.django_db


def compared(browser, *rows):
    return browser.get(reverse("experiment_compare"), {"e": [str(row.uuid) for row in rows]})


def on(market, row, **fields):
    Experiment.objects.filter(pk=row.pk).update(market=market, **fields)
    row.refresh_from_db()
    return row


@pytest.fixture
def pair(ada):
    """Two finished runs on the same prices, the first of them judged."""
    one, other = (world.experiment(ada, state="finished") for _ in range(2))
    judge(one)
    learning = other.settings["learning"] | {"gamma": 0.5}
    return one, on(one.market, other, settings=other.settings | {"learning": learning})


def test_the_settings_that_differ_are_shown_and_no_others(browser, pair):
    context = compared(browser, *pair).context

    [setting] = context["settings"]
    assert setting["key"] == "learning.gamma"
    assert [value["differs"] for value in setting["values"]] == [False, True]
    assert context["same"] == "same market, same seed, same costs"
    assert context["warnings"] == []


def test_no_number_stands_where_nothing_was_judged(browser, pair):
    answer = compared(browser, *pair)

    judged, unjudged = answer.context["rows"]
    assert (judged["sample"], judged["held"]) == ("+30.0\u00a0%", "+10.0\u00a0%")
    assert judged["sample_range"] == "+5.0\u00a0% to +60.0\u00a0%"
    assert judged["against"] == "+20.0"
    told = ("sample", "held", "against", "sharpe", "fall", "luck", "tried")
    assert {unjudged[name] for name in told} == {"–"}
    assert (unjudged["sample_range"], unjudged["against_range"]) == ("", "")
    assert answer.context["intervals"][1] is None
    assert "1 run not judged" in answer.context["sentence"]


def test_runs_on_different_prices_are_not_set_against_one_another(browser, ada):
    rows = [world.experiment(ada, state="finished") for _ in range(2)]
    for row in rows:
        judge(row)

    context = compared(browser, *rows).context

    assert "cannot be compared in absolute terms" in context["warnings"][0]
    assert "not set against one another" in context["sentence"]
    assert "market" not in context["same"]


def test_intervals_that_do_not_overlap_are_told_from_those_that_do(browser, pair):
    one, other = pair
    judge(other, vaulted={"return": 0.2, "return_low": 0.1, "return_high": 0.3})
    assert "All 2 intervals overlap" in compared(browser, one, other).context["sentence"]

    other.evaluations.all()._raw_delete("default")
    judge(other, vaulted={"return": 0.9, "return_low": 0.7, "return_high": 1.3})

    assert "do not overlap" in compared(browser, one, other).context["sentence"]


def test_curves_have_every_round_or_every_so_many(browser, pair, monkeypatch):
    curves = orjson.loads(compared(browser, *pair).context["curves_json"])
    assert curves[0]["rounds"] == [0, 1, 2]
    assert curves[0]["measures"]["return"]["q1"] == [-0.01] * 3
    assert curves[0]["baselines"]["return"]["buy_and_hold"] == [0.02] * 3

    monkeypatch.setattr(comparing, "POINTS", 2)

    assert comparing.curves_of(pair[0])["rounds"] == [0, 2]


def test_a_run_without_a_round_has_an_empty_curve(browser, pair):
    Round.objects.filter(experiment=pair[1]).update(state="open")

    assert orjson.loads(compared(browser, *pair).context["curves_json"])[1]["rounds"] == []


def test_at_most_twenty_stand_side_by_side_in_the_order_asked_for(browser, ada):
    rows = [world.experiment(ada, rounds=0, state="draft") for _ in range(22)]

    context = compared(browser, *reversed(rows)).context

    assert [row["uuid"] for row in context["rows"]] == [str(row.uuid) for row in rows[:1:-1]]
    assert context["beyond"] == 2


def test_what_is_anothers_is_left_out_and_counted(client, pair):
    client.force_login(world.user("eve"))

    context = compared(client, *pair).context

    assert (context["experiments"], context["missing"]) == ([], 2)


@pytest.mark.parametrize("query", [{}, {"e": "nonsense"}, {"e": ["1", "\x00"]}])
def test_without_any_the_page_says_how_to_choose(browser, query):
    answer = browser.get(reverse("experiment_compare"), query)

    assert answer.status_code == 200
    assert b"Nothing is chosen yet" in answer.content
