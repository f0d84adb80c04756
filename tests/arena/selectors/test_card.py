"""The champion card: plain words for every case, no edge wherever a question is left open, and
every term defined.
"""

import json

import pytest

from agents.strategies.rules import RULES
from arena.engine.judging.evidence.verdict import Doubt, doubts
from arena.models import Evaluation, NullWorld
from arena.selectors.card import whole
from arena.selectors.card.judged import LIVED, VAULT, judged_of, rules
from arena.selectors.card.lines import lines_of
from arena.selectors.card.tables import columns_of, measures_of, table_of
from arena.selectors.evidence.judgement import YET_TO_END
from arena.selectors.learn.glossary import terms
from arena.selectors.words import number, percent, plural
from arena.services.evidence.tried import look_write
from tests.arena import world

RECORD = {
    "return": 0.5,
    "sharpe": 0.1,
    "max_drawdown": 0.1,
    "trades": 40,
    "windows": 12,
    "bars": 6000,
    "bars_per_year": 8760.0,
    "annual_sharpe": 9.4,
    "trials": 352,
    "psr": 0.999,
    "dsr": 0.97,
    "luck": 0.02,
    "skew": 0.0,
    "kurtosis": 3.0,
    "least_bars": 271.6,
    "least_bars_deflated": 400.0,
    "reused": 0,
    "above_luck": 0.98,
    "noise_luck": 0.015,
    "agents": 352,
}
MEASURED = {
    "cagr": 0.4,
    "annual_volatility": 0.2,
    "annual_sharpe": 1.0,
    "annual_sortino": None,
    "calmar": 1.0,
    "max_drawdown": 0.1,
    "max_drawdown_bars": 30,
    "exposure": 0.5,
    "turnover": 12.0,
    "win_rate": 0.6,
    "profit_factor": 1.5,
    "expectancy": 12.0,
    "bars": 1639,
    "bars_per_year": 8760.0,
    "sharpe": 0.05,
    "trades": 20,
    "psr": 0.99,
}
VAULTED = MEASURED | {
    "return": 0.3,
    "return_low": 0.05,
    "return_high": 0.6,
    "sharpe_low": 0.01,
    "sharpe_high": 0.09,
    "against_hold_low": 0.02,
    "against_hold_high": 0.4,
    "against_constant_low": 0.01,
    "against_constant_high": 0.3,
    "pbo": 0.31,
    "place": 3,
    "candidates": 64,
    "against_momentum_high": 0.2,
    "return_p": 0.004,
    "against_hold_p": 0.01,
    "against_constant_p": 0.012,
    "looks": 1,
    "against_ridge_low": 0.02,
    "against_ridge_high": 0.5,
    "against_logistic_low": 0.03,
    "against_logistic_high": 0.6,
}
HELD = {
    "buy_and_hold": 0.1,
    "short_and_hold": -0.15,
    "constant_exposure": 0.02,
    "cash": 0.0,
    "random": -0.2,
    "momentum": 0.05,
    "mean_reversion": -0.1,
    "ridge": 0.01,
    "logistic": -0.05,
}
TOGETHER = {
    name: value for name, value in VAULTED.items() if name not in ("pbo", "place", "candidates")
}
TOGETHER |= {"members": 64, "return": 0.35, "psr": 0.999}


def card(*, experiment):
    """The card with plain spaces, as tests are written."""
    return json.loads(
        json.dumps(whole.card(experiment=experiment), ensure_ascii=False).replace("\u00a0", " ")
    )


def judge(row, *, record=None, vaulted=None, vault=True, held=HELD, together=None):
    """Evaluations of a finished experiment, as the services leave them."""
    shared = {"experiment": row, "after_round": 2, "at": world.NOON}
    agent = row.agents.get(number=2)
    Evaluation.objects.create(
        subject="champion", stretch=LIVED, agent=agent, figures=RECORD | (record or {}), **shared
    )
    for name, value in held.items():
        if not RULES[name].fitted:
            Evaluation.objects.create(
                subject=name, stretch=LIVED, figures=MEASURED | {"return": value}, **shared
            )
        if vault:
            Evaluation.objects.create(
                subject=name, stretch=VAULT, figures=MEASURED | {"return": value}, **shared
            )
    if vault:
        Evaluation.objects.create(
            subject="champion",
            stretch=VAULT,
            agent=agent,
            figures=VAULTED | (vaulted or {}),
            **shared,
        )
        look_write(experiment=row, after_round=2)
    if together is not None:
        Evaluation.objects.create(
            subject="committee", stretch=VAULT, figures=TOGETHER | together, **shared
        )


