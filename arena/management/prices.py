"""The files of prices that a command's settings or options name: opened here, because a command
runs on its user's own machine.
"""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from django.db import transaction

from arena.errors import BasketRefused
from arena.management.config import read_config
from arena.prices.files import builtin
from arena.prices.files.errors import FeedError
from arena.prices.files.options import OPTIONS, Reading
from arena.prices.market.bars import Bars
from arena.prices.market.together import NothingCommon, at_common_times
from arena.prices.models import MarketData
from arena.prices.services.baskets import market_together
from arena.prices.services.markets import file_read, market_builtin, market_import
from arena.prices.services.quarantine import series_check
from arena.selectors.market_choice import bars_of_series, bars_of_settings
from arena.services.experiments.market_choice import market_of_series
from arena.settings_schema import ON_SERIES, Settings, SettingsError, parse

BAD_INPUT = 2
# what is wrong with a file, with settings, or with files that are to go together
REFUSED = (SettingsError, FeedError, BasketRefused, NothingCommon)


def add_market_option(parser: ArgumentParser) -> None:
    """--market FILE, several times for several symbols."""
    text = (
        "file of prices, in place of [market]; given again, another symbol that is traded beside it"
    )
    parser.add_argument("--market", action="append", default=[], metavar="FILE", help=text)


def settings_of(path: Path, markets: Sequence[str], seed: int | None) -> Settings:
    """Settings of a TOML file with the command line's choices upon them; SettingsError names the
    file.
    """
    raw = read_config(path)
    if seed is not None:
        raw["seed"] = seed
    if markets:
        market = raw["market"] if isinstance(raw.get("market"), dict) else {}
        named = (
            {"path": markets[0], "paths": ()}
            if len(markets) == 1
            else {"path": "", "paths": markets}
        )
        raw["market"] = (
            market | {"kind": "bootstrap" if market.get("kind") == "bootstrap" else "file"} | named
        )
    return parse(raw)


def refused_words(error: Exception) -> str:
    """A line for each problem; where a file asks, the flags that answer."""
    if not isinstance(error, FeedError):
        return str(error)
    lines = error.sentences()
    if error.ask is not None:
        flag = OPTIONS[error.ask.option].flag
        lines.append(
            "answer with "
            + " or ".join(f"{flag} {value}" for value in list(error.ask.choices)[:10])
        )
    return "\n".join(lines)


@transaction.atomic
def market_row(settings: Settings, reading: Reading) -> MarketData | None:
    """The row made of the files that settings name, None where they name a simulator or built-in
    series alone. One of REFUSED.
    """
    if not _names_files(settings):
        return None
    parts = [_part(name, reading) for name in settings.market.names]
    return market_of_series(settings=settings, series=market_together(parts=parts))


def market_bars(settings: Settings, reading: Reading, *, accepted: bool) -> tuple[Bars, ...]:
    """The bars of each symbol that settings name, files among them, nothing stored. One of REFUSED.

    accepted: leaps of their prices are real.
    """
    if not _names_files(settings):
        return bars_of_settings(settings=settings)
    bars = [
        file_read(path=Path(name), reading=reading).bars
        if _is_file(name)
        else builtin.load(name)[0]
        for name in settings.market.names
    ]
    if not accepted:
        for name, own in zip(settings.market.names, bars, strict=True):
            series_check(name=name, bars=own)
    return bars_of_series(settings=settings, bars=at_common_times(bars))


def _part(name: str, reading: Reading) -> MarketData:
    return (
        market_import(path=Path(name), reading=reading)
        if _is_file(name)
        else market_builtin(name=name)
    )


def _names_files(settings: Settings) -> bool:
    return settings.market.kind in ON_SERIES and any(
        _is_file(name) for name in settings.market.names
    )


def _is_file(name: str) -> bool:
    return bool(name) and Path(name).exists()
