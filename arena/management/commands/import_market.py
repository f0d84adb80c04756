"""Reads a file of prices of any size and keeps it as a market; says what was understood."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from arena.management.jumps import add_jumps_option, jumps_settle
from arena.management.prices import refused_words
from arena.management.reading import add_reading_options, reading_of_options
from arena.people.actions import Action
from arena.people.may import may
from arena.prices.files.errors import FeedError
from arena.prices.services.markets import market_import
from arena.prices.services.quarantine import quarantine_words

BAD_INPUT = 2


class Command(BaseCommand):
    requires_system_checks = []
    help = (
        "Keep a file of prices (CSV, JSON, Parquet, Feather) as a market: import_market FILE"
        " [--column ROLE=HEADING] [--owner USER]."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="file of prices")
        add_reading_options(parser)
        add_jumps_option(parser)
        parser.add_argument(
            "--name",
            default="",
            help="what the list will call it; its symbol or the file if left out",
        )
        parser.add_argument("--symbol", default="", help="what its series is called")
        parser.add_argument("--owner", default="", help="user whose form will offer the market")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        began = time.monotonic()
        try:
            owner = _user(options["owner"])
            named = {"name": options["name"], "symbol": options["symbol"]}
            market = market_import(
                path=Path(options["file"]),
                reading=reading_of_options(options),
                owner=owner,
                **named,
            )
        except FeedError as error:
            raise CommandError(refused_words(error), returncode=BAD_INPUT) from None
        seconds = time.monotonic() - began
        jumps_settle(market, options["accept_jumps"])
        lines = [
            *market.notes,
            (
                f"Market {market.pk}, {market.name}: {market.bars:,} bars in {seconds:.1f} s,"
                f" sha256 {market.sha256}"
            ),
        ]
        if words := quarantine_words(market=market):
            lines.append(f"{words}.")
        self.stdout.write("\n".join(lines))


def _user(name: str) -> Any:
    if not name:
        return None
    found = get_user_model().objects.filter(username=name).first()
    if found is None or not may(found, Action.MARKET_BRING):
        raise CommandError(f"there is no active user {name!r:.60}", returncode=BAD_INPUT)
    return found
