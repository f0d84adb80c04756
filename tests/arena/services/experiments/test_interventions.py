"""What people change is checked, applied once, recorded and published."""

import math

import numpy as np
import pytest

from agents.models import Agent
from arena.engine.results import AGENT
from arena.models import Experiment, Intervention, Round
from arena.selectors.settings_as_of import experiment_values, settings_at_start
from arena.services.experiments import interventions
from arena.services.experiments.interventions import (
    EditConflict,
    InterventionError,
    experiment_change,
    intervention_record,
)
from arena.store import agents as agent_rows
from arena.wire.messages import decode
from tests.arena import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return world.user()


@pytest.fixture
def run(ada):
    return world.experiment(ada)


@pytest.fixture
def agent(run):
    return Agent.objects.get(experiment=run, number=2)


def edit(agent, who, version=0, **changes):
    return intervention_record(
        agent=agent, who=who, changes=changes, version=version, now=world.NOON
    )


def change(run, who, changes, seen=None):
    return experiment_change(
        experiment=run,
        who=who,
        changes=changes,
        seen=seen or experiment_values(experiment=run),
        now=world.NOON,
    )


def test_an_edit_changes_the_trait_and_leaves_one_row_for_each_field(agent, ada):
    rows = edit(agent, ada, learning_rate=0.005, gamma=0.9)

    agent.refresh_from_db()
    assert (agent.learning_rate, agent.gamma, agent.version) == (0.005, 0.9, 1)
    assert [(row.field, row.before, row.after, row.who, row.agent, row.at) for row in rows] == [
        ("learning_rate", "0.001", "0.005", ada, agent, world.NOON),
        ("gamma", "0.99", "0.9", ada, agent, world.NOON),
    ]


def test_it_is_felt_from_the_first_round_that_has_not_begun(run, agent, ada):
    (between,) = edit(agent, ada, gamma=0.9)
    Round.objects.create(experiment=run, index=3, plan={}, opened_at=world.NOON)
    (during,) = edit(agent, ada, version=1, gamma=0.8)

    assert (between.effective_round, during.effective_round) == (3, 4)


def test_the_engine_reads_back_exactly_what_was_typed(run, agent, ada):
    value = 0.1 + 0.2e-9
    edit(agent, ada, risk_fraction=value)
    records = np.zeros(1, AGENT)
    records["number"] = agent.number

    agent_rows.edits_apply(records, experiment_id=run.pk, index=3)

    assert records["risk_fraction"][0] == value


def test_a_value_that_already_stands_is_no_intervention(agent, ada):
    assert edit(agent, ada, learning_rate=0.001) == []

    agent.refresh_from_db()
    assert agent.version == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("learning_rate", 0.2),
        ("learning_rate", math.nan),
        ("gamma", -0.1),
        ("epsilon", 0.95),
        ("risk_fraction", math.inf),
        ("trust", 99.0),
    ],
)
def test_what_is_out_of_range_or_no_trait_is_refused_whole(agent, ada, field, value):
    with pytest.raises(InterventionError):
        edit(agent, ada, mutation_rate=0.3, **{field: value})

    agent.refresh_from_db()
    assert (agent.mutation_rate, agent.version) == (0.15, 0)
    assert not Intervention.objects.exists()


def test_the_second_of_two_people_learns_of_the_first_and_overwrites_nothing(agent, ada):
    edit(agent, ada, gamma=0.9)

    with pytest.raises(EditConflict, match="edited by somebody else"):
        edit(agent, ada, version=0, gamma=0.5)

    agent.refresh_from_db()
    assert agent.gamma == 0.9


def test_the_dead_cannot_be_edited(run, ada):
    dead = Agent.objects.get(experiment=run, number=1)

    with pytest.raises(InterventionError, match="no further round"):
        edit(dead, ada, gamma=0.5)


@pytest.mark.parametrize("state", ["stopped", "finished", "extinct", "failed"])
def test_nobody_can_be_edited_once_the_experiment_is_over(run, agent, ada, state):
    Experiment.objects.filter(pk=run.pk).update(state=state)

    with pytest.raises(InterventionError, match="no further round"):
        edit(agent, ada, gamma=0.5)


def test_a_request_to_retire_is_an_intervention_too(agent, ada):
    (row,) = edit(agent, ada, retire=True)

    agent.refresh_from_db()
    assert agent.retire
    assert (row.field, row.before, row.after) == ("retire", "no", "yes")


