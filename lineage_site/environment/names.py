"""What a site is called among others on one Redis.

All keys, queues and groups begin with the name. It comes from SECRET_KEY, which the machines of one
site share and two sites do not, so that two of them on one server know nothing of each other.
"""

import hashlib
import re

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
# who says there that they live, and the queues of the broker
BEATS, QUEUES = ("worker", "turn", "timer"), ("lineage", "reaper")


def name(raw: str) -> str:
    """A name as it is; ValueError for one that is no part of a key."""
    if not NAME.fullmatch(raw):
        raise ValueError(raw)
    return raw


def key(site: str, part: str) -> str:
    """Where a part of a site stands in Redis."""
    return f"{site}:{part}"


def default_name(secret_key: str) -> str:
    """The same for the same key, which cannot be inferred from it."""
    return f"lineage-{hashlib.sha256(f'name of the site {secret_key}'.encode()).hexdigest()[:12]}"
