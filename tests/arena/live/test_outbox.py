"""What waits for a browser is bounded, in order and without gaps, however the messages come in."""

from hypothesis import given
from hypothesis import strategies as st

from arena.live.outbox import MAX_BYTES, MAX_WAITING, Outbox


def event(seq, kind="round", epoch="e", frame=None):
    return {
        "kind": kind,
        "epoch": epoch,
        "seq": seq,
        "frame": f"{kind}{seq}".encode() if frame is None else frame,
    }


def settled(seq=0):
    outbox = Outbox()
    outbox.begin_snapshot()
    outbox.settle("e", seq)
    return outbox


def test_a_new_outbox_wants_a_snapshot_first():
    assert Outbox().stale
    assert not settled()


def test_messages_leave_in_order_and_once():
    outbox = settled()
    for seq in (1, 2, 3):
        outbox.put(event(seq))

    assert outbox.take() == [b"round1", b"round2", b"round3"]
    assert outbox.take() == []


def test_a_message_that_the_snapshot_holds_is_not_sent_again():
    outbox = Outbox()
    outbox.begin_snapshot()
    outbox.put(event(5))
    outbox.put(event(6))
    outbox.settle("e", 5)

    assert outbox.take() == [b"round6"]


def test_a_gap_asks_for_a_snapshot():
    outbox = settled()
    outbox.put(event(2))

    assert outbox.take() == []
    assert outbox.stale


def test_another_epoch_asks_for_a_snapshot():
    outbox = settled()
    outbox.put(event(1, epoch="f"))

    assert outbox.take() == []
    assert outbox.stale


def test_only_the_newest_progress_is_sent_and_it_never_counts():
    outbox = settled()
    for share in (b"a", b"b", b"c"):
        outbox.put(event(0, kind="progress", frame=share))
    outbox.put(event(1))

    assert outbox.take() == [b"round1", b"c"]


def test_too_many_messages_become_one_snapshot():
    outbox = settled()
    for seq in range(1, MAX_WAITING + 2):
        outbox.put(event(seq))

    assert outbox.stale
    assert outbox.take() == []


def test_too_long_messages_become_one_snapshot():
    outbox = settled()
    outbox.put(event(1, frame=b"x" * (MAX_BYTES + 1)))

    assert outbox.stale


def test_a_message_too_long_to_be_published_becomes_a_snapshot():
    outbox = settled()
    outbox.put(event(1, frame=b""))

    assert outbox.stale


def test_a_flood_while_a_snapshot_is_made_is_followed_by_another_snapshot():
    outbox = Outbox()
    outbox.begin_snapshot()
    for seq in range(1, MAX_WAITING + 2):
        outbox.put(event(seq))
    outbox.settle("e", 0)

    assert outbox.stale


@given(lost=st.sets(st.integers(1, 200)), taken=st.sets(st.integers(1, 200)))
def test_a_browser_never_misses_a_message_without_a_snapshot(lost, taken):
    outbox, seen = settled(), 0
    for seq in range(1, 201):
        if seq not in lost:
            outbox.put(event(seq))
        if seq in taken:
            for frame in outbox.take():
                assert frame == f"round{seen + 1}".encode()
                seen += 1
            if outbox.stale:
                outbox.begin_snapshot()
                outbox.settle("e", seq)
                seen = seq