def test_every_change_is_published_under_its_own_number(
    run, agent, ada, monkeypatch, django_capture_on_commit_callbacks
):
    messages = []
    monkeypatch.setattr(interventions, "publish", messages.append)

    with django_capture_on_commit_callbacks(execute=True):
        edit(agent, ada, gamma=0.9, epsilon=0.3)

    run.refresh_from_db()
    assert run.seq == 5
    assert [(message.type, message.seq, message.round) for message in messages] == [
        ("intervention", 4, 2),
        ("intervention", 5, 2),
    ]
    [first] = decode(messages[0].encode())
    assert first.data["interventions"][0]["field"] == "gamma"
    assert first.data["agents"]["number"] == [2]


def test_an_intervention_can_be_neither_changed_nor_deleted(agent, ada):
    (row,) = edit(agent, ada, gamma=0.9)

    row.after = "0.1"
    with pytest.raises(TypeError, match="append-only"):
        row.save()
    with pytest.raises(TypeError, match="append-only"):
        row.delete()
    with pytest.raises(TypeError, match="append-only"):
        Intervention.objects.all().delete()


def test_an_experiment_can_be_renamed_and_lengthened(run, ada):
    rows = change(run, ada, {"name": "longer", "rounds_planned": 40})

    run.refresh_from_db()
    assert (run.name, run.rounds_planned) == ("longer", 40)
    assert [(row.field, row.before, row.after, row.agent) for row in rows] == [
        ("name", "a run", "longer", None),
        ("rounds_planned", "10", "40", None),
    ]


def test_it_cannot_be_made_shorter_than_the_rounds_that_have_begun(run, ada):
    with pytest.raises(InterventionError, match="at least 3"):
        change(run, ada, {"rounds_planned": 2})


def test_a_round_that_is_being_played_does_not_become_the_last(run, ada):
    Round.objects.create(experiment=run, index=3, plan={}, opened_at=world.NOON)

    with pytest.raises(InterventionError, match="at least 5"):
        change(run, ada, {"rounds_planned": 4})
    change(run, ada, {"rounds_planned": 5})

    run.refresh_from_db()
    assert run.rounds_planned == 5


def test_the_last_round_once_begun_stays_the_last(ada):
    run = world.experiment(ada, rounds=3, planned=4)
    Round.objects.create(experiment=run, index=3, plan={}, opened_at=world.NOON)

    with pytest.raises(InterventionError, match="the last round has begun"):
        change(run, ada, {"rounds_planned": 40})


def test_runtime_settings_change_within_the_schemas_range(run, ada):
    change(run, ada, {"evolution.turnover": 0.2, "evolution.tournament": 8})

    run.refresh_from_db()
    assert (run.settings["evolution"]["turnover"], run.settings["evolution"]["tournament"]) == (
        0.2,
        8,
    )
    with pytest.raises(InterventionError, match="evolution.turnover.*0 to 0.9"):
        change(run, ada, {"evolution.turnover": 0.95})


def test_settings_at_the_start_are_found_again_through_all_interventions(run, ada):
    first = run.settings
    for turnover in (0.2, 0.0, 0.5):
        run.refresh_from_db()
        change(
            run,
            ada,
            {"evolution.turnover": turnover, "evolution.tournament": int(turnover * 10) + 1},
        )
    run.refresh_from_db()

    assert run.settings != first
    assert settings_at_start(experiment=run) == first


def test_other_settings_of_a_running_experiment_are_refused(run, ada):
    with pytest.raises(InterventionError, match="seed"):
        change(run, ada, {"seed": 5})


def test_an_experiment_changed_meanwhile_is_a_conflict(run, ada):
    seen = experiment_values(experiment=run)
    change(run, ada, {"evolution.turnover": 0.3})

    with pytest.raises(EditConflict, match="now 0.3, you saw 0.1"):
        change(run, ada, {"evolution.turnover": 0.2}, seen=seen)


def test_a_finished_experiment_keeps_its_settings_but_can_be_renamed(run, ada):
    Experiment.objects.filter(pk=run.pk).update(state="finished")

    with pytest.raises(InterventionError, match="only its name"):
        change(run, ada, {"rounds_planned": 40})
    (row,) = change(run, ada, {"name": "the good one"})

    assert row.after == "the good one"
