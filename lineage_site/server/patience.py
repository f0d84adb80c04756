"""How long a connection may take: to say anything, to finish a request's head, to send its body, to
take the answer.

uvicorn has no such limits: a client that says nothing, or a byte now and then, would hold its place
for ever. The methods that are extended here are uvicorn's own and no public interface, so its
version is pinned and tests drive a real server over raw sockets.
"""

import ipaddress
from collections import Counter
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from lineage_site.server.progress import Progress

IDLE_SECONDS = 10.0  # until the first byte
HEAD_SECONDS = 20.0  # from a request's first byte to the end of its head
BODY_SECONDS = 20.0  # a body may take so long, and beyond that as long as it comes at LEAST_RATE
LEAST_RATE = (
    8 * 1024
)  # bytes a second; a total alone would refuse large uploads over honest slow lines
CROWDED = 0.75  # of all places taken: from here on patience is shorter
IN_A_CROWD = 0.2
OF_ADDRESS, OF_LOOPBACK = 128, 1024
LOOK_SECONDS = 1.0
WAIT, SEND_BODY = h11.IDLE, h11.SEND_BODY
TOO_SLOW = b"The request came too slowly.\n"
TOO_MANY = (
    b"HTTP/1.1 429 Too Many Requests\r\ncontent-type: text/plain\r\nretry-after: 10\r\nconnection:"
    b" close\r\n\r\nToo many connections from this address.\n"
)


class PatientProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol with an end to its patience, and a bound of connections per
    address.

    trusted: addresses of proxies, whose connections are shared and so have no bound.
    Websockets leave as they are upgraded, and are counted where they are accepted. Each process
    counts for itself.
    """

    trusted: frozenset[str] = frozenset()
    unlimited = False
    of_address: Counter[str] = Counter()
    counted: str | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.progress = Progress()
        self._begin()
        self._watch()
        address = self.client[0] if self.client else ""
        self.counted = address
        self.of_address[address] += 1
        if self.of_address[address] > self._most(address):
            transport.write(TOO_MANY)
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        before, cycle = self.conn.their_state, self.cycle
        super().data_received(data)
        # the first byte of a head begins its time, too
        if (
            self.conn.their_state is not before
            or self.cycle is not cycle
            or (before is WAIT and not self.received)
        ):
            self._begin()
        self.received += len(data)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.conn.their_state is WAIT:
            self._begin()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._leave()
        super().handle_websocket_upgrade(event)

    def look(self, now: float) -> None:
        """Ends the connection where it has taken too long."""
        if self.progress.stuck(self.transport, now):
            self.transport.abort()
        elif not self.transport.is_closing() and self._late(now):
            self._refuse()

    def _begin(self) -> None:
        """Another part of the conversation begins."""
        self.since, self.received = self.loop.time(), 0

    def _late(self, now: float) -> bool:
        """Whether what is awaited from the client should have been here by now."""
        patience = (
            IN_A_CROWD
            if self.limit_concurrency and len(self.connections) > CROWDED * self.limit_concurrency
            else 1.0
        )
        if self.conn.their_state is SEND_BODY:
            if self.flow.read_paused:
                # it is we who do not listen
                self.since += LOOK_SECONDS
            return now - self.since > patience * BODY_SECONDS + self.received / LEAST_RATE
        if self.conn.their_state is WAIT:
            return now - self.since > patience * (HEAD_SECONDS if self.received else IDLE_SECONDS)
        return False

    def _refuse(self) -> None:
        """408 where a request had begun and nothing was answered yet, then the end."""
        self.logger.debug("connection from %s ended: too slow", self.client)
        if self.received and self.conn.our_state in {WAIT, h11.SEND_RESPONSE}:
            headers = [(b"content-type", b"text/plain"), (b"connection", b"close")]
            events = (
                h11.Response(status_code=408, headers=headers, reason=b"Request Timeout"),
                h11.Data(data=TOO_SLOW),
                h11.EndOfMessage(),
            )
            self.transport.write(b"".join(self.conn.send(event) or b"" for event in events))
        if self.cycle is not None:
            # the application may not answer any more
            self.cycle.disconnected = True
        self.transport.close()

    def _most(self, address: str) -> float:
        if self.unlimited or address in self.trusted or not address:
            return float("inf")
        return (
            OF_LOOPBACK
            if ipaddress.ip_address(address.partition("%")[0]).is_loopback
            else OF_ADDRESS
        )

    def _leave(self) -> None:
        """Counted no more."""
        if self.counted is None:
            return
        self.of_address[self.counted] -= 1
        if not self.of_address[self.counted]:
            del self.of_address[self.counted]
        self.counted = None

    def _watch(self) -> None:
        """One look at all connections a second, as long as there are any."""
        if not getattr(self.server_state, "looking", False):
            # ours, in the place where all connections of a server meet
            self.server_state.looking = True  # type: ignore[attr-defined]
            self.loop.call_later(LOOK_SECONDS, look_at_all, self)


def look_at_all(one: PatientProtocol) -> None:
    """Looks at every connection of `one`'s server, and comes back as long as there are any."""
    found = [each for each in one.connections if isinstance(each, PatientProtocol)]
    for each in found:
        each.look(one.loop.time())
    if found:
        one.loop.call_later(LOOK_SECONDS, look_at_all, one)
    else:
        one.server_state.looking = False  # type: ignore[attr-defined]