@pytest.fixture
def experiment(db):
    return world.experiment(world.user(), state="finished")


def line(found, term):
    return next(each for each in found["lines"] if each["term"] == term)


def test_before_the_end_nothing_is_claimed(experiment):
    found = card(experiment=experiment)

    assert (found["agent"], found["edge"], found["verdict"], found["lines"]) == (
        None,
        None,
        YET_TO_END,
        [],
    )


def test_a_champion_that_passes_everything_shows_an_edge_with_a_caution(experiment):
    judge(experiment)

    found = card(experiment=experiment)

    assert (found["agent"], found["edge"], found["reasons"]) == (2, True, [])
    assert "one stretch of one market" in found["verdict"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"record": {"above_luck": 0.94}},
            (
                "Luck among 352 trials explains its record: the chance that it is above what noise"
                " gives"
            ),
        ),
        (
            {"vaulted": {"against_constant_low": 0.0}},
            "cannot be told from being in all along as much as it was on average",
        ),
        (
            {
                "vaulted": {"return": 0.01},
                "held": dict.fromkeys(HELD, -0.5) | {"constant_exposure": 0.01},
            },
            "constant exposure did as well",
        ),
        (
            {
                "vaulted": {"return": 0.01},
                "held": dict.fromkeys(HELD, -0.5) | {"short_and_hold": 0.02},
            },
            "short and hold did as well",
        ),
        # the second look may show by chance half as often
        (
            {"vaulted": {"looks": 2, "against_constant_p": 0.013}},
            "It was look 2 at these bars, so the chance of that had to be 1.25 %",
        ),
        # beyond chance even a rule that reads the market is better
        (
            {"vaulted": {"against_momentum_high": -0.01}, "held": HELD | {"momentum": 0.9}},
            "On the vault momentum did as well or better.",
        ),
        ({"record": {"reused": 3}}, "partly in sample"),
        ({"vaulted": {"return": 0.05}}, "On the vault buy and hold did as well or better."),
        (
            {"vaulted": {"return": 0.05}, "held": HELD | {"random": 0.1}},
            "On the vault buy and hold and random policy did",
        ),
        ({"vaulted": {"return_low": -0.01}}, "may as well have been a loss"),
        (
            {"vaulted": {"return": -0.1, "return_low": -0.2}, "held": dict.fromkeys(HELD, -0.5)},
            "It earned nothing on the vault.",
        ),
        ({"vaulted": {"against_hold_low": 0.0}}, "cannot be told from buy and hold"),
        ({"vault": False}, "No bars were kept back"),
    ],
)
def test_each_question_left_open_is_a_reason_for_no_edge(experiment, changes, text):
    judge(experiment, **changes)

    found = card(experiment=experiment)

    assert found["edge"] is False
    assert found["verdict"].startswith("No edge shown")
    assert any(text in reason for reason in found["reasons"])
    assert len(found["reasons"]) == 1


def test_a_committee_is_asked_the_champions_questions_as_one_trial(experiment):
    judge(experiment, together={})

    found = line(card(experiment=experiment), "committee")

    assert found["value"] == "edge shown"
    assert found["text"].startswith("64 agents with one account")
    assert "+35.00 % on the vault, 95 % interval +5.0 % to +60.0 %" in found["text"]


@pytest.mark.parametrize(
    "together",
    [
        {"psr": 0.94},
        {"return_low": -0.01},
        {"against_hold_low": 0.0},
        {"against_constant_low": 0.0},
        {"looks": 2, "return_p": 0.013},
        {"return": 0.09},
    ],
)
def test_a_committee_that_leaves_one_of_them_open_shows_no_edge(experiment, together):
    judge(experiment, together=together)

    assert line(card(experiment=experiment), "committee")["value"] == "no edge shown"


def test_a_committee_is_not_held_to_the_champions_exposure_and_no_champion_to_the_committee(
    experiment,
):
    judge(
        experiment,
        together={"return": 0.35},
        vaulted={"return": 0.5},
        held=HELD | {"constant_exposure": 0.4},
    )

    assert line(card(experiment=experiment), "committee")["value"] == "edge shown"
    assert card(experiment=experiment)["edge"] is True


