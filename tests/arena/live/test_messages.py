"""The schema lets through what the page can apply, and nothing else."""

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID

import numpy as np
import orjson
import pytest

from arena.live import messages

SUBJECT = SimpleNamespace(uuid=UUID(int=7), seq=3, started_at=datetime(2024, 5, 1, tzinfo=UTC))


def told(**changes):
    envelope = {
        "type": "state",
        "v": 1,
        "experiment": str(SUBJECT.uuid),
        "epoch": "e",
        "seq": 3,
        "round": -1,
        "data": {"experiment": {}, "feed": []},
    }
    return orjson.dumps(envelope | changes)


@pytest.mark.parametrize("kind", messages.DATA)
def test_every_type_survives_the_way_to_the_browser_and_back(kind):
    data = {key: [] for key in messages.DATA[kind]}
    message = messages.message(kind, SUBJECT, 2, data)

    assert messages.decode(message.encode()) == message


def test_numbers_that_are_not_finite_become_null():
    cells = np.array([[np.nan, 1.5], [np.inf, -np.inf]], dtype=np.float32)
    message = messages.message("state", SUBJECT, 0, {"experiment": {"a": float("nan"), "b": cells}, "feed": []})

    assert messages.decode(message.encode()).data["experiment"] == {"a": None, "b": [[None, 1.5], [None, None]]}


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
        messages.decode(told(**changes))


@pytest.mark.parametrize("text", ["", "[]", "nonsense", '{"seq": NaN}', "{" * 4096])
def test_what_is_no_envelope_is_refused(text):
    with pytest.raises(messages.MessageError):
        messages.decode(text)


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
