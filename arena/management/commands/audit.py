"""Checks every law of the rulebook on an experiment's stored rows and files."""

import uuid
from argparse import ArgumentParser
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arena.models import Experiment
from arena.services.audit.run import CHECKS, experiment_audit

BAD_INPUT = 2
MOST_SHOWN = 100


class Command(BaseCommand):
    # pages and addresses are none of its business
    requires_system_checks = []
    help = "Check every invariant of an experiment: audit EXPERIMENT (id, uuid or name). Exit code 1 and the row where one fails."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("experiment", help="id, uuid or name")

    def handle(self, *args: Any, **options: Any) -> None:
        experiment = _find(options["experiment"])
        problems = list(islice(experiment_audit(experiment=experiment), MOST_SHOWN + 1))
        for check, text in problems[:MOST_SHOWN]:
            self.stdout.write(f"{check}: {text}")
        if len(problems) > MOST_SHOWN:
            self.stdout.write(f"… more than {MOST_SHOWN} rows are wrong")
        if problems:
            raise CommandError(f"{experiment.name} ({experiment.uuid}) breaks the rules", returncode=1)
        self.stdout.write(f"{experiment.name} ({experiment.uuid}): {len(CHECKS)} checks, {experiment.rounds_done} rounds, all sound")


def _find(text: str) -> Experiment:
    """The experiment with that id, uuid or name; the newest of one name would be a guess, so two are refused."""
    rows = Experiment.objects.select_related("market")
    if text.isdecimal() and rows.filter(pk=int(text)).exists():
        return rows.get(pk=int(text))
    try:
        found = list(rows.filter(uuid=uuid.UUID(text)))
    except ValueError:
        found = list(rows.filter(name=text))
    if len(found) != 1:
        known = f"{len(found)} experiments have that name; give the uuid of one" if found else "there is no such experiment"
        raise CommandError(f"{text!r}: {known}", returncode=BAD_INPUT)
    return found[0]
