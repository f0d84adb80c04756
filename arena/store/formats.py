"""The format of stored files: each block's say of which they are, and one that cannot be read is
refused in a sentence.
"""

from collections.abc import Mapping

from ml.checkpoint import CheckpointError

# raised by one where what the files hold is laid out otherwise: their arrays, or a record in them
FORMAT = 1
# files from before they said so are of this one
FIRST = 1
KNOWN = (FORMAT,)
KEY = "format"
STATED = {KEY: FORMAT}


class UnknownFormat(CheckpointError):
    """A sound file of a version that is not known here: nothing of it is to be made again."""


def check(note: Mapping[str, object], name: str) -> None:
    """UnknownFormat unless the file `name`, with this metadata, is of a format that can be read."""
    found = note.get(KEY, FIRST)
    if type(found) is not int or found not in KNOWN:
        raise UnknownFormat(
            f"{name} is of format {found!r}, and this version of the program knows"
            f" {', '.join(map(str, KNOWN))}: run the version that wrote it, or fork the experiment"
            " after a round whose files are of a known format"
        )
