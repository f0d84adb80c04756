"""Makes everything ready that lives longer than a process: rows, static files, kernels, the first
login, the demo.
"""

import secrets
import time
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from arena.models import Experiment
from arena.services.records.same_files import OtherFiles, same_files_check

# what each part of the site needs before it starts; "all" is all of them on one machine
STEPS = {
    "all": ("migrate", "files", "static", "kernels", "people"),
    "migrate": ("migrate", "files", "people"),
    "web": ("migrated", "files", "static", "kernels"),
    "worker": ("migrated", "files", "kernels"),
    "timer": ("migrated", "files"),
}
# for which the parts wait for the database and for what changes its tables
PATIENCE_SECONDS, NAP_SECONDS = 120.0, 1.0


class Command(BaseCommand):
    """What the launcher does before it starts the servers. Harmless to repeat."""

    help = (
        "Migrates the database, collects static files, compiles the engine; on first start also an"
        " admin and a demo."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--part", choices=STEPS, default="all", help="what only one part needs")

    def handle(self, *_: Any, **options: Any) -> None:
        """One line for each thing a person should know."""
        for step in STEPS[options["part"]]:
            getattr(self, f"_{step}")()

    def _migrate(self) -> None:
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except DatabaseError as problem:
            raise _away(problem) from None

    def _migrated(self) -> None:
        """Waits until the tables are as this version wants them."""
        until, told = time.monotonic() + PATIENCE_SECONDS, False
        while problem := _not_migrated():
            if time.monotonic() > until:
                raise problem
            if not told:
                self.stdout.write(f"Waiting: {problem}")
                self.stdout.flush()
            told = True
            time.sleep(NAP_SECONDS)

    def _files(self) -> None:
        try:
            same_files_check()
        except OtherFiles as problem:
            raise CommandError(str(problem), returncode=2) from None

    def _static(self) -> None:
        call_command("collectstatic", interactive=False, verbosity=0)

    def _kernels(self) -> None:
        call_command("warm")

    def _people(self) -> None:
        if not get_user_model().objects.exists():
            self._first_admin()
        if settings.DEMO and not Experiment.objects.exists():
            call_command("demo")

    def _first_admin(self) -> None:
        password = secrets.token_urlsafe(12)
        get_user_model().objects.create_superuser("admin", password=password)
        self.stdout.write(
            f"First login: admin, password {password}   (shown this once; change it with: manage.py"
            " changepassword admin)"
        )


def _not_migrated() -> CommandError | None:
    """Why work cannot begin yet."""
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as problem:
        connection.close()
        return _away(problem)
    text = "The database is not migrated; run the part that does: migrate"
    return CommandError(text, returncode=2) if plan else None


def _away(problem: DatabaseError) -> CommandError:
    place = connection.settings_dict["HOST"] or connection.settings_dict["NAME"]
    text = f"The database at {place} cannot be used: {str(problem).splitlines()[0]}"
    return CommandError(text, returncode=2)
