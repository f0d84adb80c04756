"""A fork shares the past to the bit; left as it was it has the same future, changed it has its
own.
"""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from django.utils import timezone

from agents.models import Agent, LineageEdge, Scar, Trade
from arena.models import BlockRun, Experiment, ExperimentState
from arena.prices.services.markets import market_store
from arena.services.audit.run import experiment_audit
from arena.services.experiments import forks, interventions, lifecycle
from arena.services.headless import runner
from arena.settings_schema import SECTIONS, Settings, SettingsError
from arena.store import files
from arena.work.queue import locally
from tests.arena.engine.small import small_bars
from tests.arena.runs import TINY, draft, finished, finished_once, tiny
from tests.arena.turns import play_rounds

pytestmark = pytest.mark.django_db(transaction=True)
ENDED = (ExperimentState.FINISHED, ExperimentState.EXTINCT)


def fork(experiment, after, **changes):
    keyed = {key.replace("__", "."): value for key, value in changes.items()}
    return forks.experiment_fork(
        experiment=experiment, after_round=after, name="", changes=keyed, owner=experiment.owner
    )


def run(experiment):
    runner.experiment_run(experiment_uuid=experiment.uuid, tell=lambda text: None)
    experiment.refresh_from_db()
    return experiment


def chain(experiment):
    return list(experiment.rounds.order_by("index").values_list("state_sha256", flat=True))


def rows(model, experiment, field="agent"):
    """Everything a table says of an experiment, but for keys, times of day and names of files."""
    mine = model.objects.filter(
        **{"experiment" if model is Agent else f"{field}__experiment": experiment}
    )
    hidden = (
        "id",
        "experiment_id",
        "agent_id",
        "parent_id",
        "child_id",
        "round_id",
        "born_at",
        "died_at",
        "birth_file",
    )
    kept = [
        name
        for name in (each.attname for each in model._meta.concrete_fields)
        if name not in hidden
    ]
    who = {Agent: ("number",), LineageEdge: ("parent__number", "child__number")}.get(
        model, ("agent__number", "round", "sequence")
    )
    return list(mine.order_by(*who).values_list(*who, *kept))


@pytest.mark.parametrize("size", [64, 8])
@pytest.mark.parametrize("after", [0, 3])
def test_a_fork_without_a_change_goes_on_to_the_bit_as_the_original_did(settings, after, size):
    settings.BLOCK_SIZE = size
    original = finished_once()
    settings.BLOCK_SIZE = 64

    twin = run(fork(original, after))

    assert chain(twin) == chain(original)
    assert twin.state_sha256 == original.state_sha256
    for model, field in ((Agent, ""), (Trade, "agent"), (Scar, "agent"), (LineageEdge, "child")):
        assert rows(model, twin, field) == rows(model, original, field), model
    assert twin.next_number == original.next_number
    assert (twin.treasury, twin.money_put_in) == (original.treasury, original.money_put_in)


def test_a_fork_before_it_starts_is_the_original_as_of_its_round():
    original, shorter = finished_once(), draft(settings=tiny())
    before = Experiment.objects.values().get(pk=original.pk), rows(Agent, original), chain(original)

    twin = fork(original, 3)

    with locally():
        lifecycle.experiment_start(experiment_uuid=shorter.uuid)
        play_rounds(shorter, 4)
    assert (
        twin.state,
        twin.rounds_done,
        twin.forked_from,
        twin.forked_after,
        twin.forked_changes,
    ) == ("draft", 4, original, 3, {})
    assert rows(Agent, twin) == rows(Agent, shorter)
    assert twin.state_sha256 == chain(original)[3]
    assert list(experiment_audit(experiment=twin)) == []
    assert (
        Experiment.objects.values().get(pk=original.pk),
        rows(Agent, original),
        chain(original),
    ) == before


@pytest.mark.parametrize("after", [0, 3])
def test_a_fork_shares_what_surprised_and_can_switch_prioritised_replay_on_and_off(after):
    by_priority = tiny(learning=TINY["learning"] | {"priority": 0.7})
    original = finished(by_priority)

    twin, off = run(fork(original, after)), run(fork(original, after, learning__priority=0.0))
    on = run(fork(off, after, learning__priority=0.7))

    assert chain(twin) == chain(original)
    assert chain(off)[: after + 1] == chain(on)[: after + 1] == chain(original)[: after + 1]
    assert chain(off)[after + 1] != chain(original)[after + 1]
    assert on.state == ExperimentState.FINISHED
    for fork_of_it in (off, on):
        assert list(experiment_audit(experiment=fork_of_it)) == []


def test_a_changed_setting_changes_the_future_alone_and_both_are_sound():
    original = finished_once()

    other = run(
        fork(
            original,
            0,
            costs__fee=0.02,
            learning__learning_rate=0.01,
            rounds=7,
            evolution__turnover=0.5,
        )
    )

    assert chain(other)[0] == chain(original)[0]
    assert chain(other)[2] != chain(original)[2]
    assert other.forked_changes == {
        "rounds": [5, 7],
        "learning.learning_rate": [0.001, 0.01],
        "evolution.turnover": [0.2, 0.5],
        "costs.fee": [0.001, 0.02],
    }
    assert (other.rounds_done, other.state) == (7, ExperimentState.FINISHED)
    assert list(experiment_audit(experiment=other)) == []
    assert list(experiment_audit(experiment=original)) == []


