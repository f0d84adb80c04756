"""Looks whether this machine can take part in the site, and says what to do where it cannot."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from arena.management.checkup import findings


class Command(BaseCommand):
    """A line a check. Settings that make no sense have stopped it before."""

    help = (
        "Checks database, Redis, clocks, files, disk and versions. Exit code 1 where one is wrong."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        found = list(findings())
        for each in found:
            self.stdout.write(f"{'well' if each.well else 'ILL '}  {each.name}: {each.words}")
        ill = sum(not each.well for each in found)
        if ill:
            raise CommandError(f"{ill} of {len(found)} checks failed", returncode=1)
