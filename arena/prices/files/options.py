"""What a person says of a file where it does not say it itself: the same in form, API and commands.

`OPTIONS` is the one table that form fields, API fields and flags are made from.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from arena.prices.files.errors import FeedError, printable

ROLES = ("time", "open", "high", "low", "close", "volume")
# said in place of a heading: the file has no such column
NONE = "none"
LONGEST = 200


@dataclass(frozen=True)
class Option:
    """One thing to say: `choices` {value: what it means}, {} where any text goes; `help` ends with
    what it is without.
    """

    name: str
    label: str
    help: str
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def flag(self) -> str:
        """What it is called on the command line."""
        return f"--{self.name.replace('_', '-')}"


OPTIONS = {
    option.name: option
    for option in (
        Option(
            "header",
            "Headings",
            "Whether a line names the columns; found by itself.",
            {"first": "the first line names them", NONE: "no line does: column 1, column 2, …"},
        ),
        Option(
            "dates",
            "Dates",
            "How dates are written; found by itself unless all of them can be read two ways.",
            {
                "day": "day first: 31/12/2021",
                "month": "month first: 12/31/2021",
                "year": "year first: 21/12/31",
                "unix": "numbers count from 1970",
                "stamps": "numbers are dates: 202112311600",
            },
        ),
        Option(
            "zone",
            "Time zone",
            "Of times that name none, such as America/New_York or +02:00; UTC without a word.",
        ),
        Option(
            "decimal",
            "Decimals",
            "What a comma in a number means; found by itself unless all of them can be read two"
            " ways.",
            {
                "point": "1,234.5: a point before decimals",
                "comma": "1.234,5: a comma before decimals",
            },
        ),
        Option(
            "empty",
            "Rows without prices",
            "Rows in which a cell that is read is empty (or null, NaN); refused without a word.",
            {"leave_out": "leave them out"},
        ),
        Option("ticker", "Ticker", "Which symbol to read of a file that holds several."),
        Option("since", "Not before", "First day to keep, such as 2020-01-01."),
        Option("until", "Not after", "Last day to keep."),
        Option(
            "bars",
            "Longer bars",
            "Bars to make of shorter ones, such as 15m, 4h, 1d or 1w; as they are without a word.",
        ),
        Option(
            "adjust",
            "Adjusted prices",
            "Prices times the adjusted close over the close, so that splits and dividends do not"
            " show.",
            {"yes": "by the column of adjusted closes"},
        ),
    )
}


@dataclass(frozen=True)
class Reading:
    """What was said: `columns` {role: heading, "column 3" or NONE}, each other field one of
    OPTIONS, "" where nothing was.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    header: str = ""
    dates: str = ""
    zone: str = ""
    decimal: str = ""
    empty: str = ""
    ticker: str = ""
    since: str = ""
    until: str = ""
    bars: str = ""
    adjust: str = ""

    def said(self) -> dict[str, str]:
        """As `reading_of` takes it: {name of an option or role: text}, without what was not
        said.
        """
        headings = {role: heading for role, heading in self.columns.items() if heading}
        return headings | {name: getattr(self, name) for name in OPTIONS if getattr(self, name)}


AS_IT_IS = Reading()


def reading_of(said: Mapping[str, Any]) -> Reading:
    """The reading of {name of an option or role: text}; blank texts say nothing. FeedError for what
    there is not.
    """
    texts = {
        name: str(text).strip()[:LONGEST]
        for name, text in said.items()
        if text is not None and str(text).strip()
    }
    for name, text in texts.items():
        _check(name, text)
    columns = {role: texts.pop(role) for role in ROLES if role in texts}
    return Reading(columns, **texts)


def _check(name: str, text: str) -> None:
    if name in ROLES:
        return
    if name not in OPTIONS:
        near = difflib.get_close_matches(name, [*OPTIONS, *ROLES], n=1)
        raise FeedError(
            f"there is no option {printable(name)}" + (f"; did you mean {near[0]}?" if near else "")
        )
    choices = OPTIONS[name].choices
    if choices and text not in choices:
        raise FeedError(
            f"{OPTIONS[name].label.lower()} ({name}) cannot be {printable(text)}; say"
            f" {' or '.join(choices)}"
        )