def test_what_people_did_before_the_fork_is_shared_and_what_they_did_later_is_not():
    original = draft()
    with locally():
        lifecycle.experiment_start(experiment_uuid=original.uuid)
        for at_round, field, value in (
            (0, "epsilon", 0.6),
            (1, "learning_rate", 0.05),
            (3, "gamma", 0.5),
        ):
            play_rounds(original, at_round)
            edit(original, number=living(original), **{field: value})
        play_rounds(original, 2)
        interventions.experiment_change(
            experiment=original,
            who=None,
            changes={"evolution.turnover": 0.6},
            seen={"evolution.turnover": 0.2},
            now=timezone.now(),
        )
        play_rounds(original, 5)

    early, late = run(fork(original, 0)), run(fork(original, 3))

    assert chain(late) == chain(original)
    assert [row.field for row in early.interventions.order_by("pk")] == ["epsilon"]
    assert chain(early)[:2] == chain(original)[:2] and chain(early)[2] != chain(original)[2]
    assert early.settings["evolution"]["turnover"] == 0.2
    assert list(experiment_audit(experiment=late)) == []


def living(experiment):
    return (
        Agent.objects.filter(experiment=experiment, state="active")
        .order_by("-number")
        .first()
        .number
    )


def edit(experiment, number, **changes):
    agent = Agent.objects.get(experiment=experiment, number=number)
    interventions.intervention_record(
        agent=agent, who=None, changes=changes, version=agent.version, now=timezone.now()
    )


def test_an_edit_before_a_fork_starts_is_felt_in_its_first_own_round():
    original = finished_once()
    twin = fork(original, 0)

    edit(twin, number=living(twin), learning_rate=0.09)

    assert twin.interventions.get().effective_round == 1
    assert chain(run(twin))[1] != chain(original)[1]
    assert list(experiment_audit(experiment=twin)) == []


def test_a_fork_of_a_fork_shares_both_pasts_and_leaves_their_memories_alone():
    original = finished(tiny(rounds=6))
    child = run(fork(original, 0, costs__fee=0.0))
    grandchild = run(fork(child, 4))

    assert chain(grandchild) == chain(child)
    assert forks.fork_rounds(experiment=original) == [0, 4]
    assert list(experiment_audit(experiment=grandchild)) == []


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (2, "fork after round 0 or 3"),
        (4, "or it was the last; fork after round 3"),
        (9, "is not closed"),
    ],
)
def test_a_round_that_cannot_be_forked_after_is_refused_with_those_that_can(after, words):
    original = finished_once()

    with pytest.raises(forks.ForkError, match=words):
        fork(original, after)

    assert Experiment.objects.count() == 1


def test_a_damaged_file_refuses_the_fork_and_leaves_nothing_behind():
    original = finished_once()
    run_row = BlockRun.objects.get(round__experiment=original, round__index=3)
    damage(run_row.checkpoint + files.MEMORY)

    with pytest.raises(forks.ForkError, match="has changed since it was written"):
        fork(original, 3)

    assert Experiment.objects.count() == 1


def damage(name):
    """Flip one bit in the middle of a stored file."""
    data = bytearray(files.read(name))
    data[len(data) // 2] ^= 1
    files.write(name, bytes(data))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"population": 30}, "population: cannot be changed"),
        ({"market__kind": "gbm"}, "market.kind: cannot be changed"),
        ({"nonsense": 1}, "nonsense: cannot be changed"),
        ({"costs__fee": 7}, "costs.fee: .*allowed: 0 to 0.05"),
        ({"rounds": 4}, "rounds: must be at least 5"),
    ],
)
def test_a_change_that_does_not_fit_the_shared_past_is_refused(changes, words):
    original = finished_once()

    with pytest.raises(SettingsError, match=words):
        fork(original, 3, **changes)


def test_impact_cannot_be_forked_onto_a_market_without_volume():
    silent = market_store(
        bars=[replace(small_bars(), volume=np.zeros(600))],
        name="silent",
        data_kind="historical",
        source="test",
    )
    original = run(
        lifecycle.experiment_create(owner=None, name="x", settings=tiny(rounds=2), market=silent)
    )

    with pytest.raises(SettingsError, match=r"costs.impact: needs volume"):
        fork(original, 0, costs__impact=0.1)


def test_a_clone_of_a_fork_starts_from_scratch_with_its_settings():
    clone = lifecycle.experiment_clone(
        experiment_uuid=fork(finished_once(), 0, costs__fee=0.003).uuid
    )

    assert (clone.forked_from, clone.rounds_done, clone.settings["costs"]["fee"]) == (
        None,
        0,
        0.003,
    )
    assert run(clone).state in ENDED


@pytest.mark.matrix
def test_every_setting_that_may_change_can_be_changed_and_the_fork_is_sound():
    original = finished(tiny(rounds=3))

    for key in forks.FORKABLE:
        value = another(key, original)
        if value is None:
            continue
        other = run(
            forks.experiment_fork(
                experiment=original, after_round=0, name=key, changes={key: value}, owner=None
            )
        )
        assert list(other.forked_changes) == [key]
        assert other.state in ENDED, (key, other.state_reason)
        assert list(experiment_audit(experiment=other)) == [], key


def another(key, experiment):
    """A legal value of a setting that is not the experiment's; None where there is only one."""
    section, _, name = key.rpartition(".")
    field = (SECTIONS[section] if section else Settings).model_fields[name]
    settings = forks.fork_settings(experiment=experiment, after_round=0)
    now = getattr(getattr(settings, section) if section else settings, name)
    candidates = get_args(field.annotation) or (
        not now,
        now * 2,
        now / 2,
        now + 1,
        now // 2 if isinstance(now, int) else 0.5,
    )
    for value in candidates:
        try:
            if value != now and type(value) is type(now):
                forks.changed(settings, {key: value})
                return value
        except SettingsError:
            pass
    return None
