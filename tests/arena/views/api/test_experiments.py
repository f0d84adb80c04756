"""An experiment is made, moved and read by a script as by a person."""

import pytest
from django.contrib.auth.models import User

from agents.life.costs import COSTS
from agents.models import Agent, Trade
from arena.models import Evaluation, Experiment, Judgement
from tests.arena import world
from tests.arena.runs import TINY, finished, tiny
from tests.arena.views.api.caller import Caller

pytestmark = pytest.mark.django_db
SMALL = {"population": 8, "rounds": 2, "round_bars": 64, "market": {"kind": "gbm"}}


@pytest.fixture
def ada():
    return Caller(world.user())


def test_an_experiment_is_made_from_settings_with_their_defaults(ada):
    status, answer = ada.post("/experiments", {"name": "by script", "settings": SMALL})

    run = Experiment.objects.get()
    assert (status, answer["uuid"], answer["state"]) == (201, str(run.uuid), "draft")
    assert (run.owner.username, run.population, answer["settings"]["learning"]["gamma"]) == (
        "ada",
        8,
        0.99,
    )
    assert answer["data_kind"] == "simulated"


@pytest.mark.parametrize(
    ("wrong", "key", "words"),
    [
        ({"learning": {"gamma": 2}}, "learning.gamma", "0 to 0.9999"),
        ({"learning": {"gama": 0.5}}, "learning.gama", "did you mean learning.gamma"),
        ({"populatoin": 5}, "populatoin", "did you mean population"),
        ({"rounds": "many"}, "rounds", "got 'many'"),
        ({"market": {"kind": "file", "path": "/etc/passwd"}}, "market.path", "no built-in series"),
        (
            {"market": {"kind": "file", "path": "ibm_daily"}, "round_bars": 3000},
            "round_bars",
            "set round_bars to 1156 or less",
        ),
        ([], "body.wanted.settings", "object"),
    ],
)
def test_wrong_settings_are_named_by_their_keys_and_nothing_is_stored(ada, wrong, key, words):
    status, problem = ada.post("/experiments", {"name": "x", "settings": wrong})

    assert (status, problem["status"]) == (422, 422)
    assert [error["key"] for error in problem["errors"]] == [key]
    assert words in problem["errors"][0]["text"]
    assert not Experiment.objects.exists()


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "x" * 121}, {"name": 5}, [], "x", None]
)
def test_a_call_that_is_no_experiment_is_a_problem(ada, body):
    status, problem = ada.post("/experiments", body)

    assert status in (400, 422)
    assert problem["title"]


def test_it_is_started_paused_resumed_and_stopped_in_order(ada):
    _, made = ada.post("/experiments", {"name": "x", "settings": SMALL})
    address = f"/experiments/{made['uuid']}"

    moves = [ada.post(f"{address}/{verb}") for verb in ("start", "pause", "resume", "stop")]

    assert [(status, answer["state"]) for status, answer in moves] == [
        (200, "running"),
        (200, "pausing"),
        (200, "running"),
        (200, "stopped"),
    ]
    status, answer = ada.post(f"{address}/start")
    assert status == 409
    assert "cannot be started" in answer["detail"]
    assert ada.get(address)[1]["state"] == "stopped"


def test_the_list_is_paged_and_the_callers_own(ada):
    world.experiment(world.user("eve"))
    for name in ("one", "two", "three"):
        ada.post("/experiments", {"name": name, "settings": SMALL})

    status, answer = ada.get("/experiments", limit=2, offset=1)

    assert (status, answer["count"], [row["name"] for row in answer["experiments"]]) == (
        200,
        3,
        ["two", "one"],
    )
    assert ada.get("/experiments", limit=0)[0] == 422


@pytest.fixture
def run():
    return world.experiment(world.user("grace"))


def test_the_snapshot_is_the_live_pages(run):
    grace = Caller(run.owner)

    status, now = grace.get(f"/experiments/{run.uuid}/snapshot")
    _, then = grace.get(f"/experiments/{run.uuid}/snapshot", round=0)

    assert (status, now["type"], now["data"]["experiment"]["name"]) == (200, "snapshot", run.name)
    assert len(then["data"]["curves"]["rounds"]) == 1
    assert grace.get(f"/experiments/{run.uuid}/snapshot", round=-1)[0] == 422


def test_evaluations_stand_beside_the_baselines_of_every_round(run):
    agent = Agent.objects.get(experiment=run, number=2)
    figures = {"return": 0.1, "sharpe": 1.0, "max_drawdown": 0.2, "trades": 3}
    fields = {"experiment": run, "subject": "champion", "agent": agent, "stretch": "out_of_sample"}
    Evaluation.objects.create(**fields, figures=figures, after_round=2, at=world.NOON)

    _, answer = Caller(run.owner).get(f"/experiments/{run.uuid}/evaluations")

    assert answer["evaluations"] == [
        {
            "subject": "champion",
            "agent": 2,
            "stretch": "out_of_sample",
            "figures": figures,
            "after_round": 2,
        }
    ]
    assert [row["round"] for row in answer["rounds"]] == [0, 1, 2]
    assert answer["rounds"][0]["baselines"]["buy_and_hold"]["return"] == 0.02


