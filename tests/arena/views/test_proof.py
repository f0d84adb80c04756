"""The proof page: shares of the ceiling, learning on and off side by side, of one's own experiments
alone.
"""

import numpy as np
import pytest
from django.urls import reverse
from scipy.stats import sem, t

from arena.engine.judging.chains import CHAINS
from arena.engine.judging.law import LAWS
from arena.models import Evaluation, Experiment
from arena.presets import PRESETS
from arena.selectors.pages.proof import PROVABLE, comparisons, proof, provable
from tests.arena import world

pytestmark = pytest.mark.django_db


def planted(owner, *, seed=1, enabled=True, kind="planted", returns=None, sections=None, **fields):
    """An experiment on a planted market, judged where `returns` are given by subject."""
    row = world.experiment(owner, rounds=1, **fields)
    row.seed = row.settings["seed"] = seed
    row.settings["market"]["kind"] = kind
    row.settings["learning"]["enabled"] = enabled
    for section, changes in (sections or {}).items():
        row.settings[section] |= changes
    row.save()
    for subject, value in (returns or {}).items():
        figures = {"return": value, "sharpe": 0.1, "max_drawdown": 0.0, "trades": 3}
        figures |= {"growth": 0.0002, "expected_growth": 0.00027} if subject == "ceiling" else {}
        Evaluation.objects.create(
            experiment=row,
            subject=subject,
            stretch="out_of_sample",
            figures=figures,
            after_round=0,
            at=world.NOON,
        )
    return row


def test_the_page_needs_a_login(client):
    assert client.get(reverse("proof")).status_code == 302


def test_without_a_planted_experiment_the_page_says_how_to_begin(browser, ada):
    planted(ada, kind="gbm")

    response = browser.get(reverse("proof"))

    assert response.context["comparisons"] == []
    assert "preset=planted" in response.content.decode()


def test_seeds_of_the_same_settings_stand_side_by_side_with_learning_on_and_off(browser, ada):
    for seed, returned in ((1, 1.0), (2, 3.0), (3, 0.0)):
        planted(ada, seed=seed, returns={"ceiling": 3.0, "median_agent": returned, "champion": 3.0})
    planted(ada, seed=1, enabled=False, returns={"ceiling": 3.0, "median_agent": -0.5})
    planted(ada, kind="planted_memory")

    memory, compared = browser.get(reverse("proof")).context["comparisons"]

    on, off = compared["sides"]
    assert (on["share"]["mean"], on["share"]["count"]) == (pytest.approx(0.5), 3)
    assert [run["share"] for run in off["runs"]] == pytest.approx([-0.5])
    assert off["runs"][0]["champion"] is None
    assert compared["per_round"] == pytest.approx(0.9, abs=0.05)
    assert memory["market"].startswith("planted memory")
    assert (memory["sides"][0]["share"], memory["rows"]) == (None, [])


def test_a_mean_over_seeds_has_students_interval_and_so_has_the_paired_difference(ada):
    earned = {1: (1.0, 0.0), 2: (3.0, 1.0), 3: (1.0, -0.5)}
    for seed, pair in earned.items():
        for enabled, returned in zip((True, False), pair, strict=True):
            returns = {"ceiling": 3.0, "median_agent": returned}
            planted(ada, seed=seed, enabled=enabled, returns=returns)
    planted(ada, seed=4, returns={"ceiling": 3.0, "median_agent": 0.0})

    (compared,) = comparisons(experiments=provable(experiments=Experiment.objects.all()))

    on, difference = [0.5, 1.0, 0.5, 0.0], [0.5, 0.5, 1.0]
    for shown, values in (
        (compared["sides"][0]["share"], on),
        (compared["difference"], difference),
    ):
        by_scipy = t.interval(0.95, len(values) - 1, np.mean(values), sem(values))
        assert shown["mean"] == pytest.approx(np.mean(values))
        assert (shown["low"], shown["high"]) == pytest.approx(by_scipy)
    assert compared["difference"]["percent"] == "+67\u00a0%"
    assert compared["difference"]["range"] == "\u22125 to +138\u00a0%"


