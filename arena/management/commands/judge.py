"""Judges an experiment that has ended and was not judged, in this process; tries again what could
not be done before.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arena.errors import WrongState
from arena.management.named import BAD_INPUT, experiment_named
from arena.models import JudgementState
from arena.services.headless.runner import judgement_here


class Command(BaseCommand):
    # pages and addresses are none of its business
    requires_system_checks = []
    help = (
        "Judge an experiment that has ended, again where it could not be judged before: judge"
        " EXPERIMENT (id, uuid or name)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("experiment", help="id, uuid or name of an experiment that has ended")

    def handle(self, *args: Any, **options: Any) -> None:
        experiment = experiment_named(options["experiment"])
        try:
            row = judgement_here(experiment=experiment)
        except WrongState as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from None
        if row.state != JudgementState.DONE:
            raise CommandError(f"{experiment.name} could not be judged: {row.reason}")
        self.stdout.write(
            f"{experiment.name} ({experiment.uuid}) is judged as of round {row.after_round}"
        )
