"""Copies the site into a folder, while it runs; the copy is checked as a site of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from arena.services.removal.backup import NoBackup, backup_make


class Command(BaseCommand):
    """Bringing it back: end the site, and start it with VAR_DIR set to a copy of the folder."""

    help = "Copies database, stored files and key into a folder that a site can be started from."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="an empty folder, or one to be made")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"].absolute()
        try:
            size = backup_make(folder=folder)
        except NoBackup as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"{folder} has {size:,} bytes. Seen as a site of its own:")
        self.stdout.write(looked_at(folder), ending="")
        self.stdout.write(f"To bring it back: VAR_DIR={folder} make run, best from a copy.")


def looked_at(folder: Path) -> str:
    """What `tidy` says of the copy; CommandError where it cannot be read."""
    done = subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "tidy"],
        env=os.environ | {"VAR_DIR": str(folder), "DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"The copy cannot be read:\n{done.stderr}")
    return done.stdout
