"""Takes back a user's second factor, for a user who lost phone and recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from arena.services.people.second_factor import factor_remove


class Command(BaseCommand):
    requires_system_checks = []
    help = (
        "Take back the second factor of a user, whose password then gets in alone: second_factor"
        " USER."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="name of the user")

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"there is no user {options['user']!r:.60}", returncode=2)
        self.stdout.write("It was taken back." if factor_remove(user=user) else "There was none.")
