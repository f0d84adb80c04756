"""Makes a token for the API and prints it, once."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from arena.services.tokens import token_create


class Command(BaseCommand):
    requires_system_checks = []
    help = "Make a token for the API: token USER [--name NAME]. It is printed once and kept as a hash."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="name of the user it speaks for")
        parser.add_argument("--name", default="command line", help="what it is for")

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"there is no active user {options['user']!r:.60}", returncode=2)
        self.stdout.write(token_create(user=user, name=options["name"])[1])
