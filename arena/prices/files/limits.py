"""The most that is read of any file."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """`stored`: bytes of the file as it came; `unpacked`: bytes of what its columns hold; `rows`,
    `columns` of the table.
    """

    stored: int
    unpacked: int
    rows: int
    columns: int = 10_000


UPLOAD = Limits(stored=20 * MIB, unpacked=200 * MIB, rows=5_000_000)
# a person's own file on their own machine; the memory of the machine is the limit
OWN_FILE = Limits(stored=2**40, unpacked=2**40, rows=100_000_000)
