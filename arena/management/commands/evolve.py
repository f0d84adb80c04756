"""Runs a whole experiment in this process, without broker or web server; the last line of standard
output is its result.
"""

import json
import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from arena.management.jumps import add_jumps_option, jumps_settle
from arena.management.prices import (
    BAD_INPUT,
    REFUSED,
    add_market_option,
    market_row,
    refused_words,
    settings_of,
)
from arena.management.reading import add_reading_options, reading_of_options
from arena.services.experiments import lifecycle
from arena.services.headless import runner


class Command(BaseCommand):
    # pages and addresses are none of its business
    requires_system_checks = []
    help = "Run an experiment headless: evolve CONFIG.toml [--market FILE] … [--seed N] [--json]."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("config", help="TOML file of settings; every key has a default")
        add_market_option(parser)
        add_reading_options(parser)
        add_jumps_option(parser)
        parser.add_argument("--seed", type=int, help="in place of the file's seed")
        parser.add_argument(
            "--json",
            action="store_true",
            help="print the result as one JSON object in the last line",
        )
        parser.add_argument(
            "--name", default="", help="name of the experiment; the file's name if left out"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        call_command("migrate", verbosity=0, interactive=False)
        try:
            settings = settings_of(Path(options["config"]), options["market"], options["seed"])
            market = market_row(settings, reading_of_options(options))
            if market is not None:
                self._tell("\n".join(market.notes))
            jumps_settle(market, options["accept_jumps"])
            name = options["name"] or Path(options["config"]).stem
            experiment = lifecycle.experiment_create(
                owner=None, name=name, settings=settings, market=market
            )
        except REFUSED as error:
            raise CommandError(refused_words(error), returncode=BAD_INPUT) from None
        if words := runner.experiment_warning(experiment=experiment):
            self._tell(f"warning: {words}")
        self._tell(runner.experiment_extent(experiment=experiment))
        try:
            seconds = runner.experiment_run(experiment_uuid=experiment.uuid, tell=self._tell)
        except KeyboardInterrupt:
            runner.experiment_interrupt(experiment_uuid=experiment.uuid)
            raise CommandError("interrupted; what was closed stays in the database") from None
        self._report(
            runner.experiment_result(experiment_uuid=experiment.uuid, seconds=seconds),
            options["json"],
        )

    def _tell(self, text: str) -> None:
        self.stderr.write(text)
        self.stderr.flush()

    def _report(self, result: dict[str, Any], as_json: bool) -> None:
        failure = result.pop("failure")
        if as_json:
            self.stdout.write(json.dumps(result, allow_nan=False))
        else:
            self.stdout.write("\n".join(f"{key}: {value}" for key, value in result.items()))
        if failure:
            raise CommandError(failure)
