"""A real run records its diversity round by round, and raises each alarm once."""

import numpy as np
import pytest

from agents.models import Agent
from arena.engine.packing import unpack_actions
from arena.services.audit.run import experiment_audit
from ml.evolution.diversity import disagreement, effective_number
from tests.arena.runs import TINY, finished, tiny

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_round_tells_its_diversity_as_its_rows_give_it(settings):
    settings.BLOCK_SIZE = 8
    experiment = finished()

    rounds = {row.index: row for row in experiment.rounds.all()}

    assert rounds[0].diversity["lineages"] == pytest.approx(20)
    for index, row in rounds.items():
        lived = Agent.objects.filter(experiment=experiment, birth_round__lte=index).exclude(
            death_round__lt=index
        )
        lived = lived.exclude(death_round=index, state__in=["bankrupt", "scarred_out", "diverged"])
        founders = np.array(lived.values_list("founder", flat=True))
        assert row.diversity["lineages"] == pytest.approx(effective_number(founders))
        assert row.diversity["clades"] == len(set(founders.tolist()))
        if len(founders) == experiment.population:
            actions = np.concatenate(
                [unpack_actions(block.actions) for block in row.blocks.order_by("block")]
            )
            assert row.diversity["behaviour"] == pytest.approx(disagreement(actions))


def test_an_alarm_is_raised_in_the_first_round_below_and_never_again():
    watched = {
        "juvenile_rounds": 0,
        "turnover": 0.2,
        "least_lineages": 1000,
        "least_disagreement": 1,
    }

    rounds = finished(tiny(evolution=watched)).rounds.order_by("index")

    assert [row.diversity["alarms"] for row in rounds] == [
        ["lineages", "behaviour"],
        [],
        [],
        [],
        [],
    ]


def test_founders_are_handed_down_the_line_that_bore_them():
    options = {
        "selection": "rank",
        "crossover": True,
        "self_adaptive": True,
        "novelty": 0.5,
        "elite": 2,
        "inheritance": "baldwinian",
    }
    experiment = finished(tiny(evolution=TINY["evolution"] | options))

    assert Agent.objects.filter(experiment=experiment, origin="child").exists()
    assert list(experiment_audit(experiment=experiment)) == []
    Agent.objects.filter(experiment=experiment, origin="child").update(founder=999)
    assert any(
        "descend from 999" in text
        for check, text in experiment_audit(experiment=experiment)
        if check == "lineage"
    )