def test_a_champion_is_waited_for_and_nobody_elses(run):
    status, card = Caller(run.owner).get(f"/experiments/{run.uuid}/champion")

    assert (status, card["agent"], card["edge"]) == (200, None, None)
    assert "the vault is opened once" in card["verdict"]
    assert Caller(world.user("eve")).get(f"/experiments/{run.uuid}/champion")[0] == 404


def test_a_judgement_that_failed_is_shown_and_tried_again_once(run):
    reason = "it was tried 3 times, last with ValueError: shapes"
    Judgement.objects.create(
        experiment=run, after_round=2, asked_at=world.NOON, state="failed", reason=reason
    )
    grace, address = Caller(run.owner), f"/experiments/{run.uuid}"

    _, before = grace.get(f"{address}/evaluations")
    statuses = [grace.post(f"{address}/judge")[0] for _ in range(2)]
    _, after = grace.get(f"{address}/evaluations")

    assert before["judgement"] == {
        "state": "failed",
        "text": f"The run could not be judged: {reason}.",
    }
    assert statuses == [200, 409]
    assert after["judgement"]["state"] == "waiting"


def test_agents_are_listed_in_order_of_birth_the_living_apart(run):
    grace = Caller(run.owner)

    _, everybody = grace.get(f"/experiments/{run.uuid}/agents")
    _, living = grace.get(f"/experiments/{run.uuid}/agents", alive=True)
    _, dead = grace.get(f"/experiments/{run.uuid}/agents", alive=False)

    assert [row["number"] for row in everybody["agents"]] == list(range(1, 8))
    assert living["count"] + dead["count"] == everybody["count"] == 7
    assert all(row["state"] == "active" for row in living["agents"])
    assert (
        grace.get(f"/experiments/{run.uuid}/agents/2")[1]["trade_count"]
        == Agent.objects.get(experiment=run, number=2).trade_count
    )
    assert grace.get(f"/experiments/{run.uuid}/agents/99")[0] == 404


@pytest.mark.django_db(transaction=True)
def test_every_trade_adds_up_whatever_it_cost():
    costs, life = (
        {"impact": 0.02, "funding": 0.0003, "borrow": 0.0002},
        {"direction": "long_short", "max_leverage": 3.0},
    )
    run = finished(
        tiny(rounds=2, costs=costs, life=life, learning=TINY["learning"] | {"epsilon_compete": 0.3})
    )

    run.owner = world.user()
    run.save()

    _, answer = Caller(run.owner).get(f"/experiments/{run.uuid}/trades", limit=100)

    assert len(answer["trades"]) == 100 < answer["count"]
    for trade in answer["trades"]:
        assert trade["gross_profit"] - sum(trade[name] for name in COSTS) == pytest.approx(
            trade["net_profit"], rel=1e-9, abs=1e-9
        )
    assert all(any(trade[name] > 0 for trade in answer["trades"]) for name in COSTS)


def test_trades_are_those_of_the_experiment_and_can_be_narrowed(run):
    world.experiment(world.user("eve"))
    grace = Caller(run.owner)

    _, everything = grace.get(f"/experiments/{run.uuid}/trades")
    _, one = grace.get(f"/experiments/{run.uuid}/trades", round=1, agent=2)

    assert (
        everything["count"]
        == Trade.objects.filter(agent__experiment=run).count()
        > one["count"]
        > 0
    )
    assert {(row["agent"], row["round"]) for row in one["trades"]} == {(2, 1)}


def test_the_money_of_the_house_is_shown_as_of_the_last_close(ada):
    owner = User.objects.get()
    run, draft = world.experiment(owner), world.experiment(owner, rounds=0, state="draft")

    _, one = ada.get(f"/experiments/{run.uuid}")
    _, listed = ada.get("/experiments")

    assert one["profit"] == -800.0
    assert {row["uuid"]: row["profit"] for row in listed["experiments"]} == {
        str(run.uuid): -800.0,
        str(draft.uuid): None,
    }


def test_a_series_too_short_for_its_rounds_is_named_when_it_is_created_and_started(ada):
    short = {
        "population": 2,
        "rounds": 40,
        "market": {"kind": "file", "path": "ibm_daily"},
        "network": {"hidden": [4]},
    }

    _, made = ada.post("/experiments", {"name": "short", "settings": short})
    _, begun = ada.post(f"/experiments/{made['uuid']}/start")

    for answer in (made, begun):
        assert answer["fresh_rounds"] == 3
        assert answer["reuse"].endswith("With rounds of 56 bars all 40 are fresh.")
    _, longer = ada.post("/experiments", {"name": "fresh", "settings": short | {"round_bars": 56}})
    assert (longer["fresh_rounds"] >= 40, longer["reuse"]) == (True, "")
