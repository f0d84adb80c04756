"""The newest frame of an experiment is kept, and nothing else of it; stored as it is sent, and made
anew where the experiment has moved on.
"""

import threading
import time
from hashlib import sha256
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.db import DatabaseError

from arena.models import Experiment, FirstPaint, RoundSummary
from arena.services.rounds import first_paints
from arena.services.rounds.first_paints import (
    Frame,
    Frames,
    first_paint_ahead,
    first_paint_frame,
)
from arena.wire import messages
from tests.arena import world

A, B, C = (UUID(int=number) for number in range(3))


def made(seq: int, size: int = 10):
    return lambda: Frame("e", seq, bytes(size))


def test_three_thousand_rounds_leave_one_frame():
    frames = Frames()
    for seq in range(3000):
        assert frames.frame(A, "e", seq, made(seq, 1000 + seq)).seq == seq

    assert (len(frames), frames.bytes) == (1, 3999)


def test_a_frame_that_is_new_enough_is_not_made_again():
    frames = Frames()
    first = frames.frame(A, "e", 3, made(5))

    assert frames.frame(A, "e", 5, lambda: None) is first
    assert frames.frame(A, "e", 6, made(6)).seq == 6
    assert frames.frame(A, "another start", 0, made(0)).seq == 0


def test_who_was_asked_for_long_ago_makes_room():
    frames = Frames(most=2)
    for experiment in (A, B, A, C):
        frames.frame(experiment, "e", 1, made(1))

    assert list(frames._kept) == [A, C]


def test_bytes_are_bounded_and_what_is_larger_than_all_of_them_is_not_kept():
    frames = Frames(most_bytes=25)
    for experiment in (A, B, C):
        frames.frame(experiment, "e", 1, made(1))
    assert frames.bytes == 20

    assert len(frames.frame(A, "e", 2, made(2, 26)).packed) == 26
    assert frames.bytes <= 25


def test_who_asks_while_it_is_made_waits_for_it():
    frames, calls, got = Frames(), [], []

    def slow() -> Frame:
        calls.append(1)
        time.sleep(0.1)
        return Frame("e", 1, b"x")

    threads = [
        threading.Thread(target=lambda: got.append(frames.frame(A, "e", 1, slow)))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(calls), len(got), len({id(frame) for frame in got})) == (1, 20, 1)


@pytest.fixture
def run(db, monkeypatch):
    """An experiment of an earlier version, without summaries."""
    monkeypatch.setattr(first_paints, "_frames", Frames())
    monkeypatch.setattr(first_paints, "_made_at", {})
    return world.experiment(world.user())


def asked(run, monkeypatch):
    """As a process asks that has not been asked before."""
    monkeypatch.setattr(first_paints, "_frames", Frames())
    return first_paint_frame(experiment_uuid=run.uuid)


def test_what_one_process_made_another_one_sends(run, monkeypatch):
    made = first_paint_frame(experiment_uuid=run.uuid)
    monkeypatch.setattr(first_paints, "first_paint_message", None)

    stored = asked(run, monkeypatch)

    assert RoundSummary.objects.filter(round__experiment=run).count() == 3
    assert (stored.seq, stored.packed) == (3, made.packed)
    [message] = messages.decode(stored.data)
    assert (message.type, message.round) == ("snapshot", 2)


def test_one_of_another_moment_is_replaced(run, monkeypatch):
    first_paint_frame(experiment_uuid=run.uuid)
    Experiment.objects.filter(pk=run.pk).update(seq=9)

    assert asked(run, monkeypatch).seq == 9
    assert [row.seq for row in FirstPaint.objects.all()] == [9]


def test_one_of_another_release_is_replaced(run, monkeypatch):
    first_paint_frame(experiment_uuid=run.uuid)
    FirstPaint.objects.update(format=first_paints.FORMAT + 1, frame=b"of another layout")

    assert asked(run, monkeypatch).data[:1] != b"o"
    assert [row.format for row in FirstPaint.objects.all()] == [first_paints.FORMAT]


def keys(value):
    """Names of all that is in a message, without its values."""
    return {name: keys(each) for name, each in value.items()} if isinstance(value, dict) else None


def test_another_layout_of_the_first_paint_is_another_format(run):
    """Whoever adds to a first paint raises first_paints.FORMAT, and writes the new layout here."""
    [message] = messages.decode(first_paint_frame(experiment_uuid=run.uuid).data)

    layout = sha256(repr(keys(message.data)).encode()).hexdigest()[:16]
    assert (first_paints.FORMAT, layout) == (1, "d8c10ea0ae7c5037")


def test_one_that_cannot_be_stored_is_sent_all_the_same(run, monkeypatch):
    def full(**_):
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr(FirstPaint.objects, "update_or_create", full)

    assert first_paint_frame(experiment_uuid=run.uuid).seq == 3


def test_ahead_of_who_asks_it_is_made_now_and_then_and_for_the_last_round_always(run, monkeypatch):
    times = iter([100.0, 101.0, 101.5, 103.0])
    monkeypatch.setattr(first_paints, "time", SimpleNamespace(monotonic=lambda: next(times)))
    seen = []
    monkeypatch.setattr(first_paints, "_made", seen.append)

    for last in (False, False, True, False):
        first_paint_ahead(experiment_id=run.pk, last=last)

    assert len(seen) == 2
