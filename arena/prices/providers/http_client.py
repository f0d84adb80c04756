"""One GET of one JSON document from a provider: addresses checked as the socket opens, bounded in
time and size, no redirects.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from arena.prices.files.errors import printable
from arena.prices.providers.faults import Refused, TryAgain

SECONDS = 10.0
MOST_BYTES = 10 * 1024 * 1024
CHUNK = 65_536
USER_AGENT = "lineage"
# the first that fits
TROUBLES: tuple[tuple[Any, str], ...] = (
    (TimeoutError, "took too long to answer"),
    (ssl.SSLError, "has a certificate or an encryption that cannot be trusted"),
    (socket.gaierror, "has no address: the name is not known here"),
    (ConnectionRefusedError, "does not answer: the connection was refused"),
    (
        (http.client.IncompleteRead, http.client.RemoteDisconnected, ConnectionError),
        "cut its answer off",
    ),
    (http.client.HTTPException, "answers in something that is not HTTP"),
)


@dataclass(frozen=True)
class Response:
    """Status, headers by lower-case name, and the JSON that was read (None where there is none that
    can be read).
    """

    status: int
    headers: Mapping[str, str]
    data: Any

    def clock_ms(self) -> int | None:
        """The server's clock, UTC milliseconds, as its Date header tells; None where it does
        not.
        """
        try:
            return int(parsedate_to_datetime(self.headers["date"]).timestamp() * 1000)
        except (KeyError, ValueError, OverflowError):
            return None


def get_json(
    url: str,
    headers: Mapping[str, str],
    *,
    private: bool = False,
    secret: str = "",
    seconds: float = SECONDS,
    most: int = MOST_BYTES,
) -> Response:
    """GET `url`. A status of 200 comes with JSON or raises; any other comes with what could be read
    of its body.

    private: addresses of this machine and of private networks are allowed, over plain HTTP too, as
    the operator's own settings may name them. secret: struck out of the answer, should the server
    repeat it. Raises Refused (an address, a redirect), or TryAgain (no connection, too slow, too
    large, cut off, not JSON).
    """
    host = urlsplit(url).hostname or ""
    try:
        with (
            _connection(url, private, seconds) as connection,
            _deadline(connection, seconds) as late,
        ):
            return _exchange(connection, url, headers, host, most, secret, late)
    except (OSError, http.client.HTTPException) as error:
        raise TryAgain(f"{host} {_trouble(error)}") from None


def _exchange(
    connection: http.client.HTTPConnection,
    url: str,
    headers: Mapping[str, str],
    host: str,
    most: int,
    secret: str,
    late: threading.Event,
) -> Response:
    try:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        # identity: a compressed body could be a thousand times as large as it looks
        sent = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": USER_AGENT,
            **headers,
        }
        connection.connect()
        # the watch found no socket to close if looking the name up took all the time
        if late.is_set():
            raise TryAgain(f"{host} took too long to answer")
        connection.request("GET", target, headers=sent)
        answer = connection.getresponse()
        received = {name.lower(): value for name, value in answer.getheaders()}
        if 300 <= answer.status < 400:
            where = printable(urlsplit(received.get("location", "")).hostname or "another place")
            raise Refused(
                f"{host} redirects to {where}: not followed; correct the provider's address in the"
                " settings"
            )
        body = _body(answer, host, most)
        body = body.replace(secret.encode(), b"(key)") if secret else body
    except (OSError, http.client.HTTPException, ValueError, TryAgain):
        # the watch closed the socket: whatever that looks like from here, the cause is the time
        if late.is_set():
            raise TryAgain(f"{host} took too long to answer") from None
        raise
    if late.is_set():
        raise TryAgain(f"{host} took too long to answer")
    return Response(answer.status, received, _read(body, received, host, answer.status))


def _body(answer: http.client.HTTPResponse, host: str, most: int) -> bytes:
    parts, size = [], 0
    while chunk := answer.read1(CHUNK):
        size += len(chunk)
        if size > most:
            raise TryAgain(f"{host} sent more than {most / 2**20:g} MiB: cut off")
        parts.append(chunk)
    if answer.length:
        raise TryAgain(f"{host} cut its answer off, {answer.length} bytes before its end")
    return b"".join(parts)


def _read(body: bytes, headers: Mapping[str, str], host: str, status: int) -> Any:
    """The JSON of a body, strictly: NaN and infinities are refused. None where an error's body is
    not JSON.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = kind == "application/json" or kind.endswith("+json")
    if status == 200 and not is_json:
        raise TryAgain(
            f"{host} answered with {printable(kind) or 'no content type'} instead of JSON"
        )
    try:
        return orjson.loads(body) if is_json else None
    except orjson.JSONDecodeError as error:
        if status == 200:
            raise TryAgain(
                f"{host} answered with JSON that cannot be read: {printable(str(error))}"
            ) from None
        return None


def _trouble(error: Exception) -> str:
    return next((text for kinds, text in TROUBLES if isinstance(error, kinds)), "cannot be reached")


# connections


@contextmanager
def _connection(url: str, private: bool, seconds: float) -> Iterator[http.client.HTTPConnection]:
    parts = urlsplit(url)
    if parts.scheme == "https":
        connection: http.client.HTTPConnection = _Https(
            parts.hostname or "", parts.port, timeout=seconds
        )
    elif parts.scheme == "http" and private:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    else:
        raise Refused(f"{printable(parts.hostname or url)} is not an https address")
    # the hook that http.client opens its socket by
    connection._create_connection = _opener(private)  # type: ignore[attr-defined]
    try:
        yield connection
    finally:
        connection.close()


class _Https(http.client.HTTPSConnection):
    """Certificates and host names are always checked."""

    def __init__(self, host: str, port: int | None, timeout: float):
        super().__init__(host, port, timeout=timeout, context=ssl.create_default_context())


def _opener(private: bool) -> Any:
    """Opens a socket to an address that was checked: the name is looked up once, so that it cannot
    mean another address later.
    """

    def opened(address: tuple[str, int], timeout: float, source: Any = None) -> socket.socket:
        host, port = address
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        trouble: OSError | None = None
        for hidden in [
            place[0] for *_, place in found if not private and not is_public(str(place[0]))
        ]:
            raise Refused(
                f"{printable(host)} has the address {hidden}, which is not a public one: not"
                " connected"
            )
        for family, kind, protocol, _, place in found:
            door = socket.socket(family, kind, protocol)
            try:
                door.settimeout(timeout)
                door.connect(place)
            except OSError as error:
                door.close()
                trouble = error
            else:
                return door
        raise trouble or OSError(f"no address for {host}")

    return opened


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public Internet: not to this machine, a private network,
    a link or a group.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        # an IPv4 address in IPv6 dress is judged by what it wears beneath: mapped, 6to4, or
        # translated
        beneath = found.ipv4_mapped or found.sixtofour
        if found in ipaddress.ip_network("64:ff9b::/96"):
            beneath = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        found = beneath or found
    return found.is_global and not found.is_multicast


@contextmanager
def _deadline(connection: http.client.HTTPConnection, seconds: float) -> Iterator[threading.Event]:
    """Ends the connection after `seconds` in all: a time limit for each read alone would let a
    server drip for ever.
    """
    late = threading.Event()

    def end() -> None:
        late.set()
        if connection.sock is not None:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    watch = threading.Timer(seconds, end)
    watch.daemon = True
    watch.start()
    try:
        yield late
    finally:
        watch.cancel()