def test_the_same_seed_again_is_no_further_evidence(ada):
    for _ in range(3):
        planted(ada, seed=1, returns={"ceiling": 3.0, "median_agent": 1.0})

    (compared,) = comparisons(experiments=provable(experiments=Experiment.objects.all()))

    side = compared["sides"][0]
    assert (len(side["runs"]), side["share"]["count"], side["share"]["range"]) == (3, 1, "")
    assert compared["difference"] is None


def test_champion_committee_and_ridge_have_rows_of_a_table(browser, ada):
    returns = {"ceiling": 3.0, "median_agent": 1.0, "champion": 3.0, "committee": 1.0, "ridge": 0.0}
    for enabled in (True, False):
        planted(ada, enabled=enabled, returns=returns)

    response = browser.get(reverse("proof"))

    (compared,) = response.context["comparisons"]
    rows = {row["name"]: row for row in compared["rows"]}
    assert list(rows) == ["median agent", "champion", "committee", "ridge regression"]
    assert [side["percent"] for side in rows["champion"]["sides"]] == ["100\u00a0%"] * 2
    assert rows["committee"]["difference"]["mean"] == 0.0
    # a rule learns nothing
    assert rows["ridge regression"]["difference"] is None
    assert '<th scope="row">ridge regression</th><td>0' in response.content.decode()


@pytest.mark.parametrize("kind", ["autoregressive", "mean_reverting", "regimes", "rule_of_two"])
def test_worlds_with_a_known_law_are_set_against_what_is_to_be_expected(ada, kind, monkeypatch):
    monkeypatch.setattr("arena.selectors.pages.proof.best_growth", lambda settings: 0.002)
    planted(ada, kind=kind, returns={"median_agent": 0.1, "champion": 0.0})

    (compared,) = comparisons(experiments=provable(experiments=Experiment.objects.all()))

    # a fifth of 1,000 bars is the vault, and its last one is there to be filled on
    run = compared["sides"][0]["runs"][0]
    assert run["share"] == pytest.approx(np.log(1.1) / (0.002 * 199))
    assert (run["champion"], run["expected"], compared["exact"]) == (0.0, 0.002, False)


def test_a_law_at_costs_that_are_not_solved_has_no_share_and_says_so(browser, ada):
    planted(
        ada,
        kind="autoregressive",
        sections={"costs": {"funding": 0.001}},
        returns={"median_agent": 0.1},
    )

    text = browser.get(reverse("proof")).content.decode()

    assert "the best possible is not known at these costs, or is nothing" in text


def test_every_market_where_knowing_the_law_earns_something_takes_part():
    drift_alone = {"gbm", "trend_up", "trend_down"}

    assert set(PROVABLE) == CHAINS.keys() | LAWS.keys() - drift_alone


def test_the_page_reads_as_people_say_it(browser, ada):
    for seed, returned in ((1, 1.0), (2, 3.0)):
        planted(ada, seed=seed, returns={"ceiling": 3.0, "median_agent": returned})

    text = browser.get(reverse("proof")).content.decode()

    assert "75\u00a0%</strong> of the ceiling by the median agent" in text
    assert "95&nbsp;% interval \u2212243 to 393\u00a0%" in text
    assert "2 runs of 2 seeds" in text
    assert "No run yet. Create one with the same settings and learning switched off." in text
    assert "It takes a run of the same seed on either side." in text


def test_nobody_sees_the_proofs_of_somebody_else(browser):
    planted(world.user("bob"), returns={"ceiling": 3.0, "median_agent": 1.0})

    assert browser.get(reverse("proof")).context["comparisons"] == []


def test_where_nothing_could_be_earned_there_is_no_share(ada):
    assert (
        proof(experiment=planted(ada, returns={"ceiling": 0.0, "median_agent": -0.1}))["share"]
        is None
    )


def test_the_form_leads_to_the_proof_and_offers_the_planted_preset(browser):
    text = browser.get(reverse("experiment_new")).content.decode()

    assert reverse("proof") in text
    assert PRESETS["planted"].title in text
