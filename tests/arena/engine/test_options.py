"""Every option of learning can be told from its absence in what agents do and become; every network
plays by the same rules.
"""

import copy
from typing import get_args

import numpy as np
import pytest

from arena.engine.play import play
from arena.engine.results import FIGURES, RoundPlan
from arena.settings_schema import FITNESS, Learning
from ml.learning.replay import TAIL
from ml.networks.registry import NETWORKS
from tests.arena.engine.small import NEXT, PLAN, born, small_market, small_settings

# (option, what else is set with it and without it)
OPTIONS = [
    ({"enabled": False}, {}),
    ({"learning_rate": 2e-3}, {}),
    ({"gamma": 0.9}, {}),
    ({"batch": 9}, {}),
    ({"replay": 64}, {}),
    ({"priority": 0.6}, {}),
    ({"priority_beta": 0.9}, {"priority": 0.6}),
    ({"priority_updates": 10}, {"priority": 0.6}),
    ({"update_every": 2}, {}),
    ({"target_every": 3}, {}),
    ({"double": False}, {}),
    ({"tau": 0.05}, {}),
    ({"n_step": 4}, {}),
    ({"loss": "squared"}, {}),
    ({"reward": "differential_sharpe"}, {}),
    ({"reward": "asymmetric"}, {}),
    ({"exploration": "boltzmann"}, {}),
    ({"temperature": 1.0}, {"exploration": "boltzmann"}),
    ({"epsilon_decay": "exponential"}, {}),
    ({"epsilon_start": 0.5}, {}),
    ({"epsilon_end": 0.5}, {}),
    ({"epsilon_bars": 50}, {}),
    ({"epsilon_compete": 0.5}, {}),
    ({"gradient_clip": 1e-4}, {}),
    ({"weight_decay": 0.0}, {}),
    ({"starts": 50}, {}),
]
BY_TRANSITION = [kind for kind, network in NETWORKS.items() if network.learner == "replay"]


def played(settings, blocks=((0, None),), market=None):
    """Two rounds; the blocks and the digests of all agents after the second."""
    market = market or small_market()
    found = [born(settings, *span) for span in blocks]
    results = [
        [play(block, market, plan, settings) for plan in (PLAN, NEXT)][-1] for block in found
    ]
    return found, np.concatenate([result.digests for result in results])


@pytest.mark.parametrize(("option", "beside"), OPTIONS, ids=str)
def test_an_option_of_learning_changes_what_becomes_of_agents(option, beside):
    # rewards far beyond 1, where Huber's loss and the square part
    market = small_market(volatility=0.05)
    usual, _ = played(small_settings(learning=beside), market=market)

    other, _ = played(small_settings(learning=beside | option), market=market)

    assert (usual[0].online != other[0].online).any()


def test_no_option_of_learning_is_left_out():
    # episodes: see test_schedule
    assert {key for option, _ in OPTIONS for key in option} | {"episodes"} == set(
        Learning.model_fields
    )


def test_agents_are_judged_by_the_kind_of_fitness_that_the_settings_name():
    figures = {}
    for kind in get_args(FITNESS):
        settings = small_settings(evolution={"fitness": kind, "race": 0})
        figures[kind] = play(born(settings), small_market(), PLAN, settings).figures

    fitness = {kind: rows[:, FIGURES.index("fitness")] for kind, rows in figures.items()}
    same_in_all = next(iter(figures.values()))
    for kind, figure in (("score", "score"), ("roi", "return"), ("sharpe", "sharpe")):
        np.testing.assert_allclose(fitness[kind], same_in_all[:, FIGURES.index(figure)], rtol=1e-9)
    assert len({rows.tobytes() for rows in fitness.values()}) == len(fitness)


def test_soft_targets_stay_between_where_they_were_and_the_online_network():
    soft, _ = played(small_settings(learning={"tau": 0.05}))
    hard, _ = played(small_settings(learning={"target_every": 1}))

    assert (hard[0].target == hard[0].online).all()
    assert (soft[0].target != soft[0].online).any()
    start = born(small_settings()).online
    near, far = (
        np.abs(soft[0].target - soft[0].online).mean(),
        np.abs(start - soft[0].online).mean(),
    )
    assert 0 < near < far


@pytest.mark.parametrize("kind", list(NETWORKS))
def test_agents_of_any_network_come_out_the_same_bit_for_bit_in_any_blocks(kind):
    settings = small_settings(network={"kind": kind, "hidden": (6, 5)})

    _, whole = played(settings)
    _, parted = played(settings, ((0, 1), (1, 4)))

    assert (whole == parted).all()


