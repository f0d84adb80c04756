"""One REDIS_URL in the dialects of its readers, and where the private server's socket lies."""

import hashlib
import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

# what fits into sockaddr_un.sun_path, without its closing zero byte
LONGEST_SOCKET_PATH = 107
# not TMPDIR: the launcher's children have another one, and so may another terminal
SHORT_PATHS = Path("/tmp")


def socket_path(var_dir: Path) -> Path:
    """VAR_DIR/redis.sock; where that path is too long, the same short one for the same VAR_DIR and
    user each time.
    """
    path = var_dir / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    mark = hashlib.sha256(os.fsencode(var_dir)).hexdigest()[:12]
    return SHORT_PATHS / f"lineage-{os.getuid()}-{mark}" / "redis.sock"


def private_url(var_dir: Path) -> str:
    """The address of the server that the launcher starts where REDIS_URL is not set."""
    return f"unix://{socket_path(var_dir)}?db=0"


def checked(url: str) -> str:
    """The address as redis-py and Channels read it; ValueError where the scheme, host, port or
    number is no good.
    """
    parts = urlsplit(url)
    if parts.scheme in {"redis", "rediss"} and parts.hostname and parts.port != 0:
        int(parts.path.strip("/") or 0)
        return url
    if parts.scheme == "unix" and parts.path.startswith("/"):
        database(url)
        return url
    raise ValueError(url)


def database(url: str) -> int:
    """The number of the database in a unix:// address, 0 where none is named."""
    return int(parse_qs(urlsplit(url).query).get("db", ["0"])[0])


def broker(url: str) -> str:
    """The address as Celery reads it: unix:///p?db=1 becomes redis+socket:///p?virtual_host=1, the
    rest stays.
    """
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database(url)}"
