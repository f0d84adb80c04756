"""Shows what share of the best possible growth the agents learn to earn on a market where it is
known; a table, or one JSON line.
"""

import json
import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from agents.strategies.rules import COMMITTEE
from arena.engine.judging.chains import CHAINS
from arena.management.commands.evolve import BAD_INPUT
from arena.management.config import read_config
from arena.presets import PRESETS
from arena.services.headless.proving import proof_run
from arena.settings_schema import Settings, SettingsError, parse

# whose settings stand behind a file's own where that leaves the market to us
PRESET_OF = {
    "planted": PRESETS["planted"],
    "planted_memory": PRESETS["memory"],
    "sine": PRESETS["first-look"],
}


class Command(BaseCommand):
    # pages and addresses are none of its business
    requires_system_checks = []
    help = (
        "Prove that settings learn: prove CONFIG.toml [--seeds N] [--market"
        " planted|planted_memory|sine] [--json]."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("config", help="TOML file of settings, as for evolve")
        parser.add_argument(
            "--seeds",
            type=int,
            default=5,
            help="runs with learning on, and as many with it off (5)",
        )
        parser.add_argument(
            "--market",
            choices=list(CHAINS),
            help="the form's preset for it, under the file's settings; planted where none is named",
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="print the result as one JSON object in the last line",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        if options["seeds"] < 1:
            raise CommandError(
                f"--seeds must be at least 1, got {options['seeds']}", returncode=BAD_INPUT
            )
        call_command("migrate", verbosity=0, interactive=False)
        try:
            settings = parse(_on_market(read_config(Path(options["config"])), options["market"]))
            found = proof_run(settings=settings, seeds=options["seeds"], tell=self._tell)
        except SettingsError as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from None
        except KeyboardInterrupt:
            raise CommandError("interrupted; what was closed stays in the database") from None
        result = _result(settings, found)
        self.stdout.write(
            json.dumps(result, allow_nan=False) if options["json"] else _table(result)
        )
        if any(run["share"] is None for side in found.values() for run in side["runs"]):
            raise CommandError(
                "not every run has a share: see the experiments' states, or plant an edge above"
                " what trading costs"
            )

    def _tell(self, text: str) -> None:
        self.stderr.write(text)
        self.stderr.flush()


def _on_market(raw: dict[str, Any], kind: str | None) -> dict[str, Any]:
    """The file's settings; where a market is asked for, or none is, on top of the preset
    made for it.
    """
    market = raw.get("market", {})
    if not isinstance(market, dict) or (kind is None and "kind" in market):
        return raw
    kind = kind or "planted"
    preset = PRESET_OF[kind].settings
    sections = {
        name: {**preset.get(name, {}), **value} if isinstance(value, dict) else value
        for name, value in raw.items()
    }
    return preset | sections | {"market": {**preset["market"], **market, "kind": kind}}


def _result(settings: Settings, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "market": settings.market.kind,
        "network": settings.network.kind,
        "rounds": settings.rounds,
    }
    result["population"] = settings.population
    result["expected_growth"] = found["on"]["runs"][0]["expected"]
    for name, side in found.items():
        result[name] = {key: side[key] for key in ("median", "low", "high")} | {
            "runs": [_run(run) for run in side["runs"]]
        }
    return result


def _run(run: dict[str, Any]) -> dict[str, Any]:
    experiment = run["experiment"]
    facts = {"experiment": str(experiment.uuid), "seed": experiment.seed, "state": experiment.state}
    return facts | {name: run[name] for name in ("ceiling", "share", "champion", COMMITTEE)}


def _table(result: dict[str, Any]) -> str:
    """Lines for people: the ceiling, a row a run, median and range of each side."""
    size = f"{result['population']} agents, {result['rounds']} rounds, {result['network']}"
    expected = result["expected_growth"]
    lines = [
        f"{result['market']}, {size}: the best policy grows by"
        f" {'?' if expected is None else f'{expected:.6f}'} a bar on average"
    ]
    lines.append(
        f"{'learning':<9}{'seed':>6}{'ceiling a bar':>15}"
        f"{'median agent':>14}{'champion':>10}{COMMITTEE:>11}"
    )
    for name in ("on", "off"):
        for run in result[name]["runs"]:
            ceiling = "?" if run["ceiling"] is None else f"{run['ceiling']:.6f}"
            shares = (
                f"{_percent(run['share']):>14}{_percent(run['champion']):>10}"
                f"{_percent(run[COMMITTEE]):>11}"
            )
            lines.append(f"{name:<9}{run['seed']:>6}{ceiling:>15}{shares}")
    for name in ("on", "off"):
        side = {key: _percent(result[name][key]) for key in ("median", "low", "high")}
        lines.append(
            f"share of the ceiling, learning {name}: median {side['median']}, from {side['low']} to"
            f" {side['high']}"
        )
    return "\n".join(lines)


def _percent(value: float | None) -> str:
    return "none" if value is None else f"{value:.1%}"
