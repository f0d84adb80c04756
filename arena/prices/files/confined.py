"""Files of strangers are read in a process of their own, with little memory and little time; back
come a few words and packed bars.

The child inherits no secret: its environment is empty but for what keeps libraries small.
`python -m arena.prices.files.confined` is the child.
"""

import json
import logging
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

from arena.prices.files.errors import FeedError
from arena.prices.files.hours import hours_of
from arena.prices.files.options import Reading, reading_of
from arena.prices.files.packed import pack_bars_file
from arena.prices.files.price_file import description_of, description_of_error, error_of, understand
from arena.prices.market.bars import Bars, sha256_of
from arena.prices.market.calendar import gaps
from arena.prices.market.leaps import leaps_of

ROOT = Path(__file__).resolve().parents[3]
# of address space, with room above the 1 GiB that the longest series allowed takes now and then
MEMORY = 5 << 28
CPU_SECONDS = 60
WALL_SECONDS = 90
# the answer, and the longest one there can be: a few gaps, a few rows, a sentence for each thing
# understood
MOST_ANSWER = 1 << 20
AT_ONCE = 2
NICE = 10
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "ARROW_IO")}
# the pools of other allocators take more address space than they use
ENVIRONMENT = {
    **ONE_THREAD,
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}

log = logging.getLogger(__name__)
_places = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Series:
    """What is known of bars that were packed: hash, count, first and last open time, length (ms),
    gaps, calendar, leaps.
    """

    sha256: str
    bars: int
    first_time: int
    last_time: int
    timeframe_ms: int
    gap_count: int
    missing_bars: int
    calendar: str
    leaps: list[dict[str, Any]]


@dataclass(frozen=True)
class ReadFile:
    """An understood file: `description` as of price_file.description_of, and its bars in
    `packed` (None where they were not asked for).
    """

    description: dict[str, Any]
    series: Series
    packed: IO[bytes] | None


def series_of(bars: Sequence[Bars]) -> Series:
    """What is known of the bars of one or several symbols, all at the same times."""
    one, holes = bars[0], gaps(bars[0])
    missing = sum(missing for _, _, missing in holes)
    stretch = int(one.time[0]), int(one.time[-1]), one.timeframe_ms
    return Series(
        sha256_of(bars), len(one), *stretch, len(holes), missing, hours_of(one), leaps_of(bars)
    )


def read_confined(
    source: BinaryIO, name: str, now_ms: int, said: Reading, *, keep: bool
) -> ReadFile:
    """Understand a file of at most limits.UPLOAD; `keep`: hand its bars over too. Raises
    `FeedError`.

    At most AT_ONCE files are read at a time; who comes later waits.
    """
    asked = json.dumps({"name": name[-300:], "now_ms": now_ms, "said": said.said()})
    with _places, tempfile.TemporaryDirectory() as folder:
        packed = Path(folder) / "bars"
        answer = _ask([asked, str(packed)] if keep else [asked], source, name)
        if not answer["ok"]:
            raise error_of(answer, name)
        # open, it outlives its folder
        return ReadFile(answer, Series(**answer.pop("series")), packed.open("rb") if keep else None)


def _ask(arguments: list[str], source: BinaryIO, name: str) -> dict[str, Any]:
    """The answer of a child; raises `FeedError` where it gives none."""
    with _on_disk(source) as file, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        command = [sys.executable, "-m", "arena.prices.files.confined", *arguments]
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=ENVIRONMENT,
                timeout=WALL_SECONDS,
                check=False,
                stdin=file,
                stdout=out,
                stderr=err,
            )
        except subprocess.TimeoutExpired:
            raise _gave_up(f"it takes longer than {WALL_SECONDS} seconds", name) from None
        return _answer(done.returncode, out, err, name)


def _on_disk(source: BinaryIO) -> IO[bytes]:
    """A copy of `source` that another process can read from its beginning."""
    file = tempfile.TemporaryFile()  # noqa: SIM115, the caller closes it
    source.seek(0)
    shutil.copyfileobj(source, file)
    file.seek(0)
    return file


def _answer(code: int, out: IO[bytes], err: IO[bytes], name: str) -> dict[str, Any]:
    out.seek(0)
    try:
        return dict(json.loads(out.read(MOST_ANSWER)))
    except ValueError:
        err.seek(max(0, err.seek(0, os.SEEK_END) - 2000))
        log.warning(
            "the reader of a file ended with %s: %s", code, err.read().decode(errors="replace")
        )
        raise _gave_up("its reader ended without an answer", name) from None


def _gave_up(why: str, name: str) -> FeedError:
    return FeedError(f"cannot be read: {why}; cut it, or use longer bars", name=name)


def main() -> None:
    """The child: reads standard input, answers one JSON object, writes packed bars to the path it
    was given.
    """
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MEMORY),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    # pages are answered first
    os.nice(NICE)
    asked, *place = sys.argv[1:]
    json.dump(
        answer_to(json.loads(asked), sys.stdin.buffer, *map(Path, place)),
        sys.stdout,
        allow_nan=False,
    )


def answer_to(asked: dict[str, Any], source: BinaryIO, place: Path | None = None) -> dict[str, Any]:
    """What the child answers: description_of and its series, or description_of_error; packed bars
    go to `place`.
    """
    try:
        file = understand(source, asked["name"], asked["now_ms"], reading_of(asked["said"]))
        answer = description_of(file) | {"series": vars(series_of([file.bars]))}
        if place:
            pack_bars_file(place, [file.bars])
        return answer
    except FeedError as error:
        return description_of_error(error) | {"text": error.text}
    except MemoryError:
        text = "reading it takes more memory than a file may; cut it, or use longer bars"
        return description_of_error(FeedError(text, name=asked["name"])) | {"text": text}


if __name__ == "__main__":
    main()
