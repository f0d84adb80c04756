"""The option with which commands let a person say which column of a file plays which role."""

from argparse import ArgumentParser
from collections.abc import Sequence

from arena.prices.files.columns import ROLES
from arena.prices.files.errors import FeedError


def add_column_option(parser: ArgumentParser) -> None:
    """--column ROLE=HEADING, as often as needed."""
    text = f"which column of the file is which, where its heading does not say so; ROLE is one of {', '.join(ROLES)}"
    parser.add_argument("--column", action="append", default=[], metavar="ROLE=HEADING", help=text)


def columns_chosen(options: Sequence[str]) -> dict[str, str]:
    """{role: heading} of the options; FeedError for one that is not ROLE=HEADING."""
    chosen = {}
    for option in options:
        role, equals, heading = option.partition("=")
        if role not in ROLES or not equals or not heading.strip():
            raise FeedError(f"--column {option!r:.80} is not ROLE=HEADING with a role of {', '.join(ROLES)}")
        chosen[role] = heading.strip()
    return chosen
