"""The schema of everything the server says to the browser about an experiment.

Envelope: {type, v: 1, experiment: uuid, epoch, seq, round, data}. `epoch` changes when an
experiment starts from scratch; `round` is the last closed round, -1 before the first. All numbers
are finite: what is not becomes null.

A message travels as a frame, and frames may follow one another: bytes of its head and of its arrays
(two uint32), the head, which is the envelope as JSON, the arrays as they are. In the head an array
is {array: type, shape, at: its first byte among the arrays}; it stands in objects, never in lists.
Everything is little-endian. An array's NaN is the page's null.

durable  round         a round closed          {experiment, curves, heatmap, agents, hall, feed}:
                                               only the new round, in the snapshot's shapes;
                                               the whole hall
         state         the experiment changed  {experiment, feed}: its changed fields
         intervention  a person changed it     {experiment, interventions, agents, feed}
hint     progress      a round is being played {round, share, agent_steps_per_second}
         beat          nothing else was said   {}: the line stands, and the page has all there is
whole    snapshot      on connect and on asking {experiment, curves, heatmap, agents, hall, feed,
                                               evaluations, interventions}: the living alone, curves
                                               thinned, one measure of the heatmap as bytes
asked    step          the close of a round    {experiment, curves, agents, hall, feed, evaluations,
                                               interventions}: its own point of the curves, who
                                               lived after it
         heatmap       another measure         {heatmap}
         lives         who ever lived          {lives}: an array a field, by number
         agents        some of them            {agents}
         bands         lines of descent        {bands}: how many agents of each played a round

A durable message raises `seq` by one, in the transaction that did what it tells; hints and
snapshots carry the `seq` that stands. Delivery is at most once: who sees a gap in `seq`, or another
`epoch`, asks for a snapshot with {"type": "resync"}.
"""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import numpy as np
import orjson

VERSION = 1
DATA: dict[str, frozenset[str]] = {
    "round": frozenset({"experiment", "curves", "heatmap", "agents", "hall", "feed"}),
    "state": frozenset({"experiment", "feed"}),
    "intervention": frozenset({"experiment", "interventions", "agents", "feed"}),
    "progress": frozenset({"round", "share", "agent_steps_per_second"}),
    "beat": frozenset(),
    "snapshot": frozenset(
        {
            "experiment",
            "curves",
            "heatmap",
            "agents",
            "hall",
            "feed",
            "evaluations",
            "interventions",
        }
    ),
    "step": frozenset(
        {"experiment", "curves", "agents", "hall", "feed", "evaluations", "interventions"}
    ),
    "heatmap": frozenset({"heatmap"}),
    "lives": frozenset({"lives"}),
    "bands": frozenset({"bands"}),
    "agents": frozenset({"agents"}),
}
DURABLE = frozenset({"round", "state", "intervention"})
ENVELOPE = frozenset({"type", "v", "experiment", "epoch", "seq", "round", "data"})
# what an event in the channel layer is called
MESSAGE, RECHECK = "live.message", "live.recheck"
SIZES = struct.Struct("<II")
# NumPy's names of the types an array may have: float32 where a screen needs no more, float64 for
# what must stay exact, int32, and bytes
ARRAYS = frozenset({"<f4", "<f8", "<i4", "|u1"})
ARRAY = frozenset({"array", "shape", "at"})
MAX_REQUEST = 4096  # bytes
MAX_FRAME = (
    256 * 1024
)  # bytes; a longer message is replaced by an empty one: a browser that gets it asks for a snapshot


class MessageError(ValueError):
    """A message that does not follow the schema; the text says where."""


class Watched(Protocol):
    """What a message needs to know of an experiment's row. started_at: datetime or None."""

    uuid: UUID
    seq: int
    started_at: Any


