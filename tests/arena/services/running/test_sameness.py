"""The same seed gives the same bits: again, in other blocks, after a pause. Through the queue: see
test_matrix.
"""

import builtins

import pytest

from agents.models import Agent, LineageEdge, Scar, Trade
from arena.models import ExperimentState, Round
from arena.services.audit.run import experiment_audit
from arena.services.experiments import lifecycle
from arena.settings_schema import parse
from arena.work.queue import locally
from ml.networks.registry import NETWORKS
from tests.arena.runs import (
    TINY,
    basket,
    draft,
    finished,
    finished_once,
    started,
    tiny,
    untouched,
)
from tests.arena.turns import work_off
from tests.ml.adding import compensated, left_to_right

pytestmark = pytest.mark.django_db(transaction=True)
# more agents than a block of 64 holds
WIDE = {
    "population": 80,
    "rounds": 2,
    "round_bars": 96,
    "seed": 11,
    "learning": {"replay": 512, "epsilon_bars": 200},
    "evolution": {"juvenile_rounds": 0},
    "life": {"endowment": 5000.0},
}


def lineage(experiment):
    """What a family tree is drawn from."""
    edges = LineageEdge.objects.filter(child__experiment=experiment).order_by(
        "child__number", "parent__number"
    )
    agents = Agent.objects.filter(experiment=experiment).order_by("number")
    return [*edges.values_list("parent__number", "child__number", "weight_distance")], [
        *agents.values_list("number", "state", "equity")
    ]


def test_the_same_seed_twice_and_another_seed_once():
    first, second, other = finished(), finished(), finished(tiny(seed=8))

    assert first.state_sha256 == second.state_sha256 != other.state_sha256
    assert lineage(first) == lineage(second)
    assert list(Round.objects.filter(experiment=first).values_list("state_sha256")) == list(
        Round.objects.filter(experiment=second).values_list("state_sha256")
    )


