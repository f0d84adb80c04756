"""Asks what learning, selection and mutation are each worth: runs every combination of the three
and shows their effects.
"""

import json
import signal
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from agents.strategies.rules import BESIDE
from arena.engine.judging.factorial import CELLS, FACTORS
from arena.management.jumps import add_jumps_option, jumps_settle
from arena.management.prices import BAD_INPUT, REFUSED, add_market_option, market_row, settings_of
from arena.management.reading import add_reading_options, reading_of_options
from arena.services.headless.controls import (
    ControlRun,
    budget,
    controls_check,
    controls_effects,
    controls_run,
)
from arena.settings_schema import Settings


class Command(BaseCommand):
    # pages and addresses are none of its business
    requires_system_checks = []
    help = (
        "What are learning, selection and mutation worth? controls CONFIG.toml [--seeds N]"
        " [--market FILE] … [--seed N] [--json]."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("config", help="TOML file of settings, as for evolve")
        parser.add_argument(
            "--seeds",
            type=int,
            default=3,
            help="how often each of the eight combinations is run (3)",
        )
        parser.add_argument("--seed", type=int, help="the first seed, in place of the file's")
        add_market_option(parser)
        add_reading_options(parser)
        add_jumps_option(parser)
        parser.add_argument(
            "--json",
            action="store_true",
            help="print the result as one JSON object in the last line",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        seeds, path = options["seeds"], Path(options["config"])
        if seeds < 1:
            raise CommandError(f"--seeds must be at least 1, got {seeds}", returncode=BAD_INPUT)
        call_command("migrate", verbosity=0, interactive=False)
        try:
            settings = settings_of(path, options["market"], options["seed"])
            controls_check(settings=settings)
            self._tell(budget(settings=settings, seeds=seeds))
            market = market_row(settings, reading_of_options(options))
            jumps_settle(market, options["accept_jumps"])
            runs = controls_run(
                settings=settings, seeds=seeds, market=market, name=path.stem, tell=self._tell
            )
        except REFUSED as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from None
        except KeyboardInterrupt:
            raise CommandError("interrupted; what was closed stays in the database") from None
        result = _result(settings, runs)
        self.stdout.write(
            json.dumps(result, allow_nan=False) if options["json"] else _table(result)
        )
        if not result["effects"]:
            raise CommandError(
                "no seed has all eight values, so there are no effects: see the experiments' states"
            )

    def _tell(self, text: str) -> None:
        self.stderr.write(text)
        self.stderr.flush()


def _result(settings: Settings, runs: Sequence[ControlRun]) -> dict[str, Any]:
    return {
        "market": settings.market.kind,
        "network": settings.network.kind,
        "population": settings.population,
        "rounds": settings.rounds,
        "runs": [
            {
                "seed": run.seed,
                **dict(zip(FACTORS, run.cell, strict=True)),
                "experiment": str(run.experiment.uuid),
                "state": run.experiment.state,
                "return": run.value,
                "children": run.children,
                "baselines": run.rules,
            }
            for run in runs
        ],
        "effects": {
            " x ".join(term): {**vars(found), "by_seed": by_seed}
            for term, (found, by_seed) in controls_effects(runs=runs).items()
        },
    }


def _table(result: dict[str, Any]) -> str:
    """Lines for people: the value of each combination by seed, then each effect with its
    interval.
    """
    seeds = sorted({run["seed"] for run in result["runs"]})
    values = {
        (*(run[factor] for factor in FACTORS), run["seed"]): run["return"] for run in result["runs"]
    }
    rules = {
        (name, run["seed"]): value
        for run in result["runs"]
        for name, value in run["baselines"].items()
    }
    size = f"{result['population']} agents, {result['rounds']} rounds, {result['network']}"
    lines = [f"{result['market']}, {size}: return of the median agent on bars no round touched"]
    lines.append(
        "".join(f"{factor:<11}" for factor in FACTORS)
        + "".join(f"{f'seed {seed}':>12}" for seed in seeds)
    )
    for cell in CELLS:
        switches = "".join(f"{'on' if on else 'off':<11}" for on in cell)
        lines.append(switches + "".join(f"{_percent(values[*cell, seed]):>12}" for seed in seeds))
    played = {
        name: words
        for name, words in BESIDE.items()
        if any(rules.get((name, seed)) is not None for seed in seeds)
    }
    lines += [
        f"{words:<33}" + "".join(f"{_percent(rules.get((name, seed))):>12}" for seed in seeds)
        for name, words in played.items()
    ]
    lines += ["", f"{'effect on that return':<34}{'mean':>10}   95 % interval over seeds"]
    for term, effect in result["effects"].items():
        ends = (
            "none from one seed"
            if effect["low"] is None
            else f"{_percent(effect['low'])} to {_percent(effect['high'])}"
        )
        lines.append(f"{term:<34}{_percent(effect['mean']):>10}   {ends}")
    if not any(run["children"] for run in result["runs"]):
        lines.append(
            "No agent was fit to have a child in any run: selection of parents and mutation had"
            " nothing to work on."
        )
    lines.append(
        "An interval that holds 0 shows no effect. Of seven at 95 % each, one misleads in three"
        " tables of ten where nothing has any."
    )
    return "\n".join(lines)


def _percent(value: float | None) -> str:
    """+1.23 %, or none."""
    return "none" if value is None else f"{value:+.2%}"