@pytest.mark.parametrize("kind", BY_TRANSITION)
def test_prioritised_replay_gives_the_same_bits_in_any_blocks(kind):
    settings = small_settings(
        network={"kind": kind, "hidden": (6, 5)}, learning={"priority": 0.6, "n_step": 2}
    )

    _, whole = played(settings)
    _, parted = played(settings, ((0, 1), (1, 4)))

    assert (whole == parted).all()


@pytest.mark.parametrize("replay", [64, 131, 1000])
def test_a_slot_has_a_priority_where_and_only_where_it_can_be_drawn(replay):
    settings = small_settings(learning={"priority": 0.6, "replay": replay})
    (block,), _ = played(settings)
    block.agents["remembered"][3], block.priority[3], block.action[3] = 0, 0.0, 0

    result = play(block, small_market(), PLAN, settings)

    age = (block.head - 1 - np.arange(replay)) % replay
    drawable = (age < block.agents["remembered"][:, None, None]) & (block.action != TAIL)
    np.testing.assert_array_equal(block.priority > 0, drawable)
    newest = drawable & (age < PLAN.competition[1] - PLAN.competition[0])
    for priority, fresh in zip(block.priority, newest, strict=True):
        # competition is not learned from before the next practice: all of it stands with the
        # greatest
        assert (priority[fresh] == priority.max()).all()
        # a memory of 64 holds nothing else
        assert replay == 64 or len(set(priority[priority > 0])) > 3
    assert len({bytes(row) for row in result.digests}) == 4


def test_without_priorities_agents_have_no_memory_of_them():
    (block,), _ = played(small_settings())

    assert block.priority.shape == (4, 1, 0)


def test_priorities_can_be_switched_on_and_off_between_rounds():
    market, on, off = small_market(), small_settings(learning={"priority": 0.6}), small_settings()
    block = born(off)
    play(block, market, PLAN, off)
    plain = copy.deepcopy(block)

    play(block, market, NEXT, on)
    assert (block.priority > 0).sum(axis=2).min() > 100
    play(plain, market, NEXT, off)
    assert (plain.online != block.online).any()
    play(block, market, PLAN, off)
    assert block.priority.shape == (4, 1, 0)


def test_a_digest_tells_another_priority():
    settings, market = small_settings(learning={"priority": 0.6}), small_market()
    blocks = [born(settings) for _ in range(2)]
    for block in blocks:
        play(block, market, PLAN, settings)
    # so that nothing is drawn and only what is remembered differs
    asleep = small_settings(learning={"priority": 0.6, "enabled": False})
    blocks[1].priority[2, 0, np.flatnonzero(blocks[1].priority[2, 0])[-1]] *= 2

    usual, other = (
        play(block, market, RoundPlan(1, (464, 470), (), False), asleep).digests for block in blocks
    )

    assert (usual != other).any(axis=1).tolist() == [False, False, True, False]


@pytest.mark.parametrize("kind", list(NETWORKS))
def test_any_network_learns_only_where_learning_is_on(kind):
    network = {"kind": kind, "hidden": (6, 5)}
    start = born(small_settings(network=network)).online

    learned, _ = played(small_settings(network=network))
    asleep, _ = played(small_settings(network=network, learning={"enabled": False}))

    assert (learned[0].online != start).any()
    hurt = asleep[0].agents["scars"] > 0
    assert (asleep[0].online[~hurt] == start[~hurt]).all()


@pytest.mark.parametrize("kind", list(NETWORKS))
def test_weights_of_any_network_stay_smaller_where_they_decay(kind):
    network = {"kind": kind, "hidden": (6, 5)}

    usual, _ = played(small_settings(network=network))
    other, _ = played(small_settings(network=network, learning={"weight_decay": 10.0}))

    sizes = [np.linalg.norm(blocks[0].online, axis=1) for blocks in (usual, other)]
    assert (sizes[1] < 0.95 * sizes[0]).all()


@pytest.mark.parametrize("kind", list(NETWORKS))
def test_an_agent_of_any_network_that_breaks_dies_alone(kind):
    settings = small_settings(network={"kind": kind, "hidden": (6, 5)})
    market, block = small_market(), born(settings)
    block.online[1] = np.nan

    play(block, market, PLAN, settings)

    assert block.agents["state"].tolist() == [0, 3, 0, 0]
