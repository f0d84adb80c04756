"""Asks whether any feature or agent looks ahead, of a stored experiment or of settings."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arena.management.jumps import add_jumps_option
from arena.management.named import experiment_named
from arena.management.prices import BAD_INPUT, REFUSED, add_market_option, market_bars, settings_of
from arena.management.reading import add_reading_options, reading_of_options
from arena.prices.files.options import Reading
from arena.services.evidence.canary import experiment_canary, settings_canary
from ml.checkpoint import CheckpointError

LEAST_MOMENTS = 2


class Command(BaseCommand):
    # pages and addresses are none of its business
    requires_system_checks = []
    help = (
        "Check that nobody looks ahead: canary EXPERIMENT or CONFIG.toml [--market FILE] …"
        " [--moments N] [--json]. Exit code 1 if one does."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "subject", help="id, uuid or name of an experiment, or a TOML file of settings"
        )
        add_market_option(parser)
        add_reading_options(parser)
        add_jumps_option(parser)
        parser.add_argument(
            "--moments", type=int, default=50, help="moments after which the future is changed (50)"
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="print the result as one JSON object in the last line",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["moments"] < LEAST_MOMENTS:
            raise CommandError(
                f"--moments must be at least {LEAST_MOMENTS}, got {options['moments']}",
                returncode=BAD_INPUT,
            )
        try:
            reading, accepted = reading_of_options(options), options["accept_jumps"]
            report = _asked(
                options["subject"],
                options["market"],
                reading,
                options["moments"],
                accepted=accepted,
            )
        except (*REFUSED, CheckpointError) as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from None
        self.stdout.write(
            json.dumps(report) if options["json"] else "\n".join([report["text"], *report["found"]])
        )
        if not report["sound"]:
            raise CommandError("the future is seen", returncode=1)


def _asked(
    subject: str, markets: Sequence[str], reading: Reading, moments: int, *, accepted: bool
) -> dict[str, Any]:
    path = Path(subject)
    if path.suffix != ".toml" and not path.is_file():
        return experiment_canary(
            experiment=experiment_named(subject), moments=moments, everybody=True
        )
    settings = settings_of(path, markets, None)
    return settings_canary(
        settings=settings, series=market_bars(settings, reading, accepted=accepted), moments=moments
    )
