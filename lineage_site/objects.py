"""Files in an object store, whole by its own doing, with copies of them on this machine's disk.

A store that does not answer is a machine's fault like a disk that does not: what waits for it rests
and goes on (`arena.work.faults`), so its errors are told in the words of the operating system.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from lineage_site.copies import Copies

PIECE = 1 << 20
# little patience: the work that waits is taken up again
CLIENT = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "max_attempts": 3},
    s3={"addressing_style": "path"},
)


@contextmanager
def in_our_words(name: str) -> Iterator[None]:
    """FileNotFoundError for what is not there, OSError for all else that a store refuses;
    TimeoutError where none answers.
    """
    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        code = error.response.get("Error", {}).get("Code", status)
        if status == 404 and code != "NoSuchBucket":
            raise FileNotFoundError(errno.ENOENT, "not in the object store", name) from None
        raise OSError(errno.EIO, f"the object store refuses {name}: {code}") from error
    except BotoCoreError as error:
        raise TimeoutError(errno.ETIMEDOUT, f"the object store is away: {error}") from error


class ObjectStorage(S3Storage):
    """copies: folder of the copies, most_bytes: what they fill at most; the rest as django-storages
    names it.
    """

    def __init__(self, *, copies: Path, most_bytes: int, **options: Any):
        self.process = os.getpid()
        self.copies = Copies(copies, most_bytes)
        super().__init__(**{"client_config": CLIENT, "file_overwrite": True} | options)

    @property
    def connection(self) -> Any:
        """A line of this process's own: one that was opened before a fork is another's."""
        if self.process != os.getpid():
            self.process, self._bucket = os.getpid(), None
            self._connections.__dict__.clear()
        return super().connection

    @property
    def bucket(self) -> Any:
        """By the line of this process."""
        return self.connection.Bucket(self.bucket_name)

    def forget(self, name: str) -> bool:
        """Whether the file was read from a copy, which is no more: read again it comes from the
        store.
        """
        return self.copies.forget(name)

    def exists(self, name: str) -> bool:
        with in_our_words(name):
            return super().exists(name)

    def size(self, name: str) -> int:
        with in_our_words(name):
            return super().size(name)

    def delete(self, name: str) -> None:
        self.copies.forget(name)
        with in_our_words(name):
            super().delete(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with in_our_words(path):
            return super().listdir(path)

    def get_modified_time(self, name: str) -> datetime:
        with in_our_words(name):
            return super().get_modified_time(name)

    def _open(self, name: str, mode: str = "rb") -> File:
        if mode != "rb":
            raise ValueError(f"{name}: files are read whole and written whole, not by {mode!r}")
        return File(self.copies.open(name) or self._fetched(name), name)

    def _fetched(self, name: str) -> Any:
        with in_our_words(name):
            found = self.connection.meta.client.get_object(
                Bucket=self.bucket_name, Key=self._normalize_name(name)
            )
            return self.copies.keep(name, iter(lambda: found["Body"].read(PIECE), b""))

    def _save(self, name: str, content: File) -> str:
        """Who writes a block reads it next."""
        with in_our_words(name):
            saved = super()._save(name, content)
        content.seek(0)
        self.copies.keep(name, content.chunks()).close()
        return saved
