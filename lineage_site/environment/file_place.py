"""Where files are kept, by FILES: this machine's own folder, one that several machines share, or an
object store that speaks S3's protocol.
"""

import importlib.util
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lineage_site.environment import env

FOLDER = "lineage_site.storage.DurableStorage"
OBJECTS = "lineage_site.objects.ObjectStorage"
# folder of VAR_DIR with copies of what an object store holds
COPIES = "copies"
EXPECTED = "a folder that can be written, or a bucket like s3://name/beginning-of-names"


def storage(var_dir: Path) -> dict[str, Any]:
    """Django's setting of the default storage; BadEnvironment for a value that makes no sense."""
    place = env.read("FILES", str(var_dir / "storage"), _place, EXPECTED)
    if isinstance(place, Path):
        return {"BACKEND": FOLDER, "OPTIONS": {"location": place}}
    if importlib.util.find_spec("storages") is None:
        env.refuse("FILES names an object store: pip install -r requirements-objects.txt")
    bucket, beginning = place
    megabytes = env.read(
        "FILES_CACHE_MB", "2048", env.whole(16, 10**9), "a whole number of megabytes from 16"
    )
    return {
        "BACKEND": OBJECTS,
        "OPTIONS": {
            "bucket_name": bucket,
            "location": beginning,
            "endpoint_url": env.read("S3_ENDPOINT", "", _address, "an address like http://host:80")
            or None,
            "region_name": env.given("S3_REGION") or "us-east-1",
            # without keys those of the machine's own role are used
            "access_key": env.given("S3_ACCESS_KEY") or None,
            "secret_key": env.given("S3_SECRET_KEY") or None,
            "copies": var_dir / COPIES,
            "most_bytes": megabytes * 10**6,
        },
    }


def _place(raw: str) -> Path | tuple[str, str]:
    """A folder, or (bucket, what the names of objects begin with)."""
    if "://" not in raw:
        return env.writable_folder(raw)
    parts = urlsplit(raw)
    if parts.scheme != "s3" or not parts.hostname or parts.query or parts.username:
        raise ValueError(raw)
    return parts.hostname, parts.path.strip("/")


def _address(raw: str) -> str:
    parts = urlsplit(raw)
    if raw and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.username):
        raise ValueError(raw)
    return raw.rstrip("/")
