"""What an experiment's page says first, for every way in which one can stand or end."""

import pytest

from arena.models import Evaluation, Experiment, Judgement, Round
from arena.selectors.card.answer import answer
from arena.selectors.card.whole import card
from arena.selectors.rounds.notable import notable, seconds_a_round
from tests.arena import world
from tests.arena.selectors.test_card import judge

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return world.user()


def plain(found):
    """The same with plain spaces, as tests are written."""
    if isinstance(found, str):
        return found.replace("\u00a0", " ").replace("\u202f", " ")
    if isinstance(found, dict):
        return {key: plain(value) for key, value in found.items()}
    return [plain(each) for each in found] if isinstance(found, list) else found


def asked(row):
    return plain(answer(experiment=row))


def judgement(row, **fields):
    told = {"experiment": row, "after_round": 2, "asked_at": world.NOON}
    return Judgement.objects.create(**told | fields)


def test_an_edge_is_shown_with_every_question_passed(owner):
    row = world.experiment(owner, state="finished")
    judge(row)

    found = asked(row)

    assert (found["tone"], found["heading"]) == ("good", "An edge is shown")
    assert found["text"] == (
        "In its rounds champion 2 earned +50.0 %, holding +10.0 %."
        " On the prices kept back it earned +30.0 %, holding +10.0 %."
    )
    assert [check["text"] for check in found["checks"]] == [
        "beats hold and the rules",
        "gain certain at 95 %",
        "more than being in the market",
        "not luck of 352 tried",
        "rounds used fresh prices",
    ]
    assert all(check["passed"] for check in found["checks"])


def test_four_figures_stand_beside_those_of_hold(owner):
    row = world.experiment(owner, state="finished")
    judge(row)

    told = [
        (each["label"], each["value"], each["hold"], each["against"], each["note"])
        for each in asked(row)["figures"]
    ]

    assert told == [
        ("Champion, out of sample", "+30.0 %", "+10.0 %", "+20.0", ""),
        ("Sharpe ratio, a year", "1.00", "1.00", "", ""),
        ("Deepest fall", "−10.0 %", "−10.0 %", "", ""),
        ("Chance of luck", "2 %", "", "", "best of 352 tried"),
    ]


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        ({"vaulted": {"return": 0.05}}, ["beaten by buy and hold"]),
        ({"vaulted": {"return_low": -0.1}}, ["may have lost money"]),
        ({"vaulted": {"against_hold_low": -0.1}}, ["no more than being in the market"]),
        ({"vaulted": {"against_constant_low": -0.1}}, ["no more than being in the market"]),
        ({"record": {"above_luck": 0.51}}, ["luck of 352 tried"]),
        ({"record": {"reused": 4}}, ["rounds reused prices"]),
    ],
)
def test_whatever_is_left_to_doubt_is_a_question_not_passed(owner, change, failed):
    row = world.experiment(owner, state="finished")
    judge(row, **change)

    found = asked(row)

    assert (found["tone"], found["heading"]) == ("warn", "No edge shown")
    assert [each["text"] for each in found["checks"] if not each["passed"]] == failed
    assert len(found["checks"]) == 5


def test_without_prices_kept_back_nothing_is_said_of_them(owner):
    row = world.experiment(owner, state="finished")
    judge(row, vault=False)

    found = asked(row)

    assert found["heading"] == "No edge shown"
    assert "No prices were kept back" in found["text"]
    assert [each["text"] for each in found["checks"]] == [
        "no prices were kept back",
        "not luck of 352 tried",
        "rounds used fresh prices",
    ]
    assert found["figures"][0]["label"] == "Champion, in its rounds"


def test_a_run_that_was_stopped_is_judged_and_says_how_far_it_got(owner):
    row = world.experiment(owner, state="stopped")
    judge(row)

    assert asked(row)["text"].endswith("It was stopped after 3 of 10 rounds.")


def test_a_draft_says_what_will_happen(owner):
    row = world.experiment(owner, state="draft", rounds=0)

    found = asked(row)

    assert (found["tone"], found["heading"]) == ("wait", "Nothing has happened yet")
    assert found["text"] == (
        "4 agents with random networks will trade 10 rounds of a wave. The last 20 % of the prices"
        " is kept back; when the run ends, the champion is judged on it once."
    )
    assert (found["checks"], found["figures"]) == ([], [])


@pytest.mark.parametrize("state", ["running", "pausing", "paused"])
def test_nobody_is_judged_while_a_run_is_under_way(owner, state):
    found = asked(world.experiment(owner, state=state))

    assert found["heading"] == "Not judged yet"
    assert found["checks"] == [{"passed": None, "text": "5 questions open"}]
    assert found["figures"] == []


def test_a_run_whose_first_round_is_not_played_waits_for_it(owner):
    assert asked(world.experiment(owner, rounds=0))["heading"] == "Waiting for the first round"


def test_a_failed_round_says_what_failed_and_what_is_safe(owner):
    row = world.experiment(owner, state="failed", state_reason="no space left on the disk")

    found = asked(row)

    assert (found["tone"], found["heading"]) == ("danger", "Round 3 failed")
    assert found["text"] == (
        "No space left on the disk. The 3 rounds closed before it are safe."
        " Tried again, it begins anew with the same random numbers."
    )


@pytest.mark.parametrize(
    ("fields", "heading"),
    [
        ({"state": "waiting"}, "Being judged now"),
        ({"state": "failed", "reason": "its worker died"}, "Not judged"),
    ],
)
def test_a_run_that_ended_waits_for_its_judgement_or_has_none(owner, fields, heading):
    row = world.experiment(owner, state="finished")
    judgement(row, **fields)

    assert asked(row)["heading"] == heading


def test_a_run_stopped_before_its_first_round_has_nobody_to_judge(owner):
    assert asked(world.experiment(owner, state="stopped", rounds=0))["heading"] == (
        "Nothing to judge"
    )


def test_where_nobody_was_left_there_is_no_champion(owner):
    row = world.experiment(owner, state="extinct")
    told = {"experiment": row, "after_round": 2, "at": world.NOON, "stretch": "lived"}
    Evaluation.objects.create(subject="buy_and_hold", figures={"return": 0.1}, **told)

    assert asked(row)["heading"] == "No champion"


@pytest.mark.parametrize("change", [{}, {"record": {"reused": 4}}])
def test_the_answer_and_the_card_are_of_one_mind(owner, change):
    row = world.experiment(owner, state="finished")
    judge(row, **change)

    assert card(experiment=row)["verdict"].startswith(answer(experiment=row)["heading"])


def test_alarms_and_edits_are_notable_however_long_ago(owner, django_assert_num_queries):
    row = world.experiment(owner, rounds=6)
    Round.objects.filter(experiment=row, index=1).update(
        diversity={"alarms": ["lineages"], "lineages": 1.4}
    )
    world.intervention(row, owner, row.agents.get(number=2), effective_round=5)

    with django_assert_num_queries(2):
        found = notable(experiment=row)

    assert [(each["kind"], each["round"]) for each in found] == [("intervention", 4), ("alarm", 1)]


def test_a_round_takes_as_long_as_the_median_of_the_last_ones(owner):
    row = world.experiment(owner)

    assert seconds_a_round(experiment=row) == 90.0
    assert seconds_a_round(experiment=world.experiment(owner, rounds=1)) is None
    assert seconds_a_round(experiment=Experiment(pk=0)) is None