@pytest.mark.parametrize("size", [1, 7, 16])
def test_blocks_of_any_size_give_the_same_bits(settings, size):
    whole = finished_once()
    settings.BLOCK_SIZE = size

    parts = finished()

    assert parts.rounds.first().blocks.count() == -(-20 // size)
    assert parts.state_sha256 == whole.state_sha256
    assert lineage(parts) == lineage(whole)


def test_blocks_of_16_and_of_64_give_the_same_bits(settings):
    wanted = parse(WIDE)
    settings.BLOCK_SIZE = 64
    wide = finished(wanted)
    settings.BLOCK_SIZE = 16

    narrow = finished(wanted)

    assert (wide.rounds.first().blocks.count(), narrow.rounds.first().blocks.count()) == (2, 5)
    assert narrow.state_sha256 == wide.state_sha256


def test_agents_on_several_symbols_are_the_same_twice_and_in_blocks_of_16_and_of_64(settings):
    wanted, market = parse(WIDE), basket(2)
    settings.BLOCK_SIZE = 64
    wide, again = finished(wanted, market), finished(wanted, market)
    settings.BLOCK_SIZE = 16

    narrow = finished(wanted, market)

    assert (wide.rounds.first().blocks.count(), narrow.rounds.first().blocks.count()) == (2, 5)
    assert narrow.state_sha256 == wide.state_sha256 == again.state_sha256
    assert lineage(narrow) == lineage(wide)
    assert set(Trade.objects.filter(agent__experiment=wide).values_list("symbol", flat=True)) == {
        0,
        1,
    }


@pytest.mark.parametrize("network", sorted(NETWORKS))
def test_an_experiment_on_several_symbols_is_sound_whatever_its_network(network):
    costs, life = (
        {"impact": 0.02, "funding": 0.0001, "borrow": 0.0001},
        {"direction": "long_short", "max_leverage": 3.0},
    )
    priority = {"priority": 0.6} if NETWORKS[network].learner == "replay" else {}
    settings = tiny(
        network={"kind": network, "hidden": [8]},
        costs=costs,
        life=life,
        rounds=3,
        learning=TINY["learning"] | priority,
    )

    experiment = finished(settings, basket(3, volatility=0.03))

    assert list(experiment_audit(experiment=experiment)) == []
    scars = Scar.objects.filter(agent__experiment=experiment)
    assert set(scars.values_list("symbol", flat=True)) == {0, 1, 2}
    assert {row.subject for row in experiment.evaluations.all()} >= {"champion", "buy_and_hold"}


@pytest.mark.parametrize("network", sorted(NETWORKS))
def test_no_digest_depends_on_how_the_interpreter_adds_up(monkeypatch, network):
    # as Python 3.11 does, and as those after it do
    found, settings = [], tiny(network={"kind": network, "hidden": [8]})
    for adds in (left_to_right, compensated):
        monkeypatch.setattr(builtins, "sum", adds)
        experiment = finished(settings)
        found.append(
            [*experiment.rounds.values_list("state_sha256", "births_sha256", "curves", "ledger")]
        )

    assert found[0] == found[1]


def test_an_experiment_keeps_its_blocks_when_the_site_changes_their_size(settings):
    settings.BLOCK_SIZE = 8
    experiment, _ = started()
    settings.BLOCK_SIZE = 64

    go_on(experiment)

    assert experiment.rounds.last().blocks.count() == 3
    assert experiment.state_sha256 == untouched()


def test_a_pause_after_every_round_leaves_no_trace():
    experiment = draft()
    with locally():
        lifecycle.experiment_start(experiment_uuid=experiment.uuid)
        while experiment.state != ExperimentState.FINISHED:
            lifecycle.experiment_pause(experiment_uuid=experiment.uuid)
            work_off()
            experiment.refresh_from_db()
            if experiment.state == ExperimentState.PAUSED:
                lifecycle.experiment_resume(experiment_uuid=experiment.uuid)

    assert experiment.state_sha256 == untouched()


@pytest.mark.parametrize("inheritance", ["lamarckian", "baldwinian"])
def test_crossover_and_either_inheritance_are_sound_and_the_same_twice(inheritance):
    settings = tiny(
        rounds=6,
        market={"kind": "trend_up", "drift": 2.0},
        learning=TINY["learning"] | {"epsilon_compete": 0.3},
        evolution={
            "juvenile_rounds": 0,
            "turnover": 0.3,
            "crossover": True,
            "inheritance": inheritance,
        },
        costs={"fee": 0.0, "half_spread": 0.0, "slippage": 0.0},
    )
    first, second = finished(settings), finished(settings)

    assert first.state_sha256 == second.state_sha256
    assert LineageEdge.objects.filter(child__experiment=first, kind="crossover").count() > 10
    assert list(experiment_audit(experiment=first)) == []


@pytest.mark.parametrize("network", ["q_net", "attention"])
def test_prioritised_replay_gives_the_same_bits_in_any_blocks_and_is_sound(settings, network):
    wanted = tiny(
        network={"kind": network, "hidden": [8]},
        learning=TINY["learning"] | {"priority": 0.7, "priority_updates": 50},
    )
    plain, whole = finished(tiny(network={"kind": network, "hidden": [8]})), finished(wanted)
    settings.BLOCK_SIZE = 7

    parts = finished(wanted)

    assert parts.state_sha256 == whole.state_sha256 != plain.state_sha256
    assert lineage(parts) == lineage(whole) != lineage(plain)
    assert list(experiment_audit(experiment=parts)) == []


@pytest.mark.parametrize("selection", ["truncation", "rank", "fitness_proportionate"])
def test_every_option_of_selection_gives_the_same_bits_in_any_blocks(settings, selection):
    options = {
        "selection": selection,
        "novelty": 0.5,
        "novelty_neighbours": 3,
        "elite": 2,
        "self_adaptive": True,
        "crossover": True,
    }
    wanted = tiny(evolution=TINY["evolution"] | options)
    plain, whole = finished_once(), finished(wanted)
    settings.BLOCK_SIZE = 7

    parts = finished(wanted)

    assert (
        LineageEdge.objects.filter(child__experiment=whole).values("strength").distinct().count()
        > 1
    )
    assert parts.state_sha256 == whole.state_sha256 != plain.state_sha256
    assert lineage(parts) == lineage(whole)
    assert [row.diversity for row in parts.rounds.all()] == [
        row.diversity for row in whole.rounds.all()
    ]


def go_on(experiment):
    """Play a running experiment to its end."""
    work_off(experiment=experiment.pk)
    experiment.refresh_from_db()