def test_null_worlds_whose_committees_do_as_well_take_a_committees_edge_away(experiment):
    judge(experiment, together={})
    outcome = {
        "agent": 1,
        "competition": 0.0,
        "competition_hold": 0.0,
        "vault": 0.0,
        "vault_hold": 0.1,
    }
    shared = {"experiment": experiment, "state": "done", "asked_at": world.NOON}
    NullWorld.objects.bulk_create(
        NullWorld(index=i, outcome=outcome | {"committee": 0.9}, **shared) for i in range(19)
    )
    # played before there were committees
    NullWorld.objects.create(index=19, outcome=outcome, **shared)

    found = card(experiment=experiment)

    assert found["null_worlds"]["committee"]["p"] == 1.0
    assert len(found["null_worlds"]["committee"]["null"]) == 19
    assert line(found, "committee")["value"] == "no edge shown"


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        ((0.01, 0.2), "The champion did better, beyond chance."),
        ((-0.2, -0.01), "It did better than the champion, beyond chance."),
        ((-0.1, 0.1), "It cannot be told from the champion."),
    ],
)
def test_the_card_says_whether_the_best_is_better_than_all_together(experiment, ends, text):
    judge(
        experiment,
        together={},
        vaulted=dict(zip(("against_committee_low", "against_committee_high"), ends, strict=True)),
    )

    assert line(card(experiment=experiment), "committee")["text"].endswith(text)


def test_the_champions_dissent_is_shown_with_who_was_right(experiment):
    judge(experiment, together={}, vaulted={"dissent": 0.125, "dissent_right": 0.43})

    found = line(card(experiment=experiment), "dissent")

    assert found["value"] == "12.5 %"
    assert found["text"].endswith("and was right by the next bar in 43 % of them.")


def test_the_committee_has_a_row_and_a_column_where_it_was_judged(experiment):
    judge(experiment, together={})
    found = card(experiment=experiment)

    assert [row["name"] for row in found["table"]][:3] == ["champion", "committee", "median agent"]
    assert found["columns"][:2] == ["champion", "committee"]
    assert all(len(row["values"]) == len(found["columns"]) for row in found["measures"])


def test_a_line_of_algebra_that_does_as_well_is_named_and_takes_no_edge_away(experiment):
    judge(experiment, vaulted={"against_ridge_low": -0.01}, held=HELD | {"ridge": 0.28})
    found = card(experiment=experiment)

    assert found["edge"] is True
    assert (
        "But ridge regression did as well as the champion on the vault, as far as a 95 % interval"
        " can tell." in found["verdict"]
    )
    assert line(found, "algebra")["value"] == "does as well"


def test_a_line_of_algebra_that_is_better_beyond_chance_is_a_reason_for_no_edge(experiment):
    judge(
        experiment,
        vaulted={"against_ridge_low": -0.3, "against_ridge_high": -0.01},
        held=HELD | {"ridge": 0.9},
    )
    found = card(experiment=experiment)

    assert found["edge"] is False
    assert found["reasons"] == ["On the vault ridge regression did as well or better."]
    assert found["verdict"].endswith(
        " Ridge regression did as well as the champion on the vault, or better."
    )


def test_a_champion_above_every_line_of_algebra_is_said_to_be(experiment):
    judge(experiment)
    found = line(card(experiment=experiment), "algebra")

    assert found["value"] == "does worse"
    assert "ridge regression +1.00 %, logistic regression" in found["text"]
    assert found["text"].endswith(": the champion did better, beyond chance.")


def test_a_committee_among_the_trials_is_named(experiment):
    judge(experiment, record={"trials": 353, "committees": 1})

    assert "352 here and their committee." in line(card(experiment=experiment), "trials")["text"]


def test_an_edge_that_most_of_the_living_have_more_of_says_whose_it_is(experiment):
    judge(experiment, vaulted={"place": 52})

    found = card(experiment=experiment)

    assert found["edge"] is True
    assert "But 51 of the 64 agents alive did better on the vault" in found["verdict"]


@pytest.mark.parametrize(
    ("place", "candidates", "said"),
    [(1, 1, False), (2, 4, False), (3, 4, True), (33, 64, True), (32, 64, False)],
)
def test_half_of_the_living_make_the_sentence(experiment, place, candidates, said):
    judge(experiment, vaulted={"place": place, "candidates": candidates})

    assert ("did better on the vault" in card(experiment=experiment)["verdict"]) is said


