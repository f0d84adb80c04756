"""The newest frame of an experiment is kept, and nothing else of it."""

import threading
import time
from uuid import UUID

from arena.selectors.pages.snapshot_frames import Frame, Frames

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

    assert len(frames.frame(A, "e", 2, made(2, 26)).data) == 26
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
