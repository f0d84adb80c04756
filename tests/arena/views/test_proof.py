"""The proof page: shares of the ceiling, learning on and off side by side, of one's own experiments
alone.
"""

import pytest
from django.urls import reverse

from arena.models import Evaluation
from arena.presets import PRESETS
from arena.selectors.pages.proof import proof
from tests.arena import world

pytestmark = pytest.mark.django_db


def planted(owner, *, seed=1, enabled=True, kind="planted", returns=None, **fields):
    """An experiment on a planted market, judged where `returns` are given by subject."""
    row = world.experiment(owner, rounds=1, **fields)
    row.seed = row.settings["seed"] = seed
    row.settings["market"]["kind"] = kind
    row.settings["learning"]["enabled"] = enabled
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
    assert (on["low"], on["median"], on["high"]) == pytest.approx((0.0, 0.5, 1.0))
    assert [run["share"] for run in off["runs"]] == pytest.approx([-0.5])
    assert off["runs"][0]["champion"] is None
    assert compared["per_round"] == pytest.approx(0.9, abs=0.05)
    assert memory["market"].startswith("planted memory")
    assert memory["sides"][0]["median"] is None


def test_the_page_reads_as_people_say_it(browser, ada):
    planted(ada, returns={"ceiling": 3.0, "median_agent": 1.0, "champion": 3.0})

    text = browser.get(reverse("proof")).content.decode()

    assert "50&nbsp;%</strong> of the ceiling" in text
    assert "champion 100&nbsp;%" in text
    assert "No run yet. Create one with the same settings and learning switched off." in text


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
