"""The schema lets through what the page can apply, and nothing else."""

import math
import struct
from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID

import numpy as np
import orjson
import pytest

from arena.wire import messages

SUBJECT = SimpleNamespace(uuid=UUID(int=7), seq=3, started_at=datetime(2024, 5, 1, tzinfo=UTC))


def envelope_of(**changes):
    envelope = {
        "type": "state",
        "v": 1,
        "experiment": str(SUBJECT.uuid),
        "epoch": "e",
        "seq": 3,
        "round": -1,
        "data": {"experiment": {}, "feed": []},
    }
    return framed(orjson.dumps(envelope | changes))


def framed(head, arrays=b""):
    return struct.pack("<II", len(head), len(arrays)) + head + arrays


@pytest.mark.parametrize("kind", messages.DATA)
def test_every_type_survives_the_way_to_the_browser_and_back(kind):
    data = {key: [] for key in messages.DATA[kind]}
    message = messages.message(kind, SUBJECT, 2, data)

    assert messages.decode(message.encode()) == [message]


def test_numbers_that_are_not_finite_become_null():
    message = messages.message(
        "state", SUBJECT, 0, {"experiment": {"a": float("nan"), "b": [math.inf, 1.5]}, "feed": []}
    )

    assert messages.decode(message.encode())[0].data["experiment"] == {"a": None, "b": [None, 1.5]}


@pytest.mark.parametrize("kind", sorted(messages.ARRAYS))
def test_arrays_come_back_bit_for_bit_in_their_places(kind):
    whole = np.issubdtype(kind, np.integer)
    ends = np.iinfo(kind if whole else np.int32)
    first = np.arange(6).reshape(2, 3).astype(kind)
    second = np.array([7, ends.max, ends.min], kind)
    if not whole:
        first[0, 0], first[1, 2] = np.nan, 0.1
    message = messages.message(
        "state",
        SUBJECT,
        0,
        {"experiment": {"deep": {"a": first}, "b": second.repeat(2)[::2]}, "feed": []},
    )

    [decoded] = messages.decode(message.encode())

    for back, was in (
        (decoded.data["experiment"]["deep"]["a"], first),
        (decoded.data["experiment"]["b"], second),
    ):
        assert (back.dtype, back.shape, back.tobytes()) == (was.dtype, was.shape, was.tobytes())


def test_frames_may_follow_one_another():
    sent = [messages.progress(SUBJECT, index, 0.5, 1.0) for index in range(3)]

    assert messages.decode(b"".join(each.encode() for each in sent)) == sent
    assert messages.decode(b"") == []


@pytest.mark.parametrize(
    "value", [np.zeros(2, np.int64), np.zeros(2, ">f4"), np.array(["a"]), np.float32(1.0), {1}]
)
def test_what_no_page_could_read_is_not_sent(value):
    message = messages.message("state", SUBJECT, 0, {"experiment": {"a": value}, "feed": []})

    with pytest.raises(TypeError):
        message.encode()


def test_ten_thousand_values_take_four_bytes_each_and_little_more():
    values = np.random.default_rng(1).normal(size=(5, 1, 2000)).astype(np.float32)
    message = messages.message(
        "state", SUBJECT, 0, {"experiment": dict(zip("abcde", values, strict=True)), "feed": []}
    )

    assert len(message.encode()) < 40_000 + 500


@pytest.mark.parametrize("cut", [1, 7, 8, 20, -1])
def test_a_frame_that_is_cut_off_is_refused(cut):
    whole = messages.message(
        "state", SUBJECT, 0, {"experiment": {"a": np.zeros(9)}, "feed": []}
    ).encode()

    with pytest.raises(messages.MessageError):
        messages.decode(whole[:cut])


def test_an_array_of_an_unknown_type_is_refused():
    with pytest.raises(messages.MessageError, match="i8"):
        messages.decode(
            envelope_of(data={"experiment": {"array": "<i8", "shape": [1], "at": 0}, "feed": []})
        )


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"type": "rumour"}, "unknown"),
        ({"v": 2}, "version"),
        ({"seq": -1}, "seq"),
        ({"seq": True}, "seq"),
        ({"seq": "3"}, "seq"),
        ({"round": -2}, "round"),
        ({"round": 1.5}, "round"),
        ({"data": {}}, "keys"),
        ({"data": []}, "keys"),
        ({"data": {"experiment": {}, "feed": [], "more": 1}}, "keys"),
        ({"extra": 1}, "exactly"),
    ],
)
def test_what_the_schema_does_not_know_is_refused(changes, complaint):
    with pytest.raises(messages.MessageError, match=complaint):
        messages.decode(envelope_of(**changes))


@pytest.mark.parametrize("text", ["", "[]", "nonsense", '{"seq": NaN}', "{" * 4096])
def test_what_is_no_envelope_is_refused(text):
    with pytest.raises(messages.MessageError):
        messages.decode(framed(text.encode()))


def test_the_epoch_changes_when_an_experiment_starts_from_scratch():
    draft = SimpleNamespace(uuid=SUBJECT.uuid, seq=0, started_at=None)

    assert messages.epoch(draft) != messages.epoch(SUBJECT)


def test_progress_carries_the_seq_that_stands_and_the_last_closed_round():
    message = messages.progress(SUBJECT, 5, 0.5, 1e6)

    assert (message.seq, message.round, message.durable) == (3, 4, False)
    assert message.data == {"round": 5, "share": 0.5, "agent_steps_per_second": 1e6}


@pytest.mark.parametrize("text", ['{"type": "resync"}', '{"type": "resync", "seq": "x"}'])
def test_the_browser_may_ask_for_a_snapshot(text):
    assert messages.is_resync(text)


@pytest.mark.parametrize("text", ['{"type": "drop table"}', "{}", "[]", "resync", '"resync"'])
def test_the_browser_may_ask_for_nothing_else(text):
    with pytest.raises(messages.MessageError):
        messages.is_resync(text)
