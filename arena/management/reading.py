"""The options with which commands let a person say what a file of prices does not say itself."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from arena.prices.files.errors import FeedError
from arena.prices.files.options import OPTIONS, ROLES, Reading, reading_of


def add_reading_options(parser: ArgumentParser) -> None:
    """--column ROLE=HEADING, as often as needed, and a flag for each option of reading."""
    text = (
        "which column of the file is which, where its heading does not say so; ROLE is one of"
        f" {', '.join(ROLES)}"
    )
    parser.add_argument("--column", action="append", default=[], metavar="ROLE=HEADING", help=text)
    for option in OPTIONS.values():
        values = "; ".join(f"{value}: {meaning}" for value, meaning in option.choices.items())
        about = f"{option.help} {values}".strip().replace("%", "%%")
        parser.add_argument(
            option.flag,
            dest=f"read_{option.name}",
            default="",
            metavar="|".join(option.choices) or "TEXT",
            help=about,
        )


def reading_of_options(options: Mapping[str, Any]) -> Reading:
    """What the options say; FeedError for one that makes no sense."""
    said = {name: options[f"read_{name}"] for name in OPTIONS}
    for text in options["column"]:
        role, equals, heading = text.partition("=")
        if role not in ROLES or not equals or not heading.strip():
            raise FeedError(
                f"--column {text!r:.80} is not ROLE=HEADING with a role of {', '.join(ROLES)}"
            )
        said[role] = heading.strip()
    return reading_of(said)
