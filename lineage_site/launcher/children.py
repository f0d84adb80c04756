"""A child process: started in a session of its own, restarted when it dies, ended within
seconds.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections import deque
from pathlib import Path

from lineage_site import logs, process

RESTARTS = 5
WITHIN = 60.0


def _tied() -> None:
    process.die_with_parent(signal.SIGTERM)


class Child:
    """One process of the house. Times are seconds of the monotonic clock."""

    def __init__(self, name: str, command: list[str], *, env: dict[str, str], log: Path | None):
        self.name = name
        self.command = command
        self.env = env
        self.log = log
        self.deaths: deque[float] = deque(maxlen=RESTARTS)
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Its own session keeps Ctrl-C from reaching it before us; no standard input; output to its
        log, or to ours.
        """
        output = logs.open_log(self.log) if self.log else None
        try:
            self.process = subprocess.Popen(
                self.command,
                env=self.env | ({"LOG_FILE": str(self.log)} if self.log else {}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
                # safe: the launcher has one thread, and _tied calls nothing that allocates
                preexec_fn=_tied,  # noqa: PLW1509
            )
        finally:
            if output is not None:
                os.close(output)

    def turn_log_over(self) -> None:
        """Makes room where its log has grown too large, while it writes."""
        if self.log:
            logs.turn_over(self.log)

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self.process.poll() if self.process else None

    def died(self) -> None:
        """Notes a death that was not asked for, and sweeps what the dead one left running."""
        self.kill_group()
        self.deaths.append(time.monotonic())

    def hopeless(self) -> bool:
        """Whether it died RESTARTS times within WITHIN seconds."""
        return len(self.deaths) == RESTARTS and self.deaths[-1] - self.deaths[0] < WITHIN

    def restart_at(self) -> float:
        """Half a second after the last death, and twice as long after each further one close to
        it.
        """
        recent = sum(self.deaths[-1] - death < WITHIN for death in self.deaths)
        return self.deaths[-1] + 0.25 * 2**recent

    def ask_to_end(self) -> None:
        """SIGTERM to the leader only: it knows how to end its own children."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def end(self, until: float) -> None:
        """Waits for the leader until that time, then kills whatever is left of its session."""
        if self.process is None:
            return
        try:
            self.process.wait(max(until - time.monotonic(), 0.01))
        except subprocess.TimeoutExpired:
            self.kill_group()
            self.process.wait()
        self.kill_group()

    def kill_group(self) -> None:
        """Kills every process of its session that is still there."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def last_lines(self, count: int = 8) -> str:
        """The end of its log, for a message to a person."""
        text = self.log.read_text(errors="replace") if self.log and self.log.exists() else ""
        return "\n".join(text.splitlines()[-count:])
