"""kombu's transport over Redis, for a queue that others may have written to and a line that may
break at any moment.

As it comes, a message that is no task of Celery's ends the worker that takes it, since it has left
the queue before it is understood; and where Redis dies at the wrong moment, kombu stumbles over the
connection it has just lost, with an AttributeError that does not show what it is; and a message
whose end it cannot tell Redis counts as being worked on for ever. Methods are extended that are no
public interface: tests drive a real worker.
"""

import base64
import functools
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import orjson
from kombu.transport import TRANSPORT_ALIASES, redis, virtual
from redis import Redis
from redis.exceptions import ConnectionError as LineLost
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
LARGEST = 256 * 1024  # bytes; ours are a few hundred
KEPT, KEPT_BYTES = 100, 4096
REFUSED = "refused"
OURS = ("kombu/transport/redis.py", "/redis/")


class Client(redis.PrefixedStrictRedis):
    """Takes messages off the queue, and sets aside those that are none."""

    def parse_response(self, connection: Any, command_name: str, **options: Any) -> Any:
        """What kombu hands on; None, "nothing came", in the place of what is no message."""
        reply = super().parse_response(connection, command_name, **options)
        if command_name == "BRPOP" and reply and (problem := problem_of(reply[1])):
            self._set_aside(reply[0], reply[1], problem)
            return None
        return reply

    def _set_aside(self, queue: Any, raw: bytes, problem: str) -> None:
        """The beginning of it goes into a list of the last KEPT; the log hears of the 1st, 2nd,
        4th, 8th …
        """
        key, count = f"{self.global_keyprefix}{REFUSED}", 1
        with suppress(RedisError), Redis(connection_pool=self.connection_pool).pipeline() as pipe:
            pipe.incr(f"{key}:count")
            pipe.lpush(key, raw[:KEPT_BYTES])
            pipe.ltrim(key, 0, KEPT - 1)
            count = pipe.execute()[0]
        if count & (count - 1) == 0:
            logger.warning(
                "message %s of %s bytes in queue %s refused: %s (%s in all)",
                count,
                len(raw),
                queue,
                problem,
                key,
            )


def problem_of(raw: bytes) -> str:
    """Why this is no message of ours, in words; "" where it is one."""
    if len(raw) > LARGEST:
        return f"larger than {LARGEST} bytes"
    try:
        message = orjson.loads(raw)
        headers, properties = message["headers"], message["properties"]
        arguments, named, embedded = orjson.loads(base64.b64decode(message["body"], validate=True))
        whole = (
            isinstance(arguments, list)
            and isinstance(named, dict)
            and isinstance(embedded, dict)
            and isinstance(headers["task"], str)
            and isinstance(headers["id"], str)
            and isinstance(properties["delivery_tag"], str)
            and isinstance(properties["delivery_info"], dict)
            and properties["body_encoding"] == "base64"
            and message["content-type"] == "application/json"
            and message["content-encoding"] == "utf-8"
        )
    except (ValueError, KeyError, TypeError) as problem:
        return f"no task: {type(problem).__name__}"
    return "" if whole else "no task"


@contextmanager
def lost_line() -> Iterator[None]:
    """An AttributeError of kombu or redis-py itself, which have no connection any more, is a
    connection that was lost.
    """
    try:
        yield
    except AttributeError as stumble:
        where = traceback.extract_tb(stumble.__traceback__)[-1].filename
        if not any(part in where for part in OURS):
            raise
        raise LineLost(f"the line to Redis was lost: {stumble}") from stumble


class Poller(redis.MultiChannelPoller):
    """Waits for Redis."""

    def on_poll_start(self) -> Any:
        with lost_line():
            return super().on_poll_start()

    def on_readable(self, fileno: int) -> Any:
        with lost_line():
            return super().on_readable(fileno)

    def handle_event(self, fileno: int, event: int) -> Any:
        with lost_line():
            return super().handle_event(fileno, event)

    def maybe_restore_messages(self) -> Any:
        with lost_line():
            return super().maybe_restore_messages()


class QoS(redis.QoS):
    """Counts the messages that are being worked on. One whose end could not be reported to Redis
    holds its place no more: else a worker that was at its most when Redis went away would wait for
    ever, alive and connected, and take nothing. Redis hands it out again by its timer.
    """

    def ack(self, delivery_tag: str) -> None:
        with self._released(delivery_tag):
            super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        with self._released(delivery_tag):
            super().reject(delivery_tag, requeue=requeue)

    @contextmanager
    def _released(self, delivery_tag: str) -> Iterator[None]:
        try:
            yield
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise


class Channel(redis.Channel):
    """Takes messages by our Client, and counts them by our QoS."""

    QoS = QoS

    def _get_client(self) -> Any:
        return functools.partial(Client, global_keyprefix=self.global_keyprefix)


class Transport(redis.Transport):
    """What redis:// and redis+socket:// stand for."""

    Channel = Channel

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # in the place of what takes turns between queues: we have one
        self.cycle = Poller()  # type: ignore[assignment]


def install() -> None:
    """From here on kombu's addresses of Redis lead here; Celery names a transport by the address
    alone.
    """
    for name in ("redis", "rediss"):
        TRANSPORT_ALIASES[name] = f"{__name__}:Transport"
