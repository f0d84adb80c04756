"""Makes everything ready that lives longer than a process: rows, static files, kernels, the first
login, the demo.
"""

import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from arena.models import Experiment


class Command(BaseCommand):
    """What `make run` does before it starts the servers. Harmless to repeat."""

    help = (
        "Migrates the database, collects static files, compiles the engine; on first start also an"
        " admin and a demo."
    )

    def handle(self, *_: object, **__: object) -> None:
        """One line for each thing a person should know."""
        self._migrate()
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("warm")
        if not get_user_model().objects.exists():
            self._first_admin()
        if settings.DEMO and not Experiment.objects.exists():
            call_command("demo")

    def _migrate(self) -> None:
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except DatabaseError as problem:
            place = connection.settings_dict["HOST"] or connection.settings_dict["NAME"]
            raise CommandError(
                f"The database at {place} cannot be used: {str(problem).splitlines()[0]}",
                returncode=2,
            ) from None

    def _first_admin(self) -> None:
        password = secrets.token_urlsafe(12)
        get_user_model().objects.create_superuser("admin", password=password)
        self.stdout.write(
            f"First login: admin, password {password}   (shown this once; change it with: manage.py"
            " changepassword admin)"
        )
