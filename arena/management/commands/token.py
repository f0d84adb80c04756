"""Makes a token for the API and prints it, once."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from arena.people.actions import Action, Scope
from arena.people.may import may
from arena.services.people.tokens import DAYS, MOST_DAYS, TokenRefused, token_create


class Command(BaseCommand):
    requires_system_checks = []
    help = (
        "Make a token for the API: token USER [--name NAME] [--scope SCOPE] [--days N]. It is"
        " printed once and kept as a hash."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="name of the user it speaks for")
        parser.add_argument("--name", default="command line", help="what it is for")
        words = (
            "what it is good for besides reading; given again for more, all where it is left out"
        )
        parser.add_argument(
            "--scope", action="append", choices=[scope.value for scope in Scope], help=words
        )
        parser.add_argument(
            "--days", type=int, default=DAYS, help=f"when it ends, 1 to {MOST_DAYS}"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["user"], is_active=True).first()
        if user is None or not may(user, Action.TOKEN_MAKE):
            raise CommandError(f"there is no active user {options['user']!r:.60}", returncode=2)
        if not 1 <= options["days"] <= MOST_DAYS:
            raise CommandError(
                f"--days {options['days']} is not within 1 to {MOST_DAYS}", returncode=2
            )
        scopes = [Scope(name) for name in options["scope"] or Scope]
        try:
            self.stdout.write(
                token_create(user=user, name=options["name"], scopes=scopes, days=options["days"])[
                    1
                ]
            )
        except TokenRefused as error:
            raise CommandError(str(error), returncode=2) from None
