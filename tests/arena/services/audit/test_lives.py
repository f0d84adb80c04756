"""Experiments that were stopped, paused or edited on the way are as sound as those left alone."""

import pytest
from django.utils import timezone

from agents.models import Agent
from arena.models import BlockRun, ExperimentState, Round
from arena.services.audit.replay import replay
from arena.services.audit.run import experiment_audit
from arena.services.audit.subject import Subject
from arena.services.experiments import interventions, lifecycle
from arena.services.headless import runner
from arena.services.rounds import closing, playing
from arena.services.running.turns import turn_take
from arena.work.queue import locally
from tests.arena.runs import draft, once, started, tiny
from tests.arena.services.audit.audited import begun_by_first_rules
from tests.arena.turns import claim_block, claim_close, play_rounds

pytestmark = pytest.mark.django_db(transaction=True)


def audit(experiment):
    experiment.refresh_from_db()
    return list(experiment_audit(experiment=experiment))


@pytest.mark.parametrize("committed", [0, 1, 2])
def test_an_experiment_stopped_in_mid_round_is_sound(settings, committed):
    settings.BLOCK_SIZE = 8
    experiment = draft()
    with locally():
        lifecycle.experiment_start(experiment_uuid=experiment.uuid)
        play_rounds(experiment, 2)
        for _ in range(committed):
            turn_take()
        lifecycle.experiment_stop(experiment_uuid=experiment.uuid)

    assert BlockRun.objects.filter(round__index=2, state="done").count() == committed
    assert audit(experiment) == []


def test_an_experiment_is_sound_before_its_start_at_its_start_and_in_a_claimed_round():
    assert audit(draft()) == []
    experiment, opened = started()
    assert audit(experiment) == []

    claim_block(opened)

    assert audit(experiment) == []


def test_a_close_that_was_prepared_and_lost_leaves_no_trace():
    experiment, opened = started()
    claim = claim_block(opened)
    playing.block_commit(claim=claim, played=playing.block_play(claim=claim))

    closing.round_compute(claim=claim_close(opened))

    assert audit(experiment) == []


def test_edits_of_agents_and_settings_on_the_way_leave_an_unbroken_chain():
    experiment, now = draft(settings=tiny(rounds=6)), timezone.now()
    with locally():
        lifecycle.experiment_start(experiment_uuid=experiment.uuid)
        play_rounds(experiment, 2)
        agent = Agent.objects.filter(experiment=experiment, state="active").first()
        changes = {"learning_rate": 0.01, "epsilon": 0.5, "risk_fraction": 0.5}
        interventions.intervention_record(
            agent=agent, who=None, changes=changes, version=agent.version, now=now
        )
        seen = interventions.experiment_values(experiment=experiment)
        interventions.experiment_change(
            experiment=experiment, who=None, changes={"evolution.turnover": 0.4}, seen=seen, now=now
        )
        play_rounds(experiment, 4)
        retiring = Agent.objects.filter(experiment=experiment, state="active").last()
        interventions.intervention_record(
            agent=retiring, who=None, changes={"retire": True}, version=retiring.version, now=now
        )
        play_rounds(experiment, 6)

    retiring.refresh_from_db()
    assert (retiring.state, retiring.death_round) == ("retired", 4)
    assert audit(experiment) == []
    assert experiment.state == ExperimentState.FINISHED


def half_by_first_rules(monkeypatch):
    """Three rounds as the first rules had them, and three as they are now."""
    return once("first rules", lambda: begun_by_first_rules(monkeypatch, rounds=3, of=6))


def test_an_experiment_that_goes_on_under_newer_rules_is_sound_on_both_sides(monkeypatch):
    experiment = half_by_first_rules(monkeypatch)

    children = Agent.objects.filter(experiment=experiment, origin="child")
    older, newer = (children.filter(**{f"birth_round__{side}": 3}) for side in ("lte", "gt"))
    assert list(experiment.rounds.order_by("index").values_list("rules_version", flat=True)) == [
        1,
        1,
        1,
        2,
        2,
        2,
    ]
    assert older.exists() and max(older.values_list("endowment", flat=True)) < 10_000.0
    assert newer.exists() and set(newer.values_list("endowment", flat=True)) == {10_000.0}
    assert experiment.state == ExperimentState.FINISHED
    assert audit(experiment) == []


@pytest.mark.parametrize(("index", "rules"), [(1, 2), (4, 1)])
def test_rules_that_a_round_was_not_closed_by_do_not_fit_its_books(monkeypatch, index, rules):
    experiment = half_by_first_rules(monkeypatch)
    Round.objects.filter(experiment=experiment, index=index).update(rules_version=rules)

    found = audit(experiment)

    assert {check for check, _ in found} >= {"treasury"}


def test_a_change_made_while_the_close_is_computed_is_part_of_that_close(monkeypatch):
    """Else what is stored would follow from settings that cannot be found again."""
    experiment, compute, seen = draft(settings=tiny(rounds=3)), closing.round_compute, []

    def overtaken(*, claim):
        closed = compute(claim=claim)
        if claim.index == 1 and not seen:
            before = interventions.experiment_values(experiment=experiment)
            change = {"changes": {"evolution.turnover": 0.6}, "seen": before, "now": timezone.now()}
            seen.extend(interventions.experiment_change(experiment=experiment, who=None, **change))
        return closed

    monkeypatch.setattr(closing, "round_compute", overtaken)
    runner.experiment_run(experiment_uuid=experiment.uuid, tell=lambda text: None)

    assert seen[0].effective_round == 2
    assert experiment.rounds.get(index=1).events["deaths"]["outcompeted"] == 12
    assert audit(experiment) == []
    assert list(replay(Subject(experiment), lambda text: None)) == []
