"""Checks every law of the rulebook on an experiment's stored rows and files, and plays it again
where that is asked for.
"""

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arena.management.named import experiment_named
from arena.models import Experiment
from arena.selectors.machine.sizes import bytes_per_agent, bytes_per_round, experiment_sizes
from arena.services.audit.replay import PLAYED, replay
from arena.services.audit.run import CHECKS, experiment_audit, problems_of
from arena.services.audit.subject import Subject

MOST_SHOWN = 100


class Command(BaseCommand):
    # pages and addresses are none of its business
    requires_system_checks = []
    help = (
        "Check every invariant of an experiment: audit EXPERIMENT (id, uuid or name) [--replay]."
        " Exit code 1 and the row where one fails."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("experiment", help="id, uuid or name")
        parser.add_argument(
            "--replay",
            action="store_true",
            help="play it again from its seed, which takes as long as it did",
        )
        parser.add_argument(
            "--sizes", action="store_true", help="print what it takes of disk and memory instead"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        experiment = experiment_named(options["experiment"])
        if options["sizes"]:
            self._tell_sizes(experiment)
            return
        started = time.monotonic()
        try:
            subject = Subject(experiment)
        except ValueError as error:
            raise CommandError(
                f"{experiment}: its settings cannot be read: {error}", returncode=1
            ) from None
        problems = list(islice(self._problems(subject, options["replay"]), MOST_SHOWN + 1))
        for check, text in problems[:MOST_SHOWN]:
            self.stdout.write(f"{check}: {text}")
        if len(problems) > MOST_SHOWN:
            self.stdout.write(f"… more than {MOST_SHOWN} rows are wrong")
        self._tell_left_out(subject)
        if problems:
            raise CommandError(
                f"{experiment.name} ({experiment.uuid}) breaks the rules", returncode=1
            )
        again = " and played again" if options["replay"] and PLAYED not in subject.left_out else ""
        seconds = time.monotonic() - started
        summary = (
            f"{len(CHECKS)} checks, {experiment.rounds_done} rounds, all sound{again}"
            f" ({seconds:.1f} s)"
        )
        self.stdout.write(f"{experiment.name} ({experiment.uuid}): {summary}")

    def _problems(self, subject: Subject, again: bool) -> Iterator[tuple[str, str]]:
        yield from experiment_audit(experiment=subject.experiment, subject=subject)
        if again:
            yield from problems_of("replay", replay(subject, self._tell))

    def _tell(self, text: str) -> None:
        self.stderr.write(text)
        self.stderr.flush()

    def _tell_left_out(self, subject: Subject) -> None:
        """What was stored by older rules and cannot be checked."""
        for what, rounds in subject.left_out.items():
            where = f" (rounds {rounds[0]} to {rounds[-1]})" if rounds else ""
            self.stdout.write(f"not checked: {what}{where}")

    def _tell_sizes(self, experiment: Experiment) -> None:
        sizes = experiment_sizes(experiment=experiment)
        for size in sizes:
            self.stdout.write(f"{size.what:36}{size.bytes:>16,} bytes in {size.count:,}")
        rounded = bytes_per_round(experiment=experiment, sizes=sizes)
        self.stdout.write(
            f"every round leaves {rounded:,.0f} bytes for good,"
            f" {rounded / experiment.population:,.0f} an agent"
        )
        self.stdout.write(
            f"an agent takes {bytes_per_agent(experiment=experiment):,} bytes of memory while it"
            " plays"
        )