def test_an_edge_that_a_rule_has_too_says_that_it_takes_no_agent(experiment):
    judge(experiment, held=HELD | {"momentum": 0.31})

    found = card(experiment=experiment)

    assert found["edge"] is True
    assert "But momentum, without having learnt anything, did as well or better" in found["verdict"]


def test_a_vault_looked_at_more_often_asks_for_more(experiment):
    judge(experiment, vaulted={"looks": 2})

    found = card(experiment=experiment)

    assert found["edge"] is True
    assert (
        "It was your look 2 when this was judged, so what an interval shows must be chance with"
        " 1.25 % at most." in line(found, "looks")["text"]
    )


def test_a_card_from_before_noise_stood_alone_is_read_by_the_question_of_its_day(experiment):
    judge(experiment, record={"dsr": 0.96}, held=HELD)
    # rows are append-only: what the first rules did not write is taken from what is read
    old = {"above_luck", "noise_luck", "agents", "looks"}
    rows = judged_of(list(Evaluation.objects.filter(experiment=experiment)))
    rows = {
        key: {
            k: v
            for k, v in figures.items()
            if k not in old and not k.startswith("against_constant")
        }
        for key, figures in rows.items()
    }
    rows = {
        key: figures
        for key, figures in rows.items()
        if key[0] not in ("short_and_hold", "constant_exposure", "ridge", "logistic")
    }

    champion = rows["champion", LIVED]
    assert doubts(champion, rows["champion", VAULT], rules(rows, VAULT), None) == []
    assert doubts(champion | {"dsr": 0.94}, rows["champion", VAULT], rules(rows, VAULT), None) == [
        Doubt.LUCK
    ]
    assert lines_of(rows, None, {"own": 1, "others": 0}, 0)
    assert table_of(rows)
    assert len(measures_of(rows)[0]["values"]) == len(columns_of(rows)) == 6


def test_null_worlds_that_do_as_well_take_the_edge_away(experiment):
    judge(experiment)
    outcome = {
        "agent": 1,
        "competition": 0.0,
        "competition_hold": 0.0,
        "vault": 0.9,
        "vault_hold": 0.1,
    }
    worlds = [
        NullWorld(
            experiment=experiment, index=i, state="done", outcome=outcome, asked_at=world.NOON
        )
        for i in range(19)
    ]
    NullWorld.objects.bulk_create(worlds)

    found = card(experiment=experiment)

    assert any("p = 1.000" in reason for reason in found["reasons"])
    assert line(found, "null-worlds")["text"].startswith("place 20 of 20 on the vault")


def test_too_few_null_worlds_prove_nothing_and_say_so(experiment):
    judge(experiment)
    outcome = {
        "agent": None,
        "competition": None,
        "competition_hold": None,
        "vault": None,
        "vault_hold": None,
    }
    NullWorld.objects.create(
        experiment=experiment, index=0, state="done", outcome=outcome, asked_at=world.NOON
    )

    found = card(experiment=experiment)

    assert found["edge"] is True
    assert (
        "1 world can show no less than 0.500; it takes 19 for 5 %"
        in line(found, "null-worlds")["text"]
    )
    assert line(found, "null-worlds")["value"] == "p = 0.500"


def test_the_lines_say_it_in_plain_words(experiment):
    judge(experiment)

    found = card(experiment=experiment)

    assert line(found, "competition")["value"] == "+50.00 %"
    others = (
        "buy and hold +10.00 %, short and hold \u221215.00 %, constant exposure +2.00 %, cash 0.00"
        " %, random policy \u221220.00 %, momentum +5.00 %, mean reversion \u221210.00 %"
    )
    assert (
        line(found, "competition")["text"]
        == f"in the 12 windows it lived through, 6\u202f000 bars; {others}."
    )
    assert line(found, "trials")["value"] == "352"
    # a leaderboard, which asks no agent for five rounds, may begin with another one
    chosen = (
        "This is the fittest alive of those who lived through 5 rounds, or through all; it has"
        " lived through 12 rounds."
    )
    assert line(found, "trials")["text"].endswith(chosen)
    assert (
        line(found, "psr")["value"],
        line(found, "luck")["value"],
        line(found, "dsr")["value"],
    ) == ("99.9 %", "98.0 %", "97.0 %")
    assert (
        "a Sharpe ratio of 0.0150 a bar. The verdict asks for 95 %." in line(found, "luck")["text"]
    )
    assert (
        line(found, "mintrl")["text"]
        == "needs 272 bars to be sure at 95 % that it is above 0; has 6\u202f000 bars."
    )
    assert line(found, "vault")["text"].startswith(
        "on 1\u202f639 bars that no round touched; buy and hold"
    )
    assert line(found, "bootstrap")["value"] == "+5.0 % to +60.0 %"
    assert line(found, "constant")["value"] == "+1.0 % to +30.0 %"
    assert "held all along, 50.0 % of equity" in line(found, "constant")["text"]
    assert line(found, "pbo")["value"] == "31 %"
    assert line(found, "baselines")["value"] == "yes"
    assert line(found, "looks")["text"].startswith(
        "1 time by this experiment, by no other experiment on the same bars. It was your first"
    )
    assert found["notes"][0].startswith("A year is 8\u202f760 bars")


