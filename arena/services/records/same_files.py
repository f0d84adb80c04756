"""Whether this machine sees the files that belong to its database: another would lose every
experiment in its first round.

A file of the database's own name is written where the first part starts. Who does not find it looks
somewhere else.
"""

from django.conf import settings
from django.db import transaction

from arena.models import Installation
from arena.store import files
from arena.work.identity import this_process


class OtherFiles(Exception):
    """The text says what is wrong, and what helps."""


def same_files_check() -> None:
    """OtherFiles unless the files of the database's other parts are seen here, and more can be
    written.
    """
    try:
        _check()
    except OSError as problem:
        raise OtherFiles(f"Files at {place()} cannot be read or written: {problem}") from None


@transaction.atomic
def _check() -> None:
    row, made = Installation.objects.get_or_create(only=True)
    name = f"{files.INSTALLATIONS}/{row.uuid}"
    if made:
        files.write(name, str(row.uuid).encode())
    elif not files.exists(name):
        raise OtherFiles(
            f"The files at {place()} are not those of this database: {name} is not there, which"
            " another part of the site has written. Set FILES to the same folder or bucket"
            " everywhere; after a move bring all files along."
        )
    _writable(name)


def place() -> str:
    """Where files are kept, for people."""
    options = settings.STORAGES["default"]["OPTIONS"]
    if "bucket_name" in options:
        return f"s3://{options['bucket_name']}/{options['location']}"
    return str(options["location"])


def _writable(beside: str) -> None:
    probe = f"{beside}.{this_process().rsplit(':', 1)[1]}"
    files.write(probe, probe.encode())
    same = files.read(probe) == probe.encode()
    files.remove(probe)
    if not same:
        raise OtherFiles(f"What is written to {place()} comes back as something else.")