@dataclass(frozen=True)
class Message:
    """One envelope; raises MessageError where type, numbering or data do not follow the schema."""

    type: str
    experiment: str
    epoch: str
    seq: int
    round: int
    data: Mapping[str, Any]
    v: int = VERSION

    def __post_init__(self) -> None:
        if self.type not in DATA:
            raise MessageError(f"type {self.type!r} is unknown; known: {', '.join(DATA)}")
        if self.v != VERSION:
            raise MessageError(f"version {self.v!r} is not {VERSION}")
        if not _whole(self.seq, 0) or not _whole(self.round, -1):
            raise MessageError(
                f"seq {self.seq!r} and round {self.round!r} must be whole numbers from 0 and"
                " from -1"
            )
        if not isinstance(self.data, Mapping) or set(self.data) != DATA[self.type]:
            raise MessageError(
                f"data of {self.type!r} must have exactly the keys"
                f" {', '.join(sorted(DATA[self.type]))}"
            )

    @property
    def durable(self) -> bool:
        return self.type in DURABLE

    @property
    def envelope(self) -> dict[str, Any]:
        """Its fields by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def encode(self) -> bytes:
        """Its frame; TypeError where something is neither JSON nor one of ARRAYS."""
        arrays: list[bytes] = []

        def beside(value: Any) -> dict[str, Any]:
            if not isinstance(value, np.ndarray) or value.dtype.str not in ARRAYS:
                raise TypeError
            place = sum(map(len, arrays))
            arrays.append(value.tobytes())
            return {"array": value.dtype.str, "shape": value.shape, "at": place}

        head = orjson.dumps(self.envelope, default=beside)
        return b"".join([SIZES.pack(len(head), sum(map(len, arrays))), head, *arrays])


def decode(data: bytes) -> list[Message]:
    """The messages in `data`, as the page reads them (static/js/stream/frames.js); MessageError on
    anything the schema does not know.
    """
    messages, at = [], 0
    while at < len(data):
        if len(data) - at < SIZES.size:
            raise MessageError("a frame is cut off")
        head, arrays = SIZES.unpack_from(data, at)
        begin, end = at + SIZES.size, at + SIZES.size + head
        at = end + arrays
        if at > len(data):
            raise MessageError("a frame is cut off")
        raw = _object(data[begin:end])
        if set(raw) != ENVELOPE:
            raise MessageError(f"an envelope has exactly the keys {', '.join(sorted(ENVELOPE))}")
        messages.append(Message(**_filled(raw, data[end:at])))
    return messages


def message(kind: str, experiment: Watched, round_index: int, data: Mapping[str, Any]) -> Message:
    """An envelope about `experiment` as its row stands; `round_index`: last closed round, -1 =
    none.
    """
    return Message(kind, str(experiment.uuid), epoch(experiment), experiment.seq, round_index, data)


def progress(
    experiment: Watched, round_index: int, share: float, agent_steps_per_second: float
) -> Message:
    """Round `round_index` is played to `share` (0 to 1), a hint that may be lost."""
    data = {"round": round_index, "share": share, "agent_steps_per_second": agent_steps_per_second}
    return message("progress", experiment, round_index - 1, data)


def beat(experiment_uuid: UUID, epoch: str, seq: int) -> Message:
    """Said to one browser that is at (epoch, seq), where nothing else was."""
    return Message("beat", str(experiment_uuid), epoch, seq, -1, {})


def epoch(experiment: Watched) -> str:
    """Which run of the experiment a seq belongs to: uuid and start in ms since 1970."""
    started = int(experiment.started_at.timestamp() * 1000) if experiment.started_at else 0
    return f"{experiment.uuid.hex}.{started}"


def group(experiment_uuid: UUID) -> str:
    """Name of the channel group that hears of an experiment."""
    return f"experiment.{experiment_uuid.hex}"


def viewer_group(user_id: int) -> str:
    """Name of the channel group of all sockets of a user."""
    return f"user.{user_id}"


def event(message: Message) -> dict[str, Any]:
    """What travels through the channel layer to the consumers: the frame once encoded, and what
    they sort it by.
    """
    frame = message.encode()
    return {
        "type": MESSAGE,
        "kind": message.type,
        "epoch": message.epoch,
        "seq": message.seq,
        "frame": frame if len(frame) <= MAX_FRAME else b"",
    }


def is_event(heard: Any) -> bool:
    """Whether something that came through the layer is what event() makes, or asks to look again
    who may watch.
    """
    if not isinstance(heard, Mapping):
        return False
    if heard.get("type") == RECHECK:
        return True
    kinds = {"kind": str, "epoch": str, "seq": int, "frame": bytes}
    return (
        heard.get("type") == MESSAGE
        and all(isinstance(heard.get(name), kind) for name, kind in kinds.items())
        and heard["kind"] in DATA
        and len(heard["frame"]) <= MAX_FRAME
    )


def is_resync(text: str) -> bool:
    """Whether the browser asks for a snapshot; MessageError on anything else it might say."""
    if _object(text).get("type") != "resync":
        raise MessageError('the one request known is {"type": "resync"}')
    return True


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        raw = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise MessageError(f"not JSON: {error}") from None
    if not isinstance(raw, dict):
        raise MessageError("not a JSON object")
    return raw


def _filled(value: Any, arrays: bytes) -> Any:
    """`value` with its arrays in their places."""
    if not isinstance(value, dict):
        return value
    if set(value) != ARRAY:
        return {key: _filled(each, arrays) for key, each in value.items()}
    if value["array"] not in ARRAYS:
        raise MessageError(f"array of {value['array']!r}; known: {', '.join(sorted(ARRAYS))}")
    return np.frombuffer(arrays, value["array"], math.prod(value["shape"]), value["at"]).reshape(
        value["shape"]
    )


def _whole(value: Any, low: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= low