def test_a_champion_that_stayed_in_cash_is_judged_too(experiment):
    still = {
        "sharpe": None,
        "psr": 0.5,
        "dsr": None,
        "luck": None,
        "above_luck": None,
        "noise_luck": None,
        "least_bars": None,
        "return": 0.0,
    }
    judge(
        experiment,
        record=still,
        vaulted={
            "return": 0.0,
            "sharpe": None,
            "sharpe_low": None,
            "sharpe_high": None,
            "pbo": None,
        },
    )

    found = card(experiment=experiment)

    assert found["edge"] is False
    assert line(found, "psr")["text"].startswith("its returns never varied")
    assert line(found, "baselines")["text"].startswith(
        "on the vault it beats short and hold and does not beat buy and hold, constant exposure and"
        " cash"
    )


def test_losses_need_no_number_of_bars(experiment):
    judge(experiment, record={"least_bars": None})

    assert line(card(experiment=experiment), "mintrl")["text"].startswith(
        "no number of such bars would do"
    )


def test_what_people_did_and_forks_are_said(experiment):
    judge(experiment)
    world.intervention(experiment, experiment.owner)

    assert any("People intervened 1 time" in note for note in card(experiment=experiment)["notes"])


def test_every_baseline_stands_in_every_table(experiment):
    judge(experiment)

    found = card(experiment=experiment)

    names = [rule.words for rule in RULES.values()]
    assert [row["name"] for row in found["table"]] == ["champion", "median agent", *names]
    assert list(found["columns"]) == ["champion", *names]
    assert all(len(row["values"]) == 1 + len(RULES) for row in found["measures"])


def test_every_word_of_the_card_is_defined(experiment):
    judge(experiment)
    found, keys = card(experiment=experiment), [term.key for term in terms()]

    used = {each["term"] for each in (*found["lines"], *found["measures"])}
    assert used <= set(keys)
    assert len(keys) == len(set(keys))


def test_no_vault_and_no_record_leave_doubts():
    assert doubts({"dsr": None}, None, {}, None) == [Doubt.NO_VAULT, Doubt.LUCK]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.0, "0.0 %"),
        (-0.0004, "0.0 %"),
        (-0.5, "\u221250.0 %"),
        (12.3456, "+1\u202f234.6 %"),
    ],
)
def test_numbers_are_written_as_the_scripts_write_them(value, text):
    assert percent(value, 1, True).replace("\u00a0", " ") == text


def test_words_follow_their_number():
    assert (plural(1, "bar"), plural(2000, "bar"), number(-0.001, 2)) == (
        "1 bar",
        "2\u202f000 bars",
        "0.00",
    )


def test_a_champion_that_stood_still_is_said_to_have(experiment):
    judge(experiment, vaulted={"ended_bar": 12_345, "ended_because": "ruined"})

    found = card(experiment=experiment)

    text = (
        "On the vault the champion stood still after bar 12\u202f345: it had lost everything. All"
        " later bars count as 0."
    )
    assert text in found["notes"]


def test_growth_that_nobody_could_read_is_a_power_of_ten(experiment):
    judge(experiment, vaulted={"return": 4.97e31, "return_high": 1e304, "calmar": 2.5e140})

    found = card(experiment=experiment)

    assert line(found, "vault")["value"] == "+5.0 × 10³³ %"
    assert line(found, "bootstrap")["value"] == "+5.0 % to +1.0 × 10³⁰⁶ %"
    assert [row["values"][0] for row in found["measures"] if row["term"] == "calmar"] == [
        "2.5 × 10¹⁴⁰"
    ]
