"""Runs a whole experiment in this process, without broker or web server; the last line of standard output is its result."""

import json
import signal
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from arena.feeds.errors import FeedError
from arena.management.columns import add_column_option, columns_chosen
from arena.management.config import read_config
from arena.models import MarketData
from arena.services import alone, experiments
from arena.services.markets import market_import
from arena.settings_schema import Settings, SettingsError, parse

BAD_INPUT = 2


class Command(BaseCommand):
    # pages and addresses are none of its business
    requires_system_checks = []
    help = "Run an experiment headless: evolve CONFIG.toml [--market FILE] [--seed N] [--json]."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("config", help="TOML file of settings; every key has a default")
        parser.add_argument("--market", help="file of prices, in place of [market]")
        add_column_option(parser)
        parser.add_argument("--seed", type=int, help="in place of the file's seed")
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object in the last line")
        parser.add_argument("--name", default="", help="name of the experiment; the file's name if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        call_command("migrate", verbosity=0, interactive=False)
        try:
            settings = settings_of(Path(options["config"]), options["market"], options["seed"])
            market = market_row(settings, columns_chosen(options["column"]))
            name = options["name"] or Path(options["config"]).stem
            experiment = experiments.experiment_create(owner=None, name=name, settings=settings, market=market)
        except (SettingsError, FeedError) as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from None
        try:
            seconds = alone.experiment_run(experiment_uuid=experiment.uuid, tell=self._tell)
        except KeyboardInterrupt:
            experiments.experiment_stop(experiment_uuid=experiment.uuid, reason="interrupted")
            raise CommandError("interrupted; what was closed stays in the database") from None
        self._report(alone.experiment_result(experiment_uuid=experiment.uuid, seconds=seconds), options["json"])

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


def settings_of(path: Path, market: str | None, seed: int | None) -> Settings:
    """Settings of a TOML file with the command line's choices upon them; SettingsError names the file."""
    raw = read_config(path)
    if seed is not None:
        raw["seed"] = seed
    if market is not None:
        raw["market"] = (raw["market"] if isinstance(raw.get("market"), dict) else {}) | {"kind": "file", "path": market}
    return parse(raw)


def market_row(settings: Settings, chosen: Mapping[str, str]) -> MarketData | None:
    """The row of the file that settings name, None where they name a simulator or a built-in series. FeedError, SettingsError."""
    path = Path(settings.market.path)
    if settings.market.kind != "file" or not settings.market.path or not path.exists():
        return None
    try:
        return market_import(path=path, chosen=chosen)
    except OSError as error:
        raise SettingsError({"market.path": f"{path} cannot be read: {error.strerror}"}) from None
