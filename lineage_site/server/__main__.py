"""`python -m lineage_site.server`: serves pages and sockets from this process until it is told to
end.
"""

import os
import resource
import socket

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lineage_site.settings")

from django.conf import settings  # noqa: E402
from uvicorn import Config, Server  # noqa: E402

from lineage_site.server.heap import EVERY_SECONDS, give_back  # noqa: E402
from lineage_site.server.patience import PatientProtocol  # noqa: E402
from lineage_site.server.watchers import WatcherProtocol  # noqa: E402

MOST_CONNECTIONS = 2200
BACKLOG = 2048


def main() -> None:
    """Returns after SIGTERM or SIGINT."""
    raise_file_limit()
    Server(config()).run(
        sockets=listening(settings.HOST, settings.PORT, shared=settings.WEB_WORKERS > 1)
    )


def config() -> Config:
    """Small inbound messages, pings that find a dead line within 20 seconds, no compression (64 KiB
    a socket), an end within 3 seconds.
    """
    PatientProtocol.trusted = frozenset(filter(None, settings.PROXY.split(",")))
    PatientProtocol.unlimited = not settings.LIMITS
    return Config(
        "lineage_site.asgi:application",
        http=PatientProtocol,
        ws=WatcherProtocol,
        lifespan="off",
        # our own settings of the log serve all
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.PROXY),
        forwarded_allow_ips=settings.PROXY or None,
        ws_max_size=4096,
        ws_ping_interval=8,
        ws_ping_timeout=8,
        ws_per_message_deflate=False,
        limit_concurrency=MOST_CONNECTIONS,
        backlog=BACKLOG,
        timeout_graceful_shutdown=3,
        callback_notify=give_back,
        timeout_notify=EVERY_SECONDS,
    )


def listening(host: str, port: int, *, shared: bool) -> list[socket.socket]:
    """A bound socket for each address of `host`. `shared`: several processes may do so, and the
    kernel deals connections out among them.
    """
    return [
        bound(family, address, shared)
        for family, _, _, _, address in dict.fromkeys(
            socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
    ]


def bound(family: int, address: tuple, shared: bool) -> socket.socket:
    """One of them; an IPv6 address is no IPv4 address as well."""
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if shared:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    found.bind(address)
    return found


def raise_file_limit() -> None:
    """Room for a file handle a connection and some to spare, as far as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST_CONNECTIONS
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    main()
