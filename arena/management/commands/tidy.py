"""Says which stored files no row points to and which files rows miss; with --apply it removes the
former.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from arena.services.removal.tidying import miscounts, miscounts_mend, missing, strays, strays_remove

SHOWN = 20


class Command(BaseCommand):
    """What is younger than an hour is left alone: its row may be about to be written."""

    help = (
        "Compares the storage with the database: files without rows, rows without files, counts"
        " that are off."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--apply", action="store_true", help="remove files without rows, and correct counts"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found, lost, off = list(strays()), list(missing()), list(miscounts())
        self._list(
            f"{len(found)} files without rows, {sum(each.size for each in found):,} bytes",
            [each.name for each in found],
        )
        self._list(f"{len(lost)} rows without files", lost)
        counts = [
            f"{each.row.name}: {each.row.stored_bytes:,} bytes counted, {each.right:,} stored"
            for each in off
        ]
        self._list(f"{len(off)} counts of the disk that are off", counts)
        if options["apply"]:
            freed = strays_remove(found=found)
            miscounts_mend(found=off)
            self.stdout.write(
                f"Removed {freed:,} bytes, corrected {len(off)} counts; rows without files are left"
                " as they are."
            )
        elif found or off:
            self.stdout.write(
                "Nothing was changed; --apply removes the files and corrects the counts."
            )

    def _list(self, title: str, lines: list[str]) -> None:
        self.stdout.write(f"{title}{':' if lines else '.'}")
        for line in lines[:SHOWN]:
            self.stdout.write(f"  {line}")
        if len(lines) > SHOWN:
            self.stdout.write(f"  and {len(lines) - SHOWN} more")
