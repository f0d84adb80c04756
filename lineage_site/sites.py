"""Whether another site uses this one's name on the same Redis: a copied folder has its original's,
and the database tells them apart.
"""

import os
import socket
import sys

import django
import redis
from django.conf import settings
from django.db import DatabaseError, connection

SECONDS = 30


class NameTaken(Exception):
    """Another site uses the name; the text says which, and the remedy."""


def hold(client: redis.Redis) -> None:
    """Takes the name for this site's database for SECONDS; NameTaken where another has it."""
    key, mine = f"{settings.SITE}:site", database()
    client.set(key, mine, nx=True, ex=SECONDS)
    held = client.get(key)
    if isinstance(held, bytes) and held.decode(errors="replace") != mine:
        raise NameTaken(
            f"Another site, with the database {held.decode(errors='replace')}, uses this Redis"
            f" under the name {settings.SITE}, or did so less than {SECONDS} seconds ago; set SITE"
            " to another name, or REDIS_URL to another server."
        )
    client.expire(key, SECONDS)


def database() -> str:
    """Which database this is, however it is addressed."""
    place = connection.settings_dict
    if connection.vendor != "postgresql":
        return f"{socket.gethostname()}:{place['NAME']}"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT system_identifier FROM pg_control_system()")
            return f"{cursor.fetchone()[0]}/{place['NAME']}"
    except DatabaseError:
        return f"{place['HOST']}:{place['PORT']}/{place['NAME']}"


def main() -> int:
    """Exit code: 2 with one line where the name is another's. A server that is away is no reason
    not to start: /readyz says so.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lineage_site.settings")
    django.setup()
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2
        ) as client:
            hold(client)
    except NameTaken as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    except redis.RedisError as problem:
        sys.stderr.write(f"REDIS_URL: the server does not answer yet: {problem}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
