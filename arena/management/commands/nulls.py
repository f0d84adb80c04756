"""Runs a finished experiment again on copies of its market without structure, and says where its
champion falls among theirs.
"""

import json
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arena.engine.judging.evidence.chance import least_p
from arena.errors import WrongState
from arena.management.named import BAD_INPUT, experiment_named
from arena.selectors.evidence.nulls import null_worlds
from arena.selectors.words import percent
from arena.services.evidence.nulls import nulls_ask
from arena.services.headless.runner import nulls_run


class Command(BaseCommand):
    # pages and addresses are none of its business
    requires_system_checks = []
    help = (
        "Is the champion more than search finds in noise? nulls EXPERIMENT [--count 20] [--block 1]"
        " [--json]."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("experiment", help="id, uuid or name of a finished experiment")
        parser.add_argument(
            "--count",
            type=int,
            default=20,
            help="null worlds to add (20); 0 works off what was asked for before",
        )
        parser.add_argument(
            "--block",
            type=int,
            default=1,
            help="bars that stay together when the market is shuffled (1: no structure is left)",
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="print the result as one JSON object in the last line",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        experiment = experiment_named(options["experiment"])
        try:
            if options["count"]:
                nulls_ask(
                    experiment=experiment, count=options["count"], block_bars=options["block"]
                )
            nulls_run(experiment=experiment, tell=self._tell)
        except WrongState as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from None
        except KeyboardInterrupt:
            raise CommandError(
                "interrupted; what was done stays, and --count 0 goes on with the rest"
            ) from None
        result = null_worlds(experiment=experiment)
        if result is None:
            raise CommandError("no null worlds were asked for; give --count", returncode=BAD_INPUT)
        self.stdout.write(
            json.dumps(result, allow_nan=False) if options["json"] else _table(result)
        )

    def _tell(self, text: str) -> None:
        self.stderr.write(text)
        self.stderr.flush()


def _table(result: dict[str, Any]) -> str:
    """Lines for people."""
    lines = [
        f"{result['done']} null worlds; equity of the champion over buy and hold's on the same"
        " bars, less 1"
    ]
    for name in ("competition", "vault"):
        found = result[name]
        if found is None:
            lines.append(f"{name:<12} not judged")
            continue
        null = found["null"]
        where = f"rank {found['rank']} of {len(null) + 1}, p = {found['p']:.3f}"
        real, least, most = (
            percent(value, 2, True) for value in (found["real"], null[0], null[-1])
        )
        lines.append(f"{name:<12} here {real}, null worlds {least} to {most}: {where}")
    lines.append(
        f"The smallest p that {result['done']} null worlds can give is"
        f" {least_p(result['done']):.3f}."
    )
    return "\n".join(lines)
