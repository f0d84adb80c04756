"""What is kept of the target network's answers is what it would say if asked again."""

import numpy as np
import pytest

from arena.engine.generations.founders import founders
from arena.engine.play import Desk, memory_of, records
from arena.engine.results import AGENT
from ml.learning.target_cache import forget, forget_all, keep, room, unanswered
from ml.networks.base import ACTIONS
from ml.networks.registry import NETWORKS
from tests.arena.engine.small import brain_of, lane, small_market, small_settings


def practised(window, replay=64, **learning):
    """(desk, memory, brain) of founder 1 after one practice window in which every slot is
    overwritten several times.
    """
    settings = small_settings(
        learning={"replay": replay, "update_every": 1, "target_every": 40, **learning}
    )
    birth, desk = founders(settings)[0], Desk(settings, small_market(volatility=0.02))
    agents, weights = np.array([birth.agent], AGENT), birth.weights
    brain, memory = brain_of(weights), memory_of(1, replay)
    desk.practise(records(agents), 0, window, memory, 0, brain)
    return desk, settings, lane(memory, 0), brain


@pytest.mark.compiled
def test_what_is_kept_after_practice_is_what_the_target_says_of_the_state_now_in_the_slot():
    desk, settings, memory, brain = practised((160, 400))
    answers = desk.bench.answers
    kept = np.flatnonzero(answers.said_in == answers.era[0])
    network = NETWORKS[settings.network.kind]

    x = np.hstack([desk.market.features[memory.row[kept]], memory.private[kept]]).astype(np.float32)
    q = np.array([network.q_values(settings.network.hidden, brain.target, row) for row in x])

    assert len(kept) > 20 and not np.array_equal(brain.online, brain.target)
    assert np.array_equal(answers.said[kept], q)


def test_nothing_is_kept_across_a_move_of_the_target_network():
    desk, *_ = practised((160, 400), tau=0.01)
    answers = desk.bench.answers

    assert (answers.said_in != answers.era[0]).all()


def test_a_state_is_asked_about_once_and_again_after_it_or_the_network_changed():
    answers, slots = room(10, 4), np.array([3, 5, 3, 7])

    assert unanswered(slots, answers) == 3 and list(answers.asked[:3]) == [3, 5, 7]
    keep(answers.asked[:3], np.ones((3, ACTIONS), np.float32), answers.said)
    assert unanswered(slots, answers) == 0

    forget(answers, 5)
    assert unanswered(slots, answers) == 1 and answers.asked[0] == 5

    forget_all(answers)
    assert unanswered(slots, answers) == 3
    assert answers.said[3].tolist() == [1.0] * ACTIONS
