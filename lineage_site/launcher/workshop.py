"""`make dev`: a house whose processes start again as soon as a source file changes."""

import signal
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from lineage_site.launcher.children import Child
from lineage_site.launcher.house import STOP_SECONDS, House

# what a person may set otherwise
SETTINGS = {"DEBUG": "1", "WORKERS": "1"}
FOLDERS = ("lineage_site", "arena", "agents", "ml", "templates")
# the suffix of a source file, and how the names of the children begin that have read it
READERS = {".py": ("web", "worker", "timer"), ".html": ("web",)}
LOOK_SECONDS = 1.0


class Sources:
    """The source files below some folders, and when each was changed."""

    def __init__(self, folders: Iterable[Path]):
        self.folders = list(folders)
        self.known = self._times()

    def changed(self) -> set[Path]:
        """Files that were changed, added or removed since the last call."""
        before, self.known = self.known, self._times()
        return {path for path, _ in before.items() ^ self.known.items()}

    def _times(self) -> dict[Path, int]:
        found = {}
        for path in (path for folder in self.folders for path in folder.rglob("*.*")):
            if path.suffix in READERS:
                try:
                    found[path] = path.stat().st_mtime_ns
                except FileNotFoundError:
                    # an editor puts a new file in its place
                    continue
        return found


class Workshop(House):
    """Its children write to the terminal. One that dies waits for a change instead of starting
    again at once, because the next start would fail as well.

    forget: variables of the environment that follow from the sources, so that each start finds
    them anew.
    """

    def __init__(self, stop: threading.Event, sources: Sources, forget: Iterable[str] = ()):
        super().__init__(stop)
        self.sources = sources
        self.forget = frozenset(forget)
        self.look_at = 0.0
        self.broken: set[str] = set()

    def start(self, child: Child) -> None:
        """As in any house, but for the log. Redis runs none of our code and stays as it is."""
        if child.name != "redis":
            child.log = None
            child.env = {key: child.env[key] for key in child.env.keys() - self.forget}
        super().start(child)

    def look_after(self) -> None:
        """Starts again what has read a file that changed."""
        if time.monotonic() >= self.look_at:
            if changed := self.sources.changed():
                self.renew(changed)
            self.look_at = time.monotonic() + LOOK_SECONDS
        super().look_after()

    def renew(self, changed: set[Path]) -> None:
        """Ends the readers of these files, and starts them again."""
        readers = tuple({name for path in changed for name in READERS[path.suffix]})
        children = [child for child in self.children if child.name.startswith(readers)]
        names = ", ".join(child.name for child in children)
        sys.stderr.write(f"{min(changed).name} changed; starting again: {names}\n")
        for child in children:
            child.ask_to_end()
        until = time.monotonic() + STOP_SECONDS
        for child in children:
            child.end(until)
            child.start()
            self.broken.discard(child.name)

    def lost(self, child: Child, code: int) -> None:
        """Says once that it ended, and lets it lie; one that was killed did not end by its
        sources.
        """
        if child.name == "redis" or code == -signal.SIGKILL:
            super().lost(child, code)
        elif child.name not in self.broken:
            child.kill_group()
            self.broken.add(child.name)
            sys.stderr.write(
                f"{child.name} ended with code {code}; it starts again when a source file"
                " changes.\n"
            )
