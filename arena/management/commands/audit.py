"""Checks every law of the rulebook on an experiment's stored rows and files."""

from argparse import ArgumentParser
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arena.management.named import experiment_named
from arena.models import Experiment
from arena.services.audit.run import CHECKS, experiment_audit
from arena.services.sizes import bytes_per_agent, bytes_per_round, experiment_sizes

MOST_SHOWN = 100


class Command(BaseCommand):
    # pages and addresses are none of its business
    requires_system_checks = []
    help = "Check every invariant of an experiment: audit EXPERIMENT (id, uuid or name). Exit code 1 and the row where one fails."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("experiment", help="id, uuid or name")
        parser.add_argument("--sizes", action="store_true", help="print what it takes of disk and memory instead")

    def handle(self, *args: Any, **options: Any) -> None:
        experiment = experiment_named(options["experiment"])
        if options["sizes"]:
            self._tell_sizes(experiment)
            return
        problems = list(islice(experiment_audit(experiment=experiment), MOST_SHOWN + 1))
        for check, text in problems[:MOST_SHOWN]:
            self.stdout.write(f"{check}: {text}")
        if len(problems) > MOST_SHOWN:
            self.stdout.write(f"… more than {MOST_SHOWN} rows are wrong")
        if problems:
            raise CommandError(f"{experiment.name} ({experiment.uuid}) breaks the rules", returncode=1)
        self.stdout.write(f"{experiment.name} ({experiment.uuid}): {len(CHECKS)} checks, {experiment.rounds_done} rounds, all sound")

    def _tell_sizes(self, experiment: Experiment) -> None:
        sizes = experiment_sizes(experiment=experiment)
        for size in sizes:
            self.stdout.write(f"{size.what:36}{size.bytes:>16,} bytes in {size.count:,}")
        rounded = bytes_per_round(experiment=experiment, sizes=sizes)
        self.stdout.write(f"every round leaves {rounded:,.0f} bytes for good, {rounded / experiment.population:,.0f} an agent")
        self.stdout.write(f"an agent takes {bytes_per_agent(experiment=experiment):,} bytes of memory while it plays")
