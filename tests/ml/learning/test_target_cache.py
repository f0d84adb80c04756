"""What is kept of the target network's answers is what it would say if asked again."""

import numpy as np
import pytest

from arena.engine.founders import founders
from arena.engine.play import Desk, memory_of, records
from arena.engine.results import AGENT
from ml.learning.target_cache import forget, forget_all, keep, room, unanswered
from ml.networks.base import ACTIONS
from ml.networks.registry import NETWORKS
from tests.arena.engine.small import small_market, small_settings


def practised(window, replay=64, **learning):
    """(desk, memory, brain) of founder 1 after one practice window in which every slot is overwritten several times."""
    settings = small_settings(learning={"replay": replay, "update_every": 1, "target_every": 40, **learning})
    birth, desk = founders(settings)[0], Desk(settings, small_market(volatility=0.02))
    agents, weights = np.array([birth.agent], AGENT), birth.weights
    brain = (weights.copy(), weights.copy(), np.zeros_like(weights), np.zeros_like(weights))
    memory = memory_of(1, replay)
    desk.practise(records(agents), 0, window, memory, 0, brain)
    return desk, settings, tuple(part[0] for part in memory), brain


@pytest.mark.compiled
def test_whatever_is_kept_after_practice_is_what_the_target_network_says_of_the_state_now_in_the_slot():
    desk, settings, (private, _, _, bar), (online, target, _, _) = practised((160, 400))
    said, said_in, era, _ = desk.table[-4:]
    kept = np.flatnonzero(said_in == era[0])
    network = NETWORKS[settings.network.kind]

    x = np.hstack([desk.market.features[bar[kept]], private[kept]]).astype(np.float32)
    q = np.array([network.q_values(settings.network.hidden, target, row) for row in x])

    assert len(kept) > 20 and not np.array_equal(online, target)
    assert np.array_equal(said[kept], q)


def test_nothing_is_kept_across_a_move_of_the_target_network():
    desk, *_ = practised((160, 400), tau=0.01)
    _, said_in, era, _ = desk.table[-4:]

    assert (said_in != era[0]).all()


def test_a_state_is_asked_about_once_and_again_after_it_or_the_network_changed():
    said, said_in, era, asked = table = room(10, 4)
    slots = np.array([3, 5, 3, 7])

    assert unanswered(slots, said_in, era, asked) == 3 and list(asked[:3]) == [3, 5, 7]
    keep(asked[:3], np.ones((3, ACTIONS), np.float32), said)
    assert unanswered(slots, said_in, era, asked) == 0

    forget(table, 5)
    assert unanswered(slots, said_in, era, asked) == 1 and asked[0] == 5

    forget_all(table)
    assert unanswered(slots, said_in, era, asked) == 3
    assert said[3].tolist() == [1.0] * ACTIONS
