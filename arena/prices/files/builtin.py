"""A few small real series that come with the project, so that a newcomer has real data offline."""

import gzip
from functools import cache
from pathlib import Path
from typing import NamedTuple

from arena.prices.files.errors import FeedError
from arena.prices.files.price_file import understand
from arena.prices.market.bars import Bars

FOLDER = Path(__file__).parent / "series"
# all of them end before: 2013-03-02 UTC
WRITTEN_MS = 1_362_182_400_000
SOURCE = (
    "Quandl WIKI Prices, declared public domain by its publisher, as packaged in bokeh_sampledata"
    " 2026.1 (stocks.csv.gz, sha256"
    " 5abadf99b2d394f920120a27de6f0df129859d71d4cfb0bf661bcc99446ab1fd). "
)
UNCHANGED = "Prices as traded: no split falls in this stretch; dividends are not added back."
SPLIT = (
    "Prices before a split divided and volumes multiplied by its factor ({}); dividends are not"
    " added back."
)


class BuiltIn(NamedTuple):
    """`title` for people, `symbol`, `file` in the folder series, `provenance`: source, terms, and
    what was changed.
    """

    title: str
    symbol: str
    file: str
    provenance: str


SERIES = {
    "ibm_daily": BuiltIn("IBM, daily, 2000 to 2013", "IBM", "ibm_daily.csv.gz", SOURCE + UNCHANGED),
    "aapl_daily": BuiltIn(
        "Apple, daily, 2000 to 2013",
        "AAPL",
        "aapl_daily.csv.gz",
        SOURCE + SPLIT.format("2 for 1 on 2000-06-21 and on 2005-02-28"),
    ),
    "msft_daily": BuiltIn(
        "Microsoft, daily, 2000 to 2013",
        "MSFT",
        "msft_daily.csv.gz",
        SOURCE + SPLIT.format("2 for 1 on 2003-02-18"),
    ),
}


@cache
def load(name: str) -> tuple[Bars, tuple[str, ...]]:
    """(bars, notes) of a key of SERIES, kept by this process; `FeedError` for any other name."""
    if name not in SERIES:
        raise FeedError(
            f"there is no built-in series {name!r:.60}; choose one of {', '.join(SERIES)}"
        )
    file = SERIES[name].file
    read = understand(gzip.decompress((FOLDER / file).read_bytes()), file, WRITTEN_MS)
    return read.bars, tuple(read.notes)
