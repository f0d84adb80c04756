"""The option with which a person at the command line says that the leaps of a file's prices are
real.
"""

from argparse import ArgumentParser

from arena.prices.models import MarketData
from arena.prices.services.quarantine import leaps_accept, quarantine_words


def add_jumps_option(parser: ArgumentParser) -> None:
    """--accept-jumps."""
    parser.add_argument(
        "--accept-jumps",
        action="store_true",
        help="prices that leap more than tenfold within a bar are real",
    )


def jumps_settle(market: MarketData | None, accepted: bool) -> None:
    """Take a market out of quarantine, with each of its parts, if it is there and that was said."""
    while accepted and market is not None and quarantine_words(market=market):
        leaps_accept(market=market, who=None)
