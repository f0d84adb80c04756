"""What an experiment waits for is said in a sentence: the machine, a pause, or its turn with a
place in the queue.
"""

import pytest

from arena.selectors.pages.snapshot import snapshot
from arena.selectors.waiting import _nth, experiments_wait, machine_waits, work_waits
from arena.work.claims import claim_done, claim_failed, claim_next
from arena.work.kinds import BLOCK, IMPORT, NULL_WORLD
from arena.work.models import Job
from arena.work.queue import Wanted, jobs_ask, jobs_hold
from tests.arena import world

pytestmark = pytest.mark.django_db(transaction=True)


def ask(user, experiment, kind=BLOCK, subject=0):
    jobs_ask(wanted=[Wanted(kind, 10 * experiment + subject + 1)], user=user, experiment=experiment)


def test_places_go_round_users_first():
    for user, experiment in ((1, 11), (1, 12), (1, 13), (2, 21)):
        ask(user, experiment)
    ask(3, 0, kind=IMPORT)

    found = experiments_wait(experiments=[11, 12, 13, 21, 99])

    assert {pk: words.split(": ")[1] for pk, words in found.items()} == {
        11: "1st of 5 in the queue.",
        21: "2nd of 5 in the queue.",
        12: "4th of 5 in the queue.",
        13: "5th of 5 in the queue.",
    }
    assert work_waits(kind=IMPORT, experiment=0) == "Waits for its turn: 3rd of 5 in the queue."


def test_who_has_been_served_stands_behind():
    ask(1, 11)
    ask(2, 21)
    ask(1, 12)
    claim_done(claim_next())

    assert work_waits(experiment=21).startswith("Waits for its turn: 1st of 2")
    assert work_waits(experiment=12).startswith("Waits for its turn: 2nd of 2")


def test_what_is_done_now_or_held_or_not_there_waits_for_nothing():
    ask(1, 11)
    ask(1, 11, kind=NULL_WORLD, subject=5)
    claim_next()
    ask(2, 21)
    jobs_hold(experiment=21)

    assert [work_waits(experiment=pk) for pk in (11, 21, 31)] == ["", "", ""]
    assert experiments_wait(experiments=[11, 21, 31]) == {}


def test_a_fault_is_named_before_a_place():
    ask(1, 11)
    claim_failed(claim_next(), reason="OSError: odd", machine=False)
    assert work_waits(experiment=11) == "Rests before it is tried again: OSError: odd."
    assert machine_waits(experiment_id=11) == ""

    Job.objects.update(not_before=None)
    claim_failed(claim_next(), reason="no space: 1.2 GiB needed, 0 free", machine=True)
    words = "Waits: no space: 1.2 GiB needed, 0 free. It goes on by itself as soon as it can."
    assert work_waits(experiment=11) == machine_waits(experiment_id=11) == words


def test_the_live_page_begins_with_it(ada):
    row = world.experiment(ada)
    ask(ada.pk, row.pk)

    assert (
        snapshot(experiment=row)["experiment"]["waits"]
        == "Waits for its turn: 1st of 1 in the queue."
    )


def test_ordinals():
    ordinals = {number: _nth(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 102, 111, 1003)}

    assert " ".join(ordinals.values()) == "1st 2nd 3rd 4th 11th 12th 13th 21st 102nd 111th 1,003rd"
